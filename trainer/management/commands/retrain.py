"""`manage.py retrain [BUNDLE] --data OUT --new FOLDER`"""

import sys
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import CommandError

from dogbreed.commands import DogbreedCommand
from dogbreed.model.bundle import read_bundle
from dogbreed.model.comparison_result import COMPARISON_FILE
from dogbreed.model.serving_source import serving_source
from dogbreed.model.store import served_path
from trainer.comparing.comparison_page import PAGE_FILE
from trainer.console import progress_bar
from trainer.distributed import this_process
from trainer.management.commands.compare import WORSE
from trainer.training.stopping import TrainingStopped

if TYPE_CHECKING:
    from dogbreed.model.comparison_result import ComparisonResult
    from trainer.retraining.mixed_data import Mix
    from trainer.retraining.retrain import Asked, Retraining


class Command(DogbreedCommand):
    help = (
        "Trains a bundle further on new photos, such as exported corrections, replays the photos that it was trained "
        "on, and compares the new bundle with the old one. It does not promote the new bundle."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("bundle", type=Path, nargs="?", help="default: the served one")
        parser.add_argument("--data", type=Path, help="the organized photos that the bundle was trained on")
        parser.add_argument(
            "--new", type=Path, nargs="+", required=True, metavar="FOLDER", help="new photos, in one folder per breed"
        )
        parser.add_argument("--run", type=Path, help="folder to make (default: runs/retrain-<time>)")
        parser.add_argument(
            "--continue",
            action="store_true",
            dest="continued",
            help="start the retraining of --run, or go on with it if it exists and has the same settings",
        )
        parser.add_argument(
            "--replay", default="all", metavar="N", help="old photos to train on for each new one (default: all)"
        )
        parser.add_argument("--weight", type=float, default=1.0, help="of each new photo in the loss (default: 1)")
        parser.add_argument("--cap", type=int, help="the largest number of new photos of a breed")
        parser.add_argument(
            "--held-out", type=float, default=0.25, help="share of the new photos that only measures (default: 0.25)"
        )
        parser.add_argument(
            "--least", type=int, default=5, metavar="N", help="photos that a new breed needs at least (default: 5)"
        )
        parser.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="KEY=VALUE",
            dest="changes",
            help="change a value of the bundle's recipe; can be repeated",
        )
        parser.add_argument("--epochs", type=int, help="the same as --set training.epochs=N")
        parser.add_argument(
            "--on-finding",
            choices=["say", "stop"],
            default="say",
            help="what to do when a check finds that the training is hopeless (default: only say so)",
        )
        parser.add_argument("--live", action="store_true", help="show curves on the terminal while the run trains")
        parser.add_argument("--cache", type=Path, default=settings.DOGBREED_CACHE, help="folder for decoded photos")
        parser.add_argument("--seed", type=int, default=0)

    def handle(self, *args: Any, **options: Any) -> None:
        path = _run_folder(options)
        # What needs PyTorch is imported where it is used: that takes seconds.
        from trainer.pipeline import Watching
        from trainer.retraining.retrain import Retraining, check_same, finish_retraining, start_retraining

        retraining, asked = Retraining(path), _asked(options)
        try:
            if path.exists():
                check_same(retraining, asked)
            else:
                start_retraining(retraining, asked, progress_bar)
            self.stdout.write(f"Run: {path}")
            watching = Watching(options["on_finding"], self._live_view(retraining) if options["live"] else [])
            result = finish_retraining(retraining, options["cache"], watching)
        except (KeyboardInterrupt, SystemExit, TrainingStopped):
            raise CommandError(
                f"Stopped. Go on with this command and --run {path} --continue.", returncode=130
            ) from None
        self._report(retraining, result)

    def _report(self, retraining: "Retraining", result: "ComparisonResult") -> None:
        said = {"worse": "worse than", "no_different": "no different from", "better": "better than"}
        self.stdout.write(f"The new bundle is {said[result.outcome]} the old one on {result.photos} photos.")
        for reason in result.reasons:
            self.stdout.write(f"- {reason}")
        self.stdout.write(f"Comparison: {retraining.comparison / PAGE_FILE}")
        self.stdout.write(f"Bundle: {retraining.run.bundle}")
        if result.outcome == "worse":
            raise CommandError("The new bundle is worse. Do not promote it.", returncode=WORSE)
        comparison = retraining.comparison / COMPARISON_FILE
        self.stdout.write(f"Promote it with: manage.py promote {retraining.run.bundle} --comparison {comparison}")
        if read_bundle(retraining.asked().bundle).int8_network:
            self.stdout.write(
                "The old bundle also has an int8 network, with which servers answer faster. To add one: "
                f"manage.py export {retraining.run.bundle} OUT --int8 --data {retraining.data}"
            )

    def _live_view(self, retraining: "Retraining") -> list[Any]:
        if not sys.stderr.isatty():
            self.stdout.write("There is no terminal for --live: a line is printed for each epoch.")
            return []
        from trainer.training.live_view import LiveView

        return [LiveView(retraining.run.path)]


def _run_folder(options: dict[str, Any]) -> Path:
    """The folder of the options, after what can be wrong with them without PyTorch."""
    if this_process().size > 1:
        raise CommandError("A retraining runs in one process. Start it without torchrun.")
    run: Path | None = options["run"]
    if run is None and options["continued"]:
        raise CommandError("--continue needs --run: a restarted job must find the same folder.")
    if run is None:
        return Path("runs") / f"retrain-{datetime.now():%Y%m%d-%H%M%S}"
    if run.exists() and not options["continued"]:
        raise CommandError(f"{run} exists already. Name another folder, or go on with it: add --continue.")
    return run


def _asked(options: dict[str, Any]) -> "Asked":
    from trainer.retraining.retrain import missing_data, what_is_asked

    bundle = options["bundle"] or served_path(serving_source())
    if options["data"] is None:
        raise missing_data(bundle)
    epochs = [] if options["epochs"] is None else [f"training.epochs={options['epochs']}"]
    changes = [*options["changes"], *epochs]
    return what_is_asked(bundle, options["data"], options["new"], _mix(options), changes)


def _mix(options: dict[str, Any]) -> "Mix":
    from trainer.retraining.mixed_data import Mix

    replay: str = str(options["replay"])
    try:
        ratio = None if replay == "all" else float(replay)
    except ValueError:
        raise CommandError(f"--replay is a number of old photos for each new one, or all, and not {replay}.") from None
    if ratio is not None and ratio < 0:
        raise CommandError("--replay cannot be below 0.")
    if not options["weight"] > 0:
        raise CommandError("--weight must be above 0.")
    if not 0 <= options["held_out"] < 1:
        raise CommandError("--held-out must be from 0 to below 1.")
    if options["least"] < 1 or (options["cap"] is not None and options["cap"] < 1):
        raise CommandError("--least and --cap must be at least 1.")
    return Mix(
        replay=ratio,
        weight=options["weight"],
        cap=options["cap"],
        held_out=options["held_out"],
        least=options["least"],
        seed=options["seed"],
    )
