"""`manage.py blend OUT BUNDLE… --data DATA --share 0.2`"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dogbreed.model.bundle import BundleError, read_bundle
from trainer.bundles.blend import blend_bundles
from trainer.calibration.calibrate import described
from trainer.networks.weights import Pretrained, WeightsError, read_weights
from trainer.photos.folders import PhotosError


class Command(BaseCommand):
    help = (
        "Averages the weights of bundles of the same network, and of what their training began with: steadier, and "
        "less is forgotten of other kinds of photos."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("out", type=Path, help="bundle folder to make")
        parser.add_argument("bundles", type=Path, nargs="+", metavar="bundle")
        parser.add_argument("--data", type=Path, required=True, help="the organized photos that they were trained on")
        parser.add_argument(
            "--weights", default="imagenet", help="what they began with: imagenet (downloaded), or a file"
        )
        parser.add_argument("--share", type=float, default=0.2, help="of those, 0 for none (default: 0.2)")

    def handle(self, *args: Any, **options: Any) -> None:
        share = options["share"]
        if not 0 <= share < 1:
            raise CommandError(f"Expected a share from 0 to below 1, such as 0.2; got {share}.")
        try:
            bundles = [read_bundle(path) for path in options["bundles"]]
            start = _starting_weights(options["weights"], bundles[0].config.architecture) if share else None
            blended = blend_bundles(bundles, start, share, options["data"], options["out"])
        except (BundleError, WeightsError, PhotosError, FileExistsError) as error:
            raise CommandError(str(error)) from error
        for line in described(blended.config.calibration):
            self.stdout.write(line)
        self.stdout.write("Not measured yet: `evaluate` does.")
        self.stdout.write(f"Bundle: {blended.path}")


def _starting_weights(text: str, architecture: str) -> Pretrained | None:
    return read_weights("imagenet" if text == "imagenet" else Path(text), architecture)
