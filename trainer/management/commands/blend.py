"""`manage.py blend BUNDLE OUT --data DATA --share 0.3`"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dogbreed.bundle import BundleError, read_bundle
from trainer.blending import blend_bundle
from trainer.photos import PhotosError
from trainer.weights import WeightsError, read_weights


class Command(BaseCommand):
    help = "Averages a bundle's weights with those its training began with: less is forgotten of other kinds of photos."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("bundle", type=Path)
        parser.add_argument("out", type=Path, help="bundle folder to make")
        parser.add_argument("--data", type=Path, required=True, help="the organized photos that it was trained on")
        parser.add_argument("--weights", default="imagenet", help="imagenet (downloaded), or a file")
        parser.add_argument("--share", type=float, default=0.3, help="of the starting weights (default: 0.3)")

    def handle(self, *args: Any, **options: Any) -> None:
        share = options["share"]
        if not 0 < share < 1:
            raise CommandError(f"Expected a share between 0 and 1, such as 0.3; got {share}.")
        try:
            bundle = read_bundle(options["bundle"])
            weights = options["weights"]
            start = read_weights("imagenet" if weights == "imagenet" else Path(weights), bundle.config.architecture)
            assert start is not None  # only "none" gives nothing
            blended = blend_bundle(bundle, start, share, options["data"], options["out"])
        except (BundleError, WeightsError, PhotosError, FileExistsError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Temperature: {blended.config.calibration.temperature}. Not measured yet: `evaluate` does.")
        self.stdout.write(f"Bundle: {blended.path}")
