"""`manage.py organize SOURCE OUT`"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any, get_args

from django.core.management import CommandError

from dogbreed.commands import DogbreedCommand
from trainer.console import progress_bar
from trainer.photos.combine import organize_sources
from trainer.photos.manifest import MANIFEST_FILE
from trainer.photos.organize import Link, Organized, organize
from trainer.photos.splits import parse_split

DEFAULT_SPLIT = "75/25"


class Command(DogbreedCommand):
    help = (
        "Splits labelled photos into parts with one folder per breed, and keeps near-duplicates in one part. Reads "
        "Kaggle's Dog Breed Identification, one folder per breed, or train/, valid/ and test/, whose split is kept. "
        "A .toml file lists several such folders, which are combined."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", type=Path, help="folder of labelled photos, or a .toml file that lists several")
        parser.add_argument("out", type=Path, help="folder to make")
        parser.add_argument(
            "--split",
            help="shares of each breed: 75/25 (train, test; the default), 70/20/10 (train, valid, test), or with "
            "names: train=60,valid=20,test=20",
        )
        parser.add_argument("--seed", type=int, default=0, help="seed of the split (default: 0)")
        parser.add_argument(
            "--link", choices=get_args(Link), default="hard", help="link or copy the photos (default: hard links)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        out: Path = options["out"]
        organized = self._organize(options)
        self._report(organized)
        counts = ", ".join(f"{count} {part}" for part, count in organized.counts.items())
        self.stdout.write(f"{organized.breeds} breeds: {counts} photos. Manifest: {out / MANIFEST_FILE}")

    def _organize(self, options: dict[str, Any]) -> Organized:
        source, out, split, seed, link = (options[name] for name in ("source", "out", "split", "seed", "link"))
        if source.suffix != ".toml" or source.is_dir():
            return organize(source, out, parse_split(split or DEFAULT_SPLIT), seed, link, progress_bar)
        if split:
            raise CommandError(f"Remove --split: {source} says how its sources are split.")
        return organize_sources(source, out, seed, link, progress_bar)

    def _report(self, organized: Organized) -> None:
        for reason, names in organized.left_out.items():
            if names:
                self.stderr.write(f"Left out, {reason}: {len(names)} ({_some(names)})")
        if organized.groups:
            self.stdout.write(
                f"{organized.groups} groups of near-duplicates. {organized.crossing} of them were split between parts, "
                f"so {organized.moved} photos changed parts."
            )
        if organized.untested:
            self.stderr.write(f"Breeds with photos in the train part only: {_some(organized.untested)}")


def _some(names: list[str]) -> str:
    return ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
