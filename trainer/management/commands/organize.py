"""`manage.py organize SOURCE OUT`"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any, get_args

from django.core.management.base import BaseCommand, CommandError

from trainer.console import progress_bar
from trainer.photos.organize import Link, Organized, OrganizeError, organize
from trainer.photos.parts import MANIFEST_FILE
from trainer.photos.splits import SplitError, parse_split


class Command(BaseCommand):
    help = (
        "Splits labelled photos into parts, one folder a breed, with near-duplicates always in one part. Reads "
        "Kaggle's Dog Breed Identification, one folder a breed, or train/, valid/ and test/, which stay as they are."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", type=Path, help="folder of labelled photos")
        parser.add_argument("out", type=Path, help="folder to make")
        parser.add_argument(
            "--split",
            default="75/25",
            help="of each breed: 75/25 (train, test; the default), 70/20/10 (train, valid, test), or names: "
            "train=60,valid=20,test=20",
        )
        parser.add_argument("--seed", type=int, default=0, help="another seed, another split")
        parser.add_argument(
            "--link", choices=get_args(Link), default="hard", help="how photos get there (default: hard links)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        out: Path = options["out"]
        try:
            split = parse_split(options["split"])
            with progress_bar("Reading photos") as progress:
                organized = organize(options["source"], out, split, options["seed"], options["link"], progress)
        except (OrganizeError, SplitError, FileExistsError) as error:
            raise CommandError(str(error)) from error
        self._report(organized)
        counts = ", ".join(f"{count} {part}" for part, count in organized.counts.items())
        self.stdout.write(f"{organized.breeds} breeds: {counts} photos. Manifest: {out / MANIFEST_FILE}")

    def _report(self, organized: Organized) -> None:
        for reason, names in organized.left_out.items():
            if names:
                self.stderr.write(f"Left out, {reason}: {len(names)} ({_some(names)})")
        if organized.groups:
            self.stdout.write(
                f"{organized.groups} groups of near-duplicates, of which {organized.crossing} would have lain in "
                f"several parts, so {organized.moved} photos changed parts."
            )
        if organized.untested:
            self.stderr.write(f"Breeds with photos to train on alone: {_some(organized.untested)}")


def _some(names: list[str]) -> str:
    return ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
