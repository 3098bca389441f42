"""`manage.py blend BUNDLE… OUT --data DATA --share 0.2`"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from dogbreed.commands import DogbreedCommand
from dogbreed.errors import AlreadyExistsError
from dogbreed.model.bundle import read_bundle
from trainer.bundles.blend import blend_bundles
from trainer.calibration.described import described
from trainer.console import progress_bar
from trainer.networks.weights import Pretrained, read_weights


class Command(DogbreedCommand):
    help = (
        "Averages the weights of bundles of the same network and of the weights that their training started from. The "
        "average varies less between trainings and forgets less about other kinds of photos."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("bundles", type=Path, nargs="+", metavar="BUNDLE")
        parser.add_argument("out", type=Path, metavar="OUT", help="bundle folder to make")
        parser.add_argument("--data", type=Path, required=True, help="the organized photos that they were trained on")
        parser.add_argument(
            "--weights", default="imagenet", help="the weights they started from: imagenet (downloaded) or a file"
        )
        parser.add_argument(
            "--share", type=float, default=0.2, help="share of the starting weights, 0 for none (default: 0.2)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        share, out = options["share"], options["out"]
        if not 0 <= share < 1:
            raise CommandError(f"--share must be at least 0 and below 1, such as 0.2, not {share}.")
        if out.exists():
            raise AlreadyExistsError(
                f"{out} exists already and is not overwritten. The last argument is the bundle folder to make: "
                "blend BUNDLE… OUT."
            )
        bundles = [read_bundle(path) for path in options["bundles"]]
        start = _starting_weights(options["weights"], bundles[0].config.architecture) if share else None
        blended = blend_bundles(bundles, start, share, options["data"], out, progress_bar)
        for line in described(blended.config.calibration):
            self.stdout.write(line)
        self.stdout.write("The new bundle is not measured yet: run manage.py evaluate.")
        self.stdout.write(f"Bundle: {blended.path}")


def _starting_weights(text: str, architecture: str) -> Pretrained | None:
    return read_weights("imagenet" if text == "imagenet" else Path(text), architecture)
