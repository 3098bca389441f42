"""`manage.py benchmark [BUNDLE]`, and `manage.py benchmark --training --data OUT`"""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from dogbreed.model.bundle import BundleError
from dogbreed.photos.decoding import PhotoError
from trainer.benchmarks.beside import measure_beside
from trainer.benchmarks.server import ServerError
from trainer.benchmarks.serving import ServingSettings, measure_serving
from trainer.benchmarks.serving_tables import serving_tables
from trainer.tables import table


class Command(BaseCommand):
    help = "Measures speeds, and prints the ratios of things measured side by side. PyTorch is needed for --training."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("bundle", type=Path, nargs="?", help="to serve and to measure (default: DOGBREED_BUNDLE)")
        parser.add_argument("--out", type=Path, help="to write (default: benchmark.json, benchmark.csv for training)")
        serving = parser.add_argument_group("serving")
        serving.add_argument("--photo", type=Path, help="what the photos are made from (default: made up)")
        serving.add_argument("--clients", type=int, nargs="+", default=[1, 2, 4, 8, 16], help="that ask at once")
        serving.add_argument("--seconds", type=float, default=10, help="for each figure (default: 10)")
        serving.add_argument("--beside", type=Path, metavar="BUNDLE", help="instead: what it takes beside this one")
        self._add_training_arguments(parser)

    def _add_training_arguments(self, parser: ArgumentParser) -> None:
        training = parser.add_argument_group("training")
        training.add_argument("--training", action="store_true", help="instead: the speed of training")
        training.add_argument("--data", type=Path, help="folder that `manage.py organize` wrote")
        training.add_argument("--recipe", action="append", dest="recipes", help="only this one; may be repeated")
        training.add_argument(
            "--set", action="append", default=[], metavar="KEY=VALUE", dest="changes", help="as in `manage.py train`"
        )
        training.add_argument("--photos", type=int, default=640, help="to train on in each epoch (default: 640)")
        training.add_argument(
            "--feature-cache",
            type=int,
            metavar="EPOCHS",
            help="instead: so many epochs on a frozen backbone, with its features computed once and without that",
        )
        training.add_argument("--weights", default="none", help="a file to start from (default: random weights)")
        training.add_argument("--cache", type=Path, default=settings.DOGBREED_CACHE, help="for decoded photos")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["training"]:
            self._training(options)
        elif options["beside"]:
            self._beside(options)
        else:
            self._serving(options)

    def _serving(self, options: dict[str, Any]) -> None:
        chosen = ServingSettings(options["photo"], options["clients"], options["seconds"])
        if min(*chosen.clients, chosen.seconds) <= 0:
            raise CommandError("Expected numbers above zero for --clients and --seconds.")
        try:
            report = measure_serving(options["bundle"] or settings.DOGBREED_BUNDLE, chosen, self._progress)
        except (BundleError, OSError, PhotoError, ServerError) as error:
            raise CommandError(str(error)) from error
        out = options["out"] or Path("benchmark.json")
        out.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
        self.stdout.write(serving_tables(report) + "\n")
        self.stdout.write(f"Results: {out}")

    def _beside(self, options: dict[str, Any]) -> None:
        bundle, other = options["bundle"] or settings.DOGBREED_BUNDLE, options["beside"]
        try:
            report = measure_beside(bundle, other, options["photo"], options["seconds"], self._progress)
        except (BundleError, OSError, PhotoError, ServerError) as error:
            raise CommandError(str(error)) from error
        out = options["out"] or Path("benchmark.json")
        out.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
        ms, (low, high) = report["whole_request_ms"], report["ratio_quartiles"]
        self.stdout.write(f"Whole request: {ms['bundle']:.1f} ms, and {ms['beside']:.1f} ms with {other}.")
        self.stdout.write(
            f"{report['ratio']:.3f} times as long (half of the turns: {low:.3f} to {high:.3f}); the fastest of each "
            f"{report['ratio_of_fastest']:.3f}."
        )
        self.stdout.write(f"Results: {out}")

    def _progress(self, line: str) -> None:
        self.stderr.write(f"{line} …", self.style.NOTICE)

    def _training(self, options: dict[str, Any]) -> None:
        # Only here, and not above: all these import PyTorch and what else a server has no need of.
        import pandas as pd

        from trainer import machine
        from trainer.benchmarks.training import measure_one
        from trainer.recipes.recipe_files import recipe_names
        from trainer.training.checkpoints import TrainingStopped

        from .train import EXPECTED_ERRORS

        if options["data"] is None:
            raise CommandError("Expected --data, the folder that `manage.py organize` wrote.")
        machine.quiet_libraries()
        machine.keep_freed_memory()
        rows = []
        try:
            for name in options["recipes"] or recipe_names():
                rows.append(measure_one(name, options))
                self.stdout.write(table(rows))
        except EXPECTED_ERRORS as error:
            raise CommandError(str(error)) from error
        except TrainingStopped:
            raise CommandError("Stopped.") from None
        out = options["out"] or Path("benchmark.csv")
        pd.DataFrame(rows).to_csv(out, index=False)
        self.stdout.write(f"Results: {out}")
