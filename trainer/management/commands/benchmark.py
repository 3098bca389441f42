"""`manage.py benchmark --training --data OUT`"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import pandas as pd
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from trainer import machine
from trainer.benchmarks.training import measure_feature_cache, measure_speed
from trainer.checkpoints import TrainingStopped
from trainer.recipe_files import read_recipe, recipe_names
from trainer.tables import table
from trainer.weights import read_weights, weighting

from .train import EXPECTED_ERRORS


class Command(BaseCommand):
    help = "Measures speeds, and prints the ratios of things measured side by side."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--training", action="store_true", required=True, help="the speed of training")
        parser.add_argument("--data", type=Path, required=True, help="folder that `manage.py organize` wrote")
        parser.add_argument("--recipe", action="append", dest="recipes", help="only this one; may be repeated")
        parser.add_argument(
            "--set", action="append", default=[], metavar="KEY=VALUE", dest="changes", help="as in `manage.py train`"
        )
        parser.add_argument("--photos", type=int, default=640, help="to train on in each epoch (default: 640)")
        parser.add_argument(
            "--feature-cache",
            type=int,
            metavar="EPOCHS",
            help="instead: so many epochs on a frozen backbone, with its features computed once and without that",
        )
        parser.add_argument("--weights", default="none", help="a file to start from (default: random weights)")
        parser.add_argument("--cache", type=Path, default=settings.DOGBREED_CACHE, help="where decoded photos are kept")
        parser.add_argument("--out", type=Path, default=Path("benchmark.csv"), help="CSV to write")

    def handle(self, *args: Any, **options: Any) -> None:
        machine.quiet_libraries()
        machine.keep_freed_memory()
        rows = []
        try:
            for name in options["recipes"] or recipe_names():
                rows.append(self._measured(name, options))
                self.stdout.write(table(rows))
        except EXPECTED_ERRORS as error:
            raise CommandError(str(error)) from error
        except TrainingStopped:
            raise CommandError("Stopped.") from None
        pd.DataFrame(rows).to_csv(options["out"], index=False)
        self.stdout.write(f"Results: {options['out']}")

    def _measured(self, name: str, options: dict[str, Any]) -> dict[str, float | str]:
        recipe = read_recipe(name, options["changes"])
        if options["feature_cache"] is None:
            return measure_speed(name, recipe, options["data"], options["cache"], options["photos"]).row
        weights = read_weights(weighting(options["weights"]), recipe.architecture)
        return measure_feature_cache(
            name, recipe, options["data"], options["cache"], options["photos"], options["feature_cache"], weights
        ).row
