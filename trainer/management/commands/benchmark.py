"""`manage.py benchmark serving|predict|hostile|stalling|growth [BUNDLE]`, `compare NEW OLD`, and for training
`training|feature-cache --data DATA`.

PyTorch and all that trains are imported by `growth` and the last two alone: a server has none of it.
"""

import json
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.core.management.base import CommandError

from dogbreed.commands import DogbreedCommand
from trainer.benchmarks.comparison import compare_bundles
from trainer.benchmarks.predicting import measure_predicting, predicting_tables
from trainer.benchmarks.serving import ServingSettings, measure_serving
from trainer.benchmarks.serving_tables import serving_tables
from trainer.benchmarks.stalling import measure_stalling
from trainer.progress import Progress
from trainer.tables import Row, table

WHAT = {
    "serving": "how fast a bundle is served: each stage, a real server under load, and PyTorch for comparison",
    "predict": "how fast `predict --output` answers many photos, beside the engine alone",
    "compare": "how long requests take with one bundle relative to another",
    "hostile": "how much processor time and memory hostile files and requests take, beside honest photos",
    "stalling": "what clients notice while others hold connections and send nothing",
    "growth": "how the cost of an answer grows with the photo, the clients, the classes and the stored answers",
    "training": "how many photos per second recipes train on (needs PyTorch)",
    "feature-cache": "how much time caching the features of a frozen backbone saves (needs PyTorch)",
}


class Inputs(NamedTuple):
    """The option with the inputs of one part of `growth`."""

    option: str
    default: list[float]
    least: float
    most: float
    help: str


GROWTH = {
    "photos": Inputs(
        "megapixels",
        [0.1, 0.5, 2, 12, 24, 48, 80],
        0.01,
        settings.DOGBREED_MAX_PIXELS / 1e6,
        "sizes of photos",
    ),
    "clients": Inputs("clients", [1, 2, 4, 8, 16, 32, 64, 128, 256], 1, 500, "numbers of simultaneous clients"),
    "classes": Inputs("classes", [2, 10, 120, 1000, 10_000], 2, 100_000, "numbers of classes"),
    "stored": Inputs("stored", [0, 1000, 10_000, 100_000], 0, 1_000_000, "numbers of stored answers"),
}


class Command(DogbreedCommand):
    help = "Measures speeds on this machine. What is compared is measured alternating, in one run."

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_subparsers(dest="what", title="what to measure")
        serving, predict, compare, hostile, stalling, growth, training, feature_cache = (
            what.add_parser(name, help=WHAT[name]) for name in WHAT
        )
        serving.add_argument("bundle", type=Path, nargs="?", help="the bundle to serve (default: DOGBREED_BUNDLE)")
        serving.add_argument(
            "--clients", type=int, nargs="+", default=[1, 2, 4, 8, 16], help="numbers of simultaneous clients"
        )
        predict.add_argument("bundle", type=Path, nargs="?", help="the bundle to run (default: DOGBREED_BUNDLE)")
        predict.add_argument("--photos", type=Path, help="folder of photos (default: generated)")
        predict.add_argument("--number", type=int, default=200, help="of photos in a turn (default: 200)")
        predict.add_argument("--out", type=Path, default=Path("benchmark.json"), help="file to write")
        stalling.add_argument("bundle", type=Path, nargs="?", help="the bundle to serve (default: DOGBREED_BUNDLE)")
        stalling.add_argument("--connections", type=int, default=200, help="that are held (default: 200)")
        compare.add_argument("bundle", type=Path, metavar="NEW", help="the bundle to measure")
        compare.add_argument("other", type=Path, metavar="OLD", help="the bundle to compare it with")
        for of_a_server in (serving, compare, stalling):
            of_a_server.add_argument("--photo", type=Path, help="make the photos from this one (default: generated)")
            of_a_server.add_argument("--seconds", type=float, default=10, help="for each figure (default: 10)")
            of_a_server.add_argument("--out", type=Path, default=Path("benchmark.json"), help="file to write")
        hostile.add_argument("bundle", type=Path, nargs="?", help="the bundle to serve (default: DOGBREED_BUNDLE)")
        hostile.add_argument("--files", type=int, default=300, help="how many hostile files (default: 300)")
        hostile.add_argument("--seed", type=int, default=0, help="other files for another seed (default: 0)")
        hostile.add_argument("--out", type=Path, default=Path("hostile.json"), help="file to write")
        _add_growth_arguments(growth)
        _add_training_arguments(training)
        _add_training_arguments(feature_cache)
        feature_cache.add_argument("--epochs", type=int, default=10, help="on the frozen backbone (default: 10)")
        feature_cache.add_argument("--weights", default="none", help="a file to start from (default: random weights)")

    def handle(self, *args: Any, **options: Any) -> None:
        match options["what"]:
            case "serving":
                self._serving(options)
            case "predict":
                self._predict(options)
            case "compare":
                self._compare(options)
            case "hostile":
                self._hostile(options)
            case "stalling":
                self._stalling(options)
            case "growth":
                self._growth(options)
            case "training":
                self._measure_recipes(options, _training_speed)
            case "feature-cache":
                self._measure_recipes(options, _feature_cache_gain)
            case _:
                lines = "\n".join(f"  benchmark {name:<13}  {measures}" for name, measures in WHAT.items())
                raise CommandError(f"Say what to measure:\n{lines}")

    def _serving(self, options: dict[str, Any]) -> None:
        chosen = ServingSettings(options["photo"], options["clients"], options["seconds"])
        if min(*chosen.clients, chosen.seconds) <= 0:
            raise CommandError("--clients and --seconds must be above zero.")
        report = measure_serving(options["bundle"] or settings.DOGBREED_BUNDLE, chosen, self._show)
        self.stdout.write(serving_tables(report) + "\n")
        self._write(report, options["out"])

    def _predict(self, options: dict[str, Any]) -> None:
        if options["number"] <= 0:
            raise CommandError("--number must be above zero.")
        bundle = options["bundle"] or settings.DOGBREED_BUNDLE
        report = measure_predicting(bundle, options["photos"], options["number"], self._show)
        self.stdout.write(predicting_tables(report) + "\n")
        self._write(report, options["out"])

    def _compare(self, options: dict[str, Any]) -> None:
        if options["seconds"] <= 0:
            raise CommandError("--seconds must be above zero.")
        new, old = options["bundle"], options["other"]
        report = compare_bundles(new, old, options["photo"], options["seconds"], self._show)
        ms, (low, high) = report["whole_request_ms"], report["ratio_quartiles"]
        self.stdout.write(f"Whole request: {ms['new']:.1f} ms with {new}, {ms['old']:.1f} ms with {old}.")
        self.stdout.write(
            f"Ratio: {report['ratio']:.3f} (half of the turns: {low:.3f} to {high:.3f}); of the fastest requests: "
            f"{report['ratio_of_fastest']:.3f}."
        )
        self._write(report, options["out"])

    def _hostile(self, options: dict[str, Any]) -> None:
        from trainer.benchmarks.hostile import hostile_table, measure_hostile
        from trainer.benchmarks.hostile_requests import measure_requests, requests_table

        if options["files"] <= 0:
            raise CommandError("--files must be above zero.")
        bundle = options["bundle"] or settings.DOGBREED_BUNDLE
        report = measure_hostile(bundle, options["files"], options["seed"], self._show)
        report["requests"] = measure_requests(bundle, self._show)
        self.stdout.write(hostile_table(report) + "\n\n" + requests_table(report["requests"]) + "\n")
        self._write(report, options["out"])

    def _stalling(self, options: dict[str, Any]) -> None:
        if min(options["connections"], options["seconds"]) <= 0:
            raise CommandError("--connections and --seconds must be above zero.")
        bundle, connections = options["bundle"] or settings.DOGBREED_BUNDLE, options["connections"]
        report = measure_stalling(bundle, connections, options["photo"], options["seconds"], self._show)
        for name in ("without", "with"):
            load, health = report["predictions"][name], report["health_checks"][name]
            self.stdout.write(
                f"{name.capitalize()} {connections} stalled connections: p50 {load['p50_ms']:.1f} ms, "
                f"p99 {load['p99_ms']:.1f} ms, {load['requests_per_second']:.1f} predictions/s, {load['statuses']}; "
                f"slowest of {health['number']} health checks {health['slowest_ms']:.0f} ms, {health['statuses']}."
            )
        self._write(report, options["out"])

    def _growth(self, options: dict[str, Any]) -> None:
        if not find_spec("matplotlib"):
            raise CommandError("This draws plots with matplotlib, which is not installed. Install it: make install")

        from trainer.benchmarks.growth import PAGE_FILE, GrowthSettings, measure_growth
        from trainer.benchmarks.growth_tables import growth_tables

        inputs = {part: options[GROWTH[part].option] for part in options["parts"]}
        for part, values in inputs.items():
            _check_inputs(GROWTH[part], values)
        if options["seconds"] <= 0:
            raise CommandError("--seconds must be above zero.")
        chosen = GrowthSettings(inputs, options["seconds"])
        report = measure_growth(options["bundle"] or settings.DOGBREED_BUNDLE, chosen, options["out"], self._show)
        self.stdout.write(growth_tables(report) + "\n")
        self.stdout.write(f"Results: {options['out'] / PAGE_FILE}")

    def _write(self, report: dict[str, Any], out: Path) -> None:
        out.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
        self.stdout.write(f"Results: {out}")

    @contextmanager
    def _show(self, step: str) -> Iterator[Progress]:
        """A progress bar as lines: what draws the real one is not installed on a server."""
        self.stderr.write(f"{step} …", self.style.NOTICE)
        yield lambda done, total: self.stderr.write(f"{step}: {done} of {total}", self.style.NOTICE)

    def _measure_recipes(self, options: dict[str, Any], measure: Callable[[str, dict[str, Any]], Row]) -> None:
        if not find_spec("torch"):
            raise CommandError("This needs PyTorch and the other packages that train. Install them: make install")

        import pandas as pd

        from trainer import machine
        from trainer.recipes.recipe_files import recipe_names
        from trainer.training.stopping import TrainingStopped

        machine.quiet_libraries()
        machine.keep_freed_memory()
        rows = []
        try:
            for name in options["recipes"] or recipe_names():
                rows.append(measure(name, options))
                self.stdout.write(table(rows))
        except TrainingStopped:
            raise CommandError("Stopped.") from None
        pd.DataFrame(rows).to_csv(options["out"], index=False)
        self.stdout.write(f"Results: {options['out']}")


def _add_growth_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("bundle", type=Path, nargs="?", help="the bundle to serve (default: DOGBREED_BUNDLE)")
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    parser.add_argument("--parts", nargs="+", choices=list(GROWTH), default=list(GROWTH), help="what to vary")
    for part, inputs in GROWTH.items():
        kind = float if part == "photos" else int
        parser.add_argument(f"--{inputs.option}", type=kind, nargs="+", default=inputs.default, help=inputs.help)
    parser.add_argument("--seconds", type=float, default=10, help="for each figure (default: 10)")


def _check_inputs(allowed: Inputs, values: list[float]) -> None:
    for value in values:
        if not allowed.least <= value <= allowed.most:
            limits = f"from {allowed.least:g} to {allowed.most:,.16g}"
            raise CommandError(f"--{allowed.option} takes {allowed.help} {limits}, not {value:,.16g}.")


def _add_training_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, help="folder that `manage.py organize` wrote")
    parser.add_argument("--recipe", action="append", dest="recipes", help="only this recipe; can be repeated")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", dest="changes", help="as in `manage.py train`"
    )
    parser.add_argument("--photos", type=int, default=640, help="photos per epoch (default: 640)")
    parser.add_argument("--cache", type=Path, default=settings.DOGBREED_CACHE, help="folder for decoded photos")
    parser.add_argument("--out", type=Path, default=Path("benchmark.csv"), help="file to write")


def _training_speed(name: str, options: dict[str, Any]) -> Row:
    from trainer.benchmarks.training import measure_speed
    from trainer.console import progress_bar
    from trainer.recipes.recipe_files import read_recipe

    recipe = read_recipe(name, options["changes"])
    return measure_speed(name, recipe, options["data"], options["cache"], options["photos"], progress_bar).row


def _feature_cache_gain(name: str, options: dict[str, Any]) -> Row:
    from trainer.benchmarks.training import measure_feature_cache
    from trainer.console import progress_bar
    from trainer.networks.weights import read_weights, weighting
    from trainer.recipes.recipe_files import read_recipe

    recipe = read_recipe(name, options["changes"])
    weights = read_weights(weighting(options["weights"]), recipe.architecture)
    data, cache, photos = options["data"], options["cache"], options["photos"]
    return measure_feature_cache(name, recipe, data, cache, photos, options["epochs"], weights, progress_bar).row
