"""`manage.py organize KAGGLE_DIR OUT`"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from trainer.console import progress_bar
from trainer.organize import OrganizeError, organize
from trainer.photos import MANIFEST_FILE


class Command(BaseCommand):
    help = "Splits Kaggle's Dog Breed Identification photos into train and test, one folder a breed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kaggle_dir", type=Path, help="folder with labels.csv and train/")
        parser.add_argument("out", type=Path, help="folder to make")
        parser.add_argument("--test-fraction", type=float, default=0.25, help="share of each breed kept for the test")
        parser.add_argument("--seed", type=int, default=0, help="another seed, another split")

    def handle(self, *args: Any, **options: Any) -> None:
        out: Path = options["out"]
        try:
            with progress_bar("Reading photos") as progress:
                organized = organize(options["kaggle_dir"], out, options["test_fraction"], options["seed"], progress)
        except (OrganizeError, FileExistsError) as error:
            raise CommandError(str(error)) from error
        for reason, names in organized.left_out.items():
            if names:
                more = f" and {len(names) - 10} more" if len(names) > 10 else ""
                self.stderr.write(f"Left out, {reason}: {len(names)} ({', '.join(names[:10])}{more})")
        counts = ", ".join(f"{count} {split}" for split, count in sorted(organized.counts.items(), reverse=True))
        self.stdout.write(f"{organized.breeds} breeds: {counts} photos. Manifest: {out / MANIFEST_FILE}")
