"""`manage.py profile --data OUT --recipe NAME`"""

import time
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import CommandError

from dogbreed.commands import DogbreedCommand
from trainer.console import progress_bar
from trainer.distributed import this_process
from trainer.profiling.gained import gained
from trainer.profiling.profile_numbers import read_profile
from trainer.profiling.start_parts import StartParts
from trainer.recipes.recipe import without_pretrained_weights
from trainer.recipes.recipe_files import DEFAULT_RECIPE, read_recipe, recipe_names
from trainer.training.stopping import TrainingStopped

if TYPE_CHECKING:
    from trainer.profiling.profiling_run import ToProfile


class Command(DogbreedCommand):
    help = (
        "Trains for some hundred steps and says where their time goes, what the machine does meanwhile, and what to "
        "change. `manage.py train --profile` does the same in a real training."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--data", type=Path, help="folder that `manage.py organize` wrote")
        parser.add_argument(
            "--recipe", default=DEFAULT_RECIPE, help=f"one of {', '.join(recipe_names())}, or a .toml file"
        )
        parser.add_argument(
            "--set", action="append", default=[], metavar="KEY=VALUE", dest="changes", help="as for `manage.py train`"
        )
        parser.add_argument("--weights", default="imagenet", help="as for `manage.py train`")
        parser.add_argument(
            "--teacher", type=Path, nargs="+", default=[], metavar="BUNDLE", help="as for `manage.py train`"
        )
        parser.add_argument("--cache", type=Path, default=settings.DOGBREED_CACHE, help="folder for decoded photos")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--steps", type=int, default=100, help="steps to measure (default: 100)")
        parser.add_argument("--warmup", type=int, default=10, help="steps before them (default: 10)")
        parser.add_argument("--out", type=Path, help="folder to write (default: runs/profile-<recipe>-<time>)")
        parser.add_argument(
            "--compare",
            type=Path,
            nargs="+",
            metavar="PROFILE",
            help="an earlier profile: says what changed since; without --data, two profiles: before and after",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        before = [read_profile(path) for path in options["compare"] or []]
        if options["data"] is None:
            if len(before) != 2:
                raise CommandError(
                    "Give --data, the folder that `manage.py organize` wrote, or --compare with two profiles."
                )
            self.stdout.write("\n".join(gained(*before)))
            return
        if len(before) > 1:
            raise CommandError("Give one profile with --compare: the one that is made now is compared with it.")
        if this_process().size > 1:
            raise CommandError("A profile of several processes is made in a training: train --profile.")
        name = Path(options["recipe"]).stem
        out = options["out"] or Path("runs") / f"profile-{name}-{datetime.now():%Y%m%d-%H%M%S}"
        start = StartParts(time.monotonic())
        # What needs PyTorch is imported where it is used: that takes seconds.
        from trainer.profiling.profiling_run import profile_training
        from trainer.profiling.training_profile import ProfileSettings

        wanted = ProfileSettings(options["steps"], options["warmup"])
        try:
            made = profile_training(_chosen(name, options), wanted, out, start, progress_bar)
        except (KeyboardInterrupt, SystemExit, TrainingStopped):
            raise CommandError("Stopped. Nothing was written.", returncode=130) from None
        if before:
            self.stdout.write("\n".join(gained(before[0], made)))


def _chosen(name: str, options: dict[str, Any]) -> "ToProfile":
    from trainer.profiling.profiling_run import ToProfile

    recipe = read_recipe(options["recipe"], options["changes"])
    if options["weights"] == "none":
        recipe = without_pretrained_weights(recipe)
    return ToProfile(
        name, recipe, options["data"], options["cache"], options["weights"], tuple(options["teacher"]), options["seed"]
    )
