"""`manage.py join BUNDLE BUNDLE… OUT --data DATA`"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from dogbreed.commands import DogbreedCommand
from dogbreed.errors import AlreadyExistsError
from dogbreed.model.bundle import read_bundle
from trainer.bundles.join import join_bundles
from trainer.calibration.described import described
from trainer.console import progress_bar


class Command(DogbreedCommand):
    help = (
        "Joins bundles of different networks for the same breeds into one bundle that answers with the mean of their "
        "logits. It is more accurate than each of them, and as slow as all of them together."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("bundles", type=Path, nargs="+", metavar="BUNDLE")
        parser.add_argument("out", type=Path, metavar="OUT", help="bundle folder to make")
        parser.add_argument("--data", type=Path, required=True, help="the organized photos that they were trained on")
        parser.add_argument(
            "--shares", type=float, nargs="+", metavar="SHARE", help="weight of each bundle (default: equal)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        paths, out = options["bundles"], options["out"]
        shares = options["shares"] or [1.0] * len(paths)
        if len(paths) < 2:
            raise CommandError(
                "Name at least two bundles, and then the bundle folder to make: join BUNDLE BUNDLE… OUT."
            )
        if len(shares) != len(paths) or min(shares) <= 0:
            raise CommandError(f"--shares must be {len(paths)} positive numbers, one for each bundle.")
        if out.exists():
            raise AlreadyExistsError(f"{out} exists already and is not overwritten. Name another folder.")
        joined = join_bundles([read_bundle(path) for path in paths], shares, options["data"], out, progress_bar)
        for line in described(joined.config.calibration):
            self.stdout.write(line)
        self.stdout.write("The new bundle is not measured yet: run manage.py evaluate.")
        self.stdout.write(f"Bundle: {joined.path}")
