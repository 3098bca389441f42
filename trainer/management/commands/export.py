"""`manage.py export SOURCE OUT [--data DATA [--int8]]`"""

import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from dogbreed.commands import DogbreedCommand
from dogbreed.model.bundle import NETWORK_FILE, Bundle, read_bundle
from trainer.bundles.export import calibrate_bundle, export_bundle, export_run
from trainer.bundles.quantize import Quantizing, quantize_bundle
from trainer.calibration.described import described
from trainer.console import progress_bar
from trainer.networks.weights import read_weights
from trainer.training.run_config import read_run_config
from trainer.training.run_folder import Run


class Command(DogbreedCommand):
    help = "Writes a model bundle from the best epoch of a training run, or from another bundle."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", type=Path, help="folder of a training run, or a bundle")
        parser.add_argument("out", type=Path, help="bundle folder to make")
        parser.add_argument(
            "--data",
            type=Path,
            help="the organized photos that it was trained on: calibrates the bundle on their validation part, which "
            "adds calibrated verdicts to an older bundle; with --int8, calibrates on the train part and measures on "
            "the test part",
        )
        parser.add_argument(
            "--weights",
            type=Path,
            help="with --data: the ImageNet weights that training started from; their head recognises photos without "
            "dogs",
        )
        int8 = parser.add_argument_group("for speed", "An int8 network beside the trained one, compared with it.")
        int8.add_argument(
            "--int8", action="store_true", help="add the network in int8, which servers prefer; requires --data"
        )
        int8.add_argument(
            "--calibration-photos", type=int, default=256, help="number, spread evenly over the breeds (default: 256)"
        )
        int8.add_argument(
            "--max-loss",
            type=float,
            default=0.5,
            help="largest accepted loss of top-1, in percentage points (default: 0.5)",
        )
        int8.add_argument("--describe", help="a sentence on the test part's photos (default: the folder's name)")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["int8"] and options["data"] is None:
            raise CommandError("Give --data with --int8: an int8 network is calibrated and measured on photos.")
        if options["weights"] and (options["int8"] or options["data"] is None):
            raise CommandError("--weights is for calibration: give it together with --data and without --int8.")
        if options["calibration_photos"] < 1:
            raise CommandError(f"--calibration-photos must be at least 1, not {options['calibration_photos']}.")
        if options["int8"]:
            self._export_int8(options)
            return
        bundle = self._export(options)
        self.stdout.write(f"OpenVINO agrees with PyTorch. Bundle: {bundle.path}")

    def _export(self, options: dict[str, Any]) -> Bundle:
        source, data = options["source"], options["data"]
        if data is None:
            return _export(source, options["out"])
        with tempfile.TemporaryDirectory() as folder:
            original = read_bundle(source) if _is_bundle(source) else _export(source, Path(folder) / "as_trained")
            pretrained = read_weights(options["weights"], original.config.architecture) if options["weights"] else None
            bundle = calibrate_bundle(original, data, pretrained, options["out"], progress_bar)
        for line in described(bundle.config.calibration):
            self.stdout.write(line)
        return bundle

    def _export_int8(self, options: dict[str, Any]) -> None:
        source, data = options["source"], options["data"]
        how = Quantizing(options["calibration_photos"], options["max_loss"], options["describe"] or data.resolve().name)
        with tempfile.TemporaryDirectory() as folder:
            original = read_bundle(source) if _is_bundle(source) else _export(source, Path(folder) / "float32")
            bundle, comparison = quantize_bundle(original, data, options["out"], how, progress_bar)
        self.stdout.write(f"Test part: {comparison}.")
        self.stdout.write(f"Both engines reproduce the expected outputs. Bundle: {bundle.path}")


def _is_bundle(source: Path) -> bool:
    return (source / NETWORK_FILE).is_file()


def _export(source: Path, out: Path) -> Bundle:
    if _is_bundle(source):
        return export_bundle(read_bundle(source), out)
    return export_run(Run(source), read_run_config(source), out)
