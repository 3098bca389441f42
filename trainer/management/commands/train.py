"""`manage.py train --data OUT --recipe NAME`"""

import sys
import time
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import CommandError

from dogbreed.commands import DogbreedCommand
from trainer.console import progress_bar
from trainer.distributed import World, this_process
from trainer.recipes.listing import print_recipes
from trainer.recipes.recipe import Recipe, without_pretrained_weights
from trainer.recipes.recipe_files import DEFAULT_RECIPE, read_recipe, recipe_names
from trainer.training.run_config import RunSettings, read_run_config
from trainer.training.run_folder import Run, check_not_started, run_digest, wait_for_folder
from trainer.training.stopping import TrainingStopped

if TYPE_CHECKING:
    from lightning.pytorch import Callback

    from trainer.notices import Notices
    from trainer.profiling.start_parts import StartParts
    from trainer.profiling.training_profile import TrainingProfile

PROFILE_FOLDER = "profile"

# The options that --continue compares with the run's settings, where they are given
RUN_OPTIONS = {"name": "name", "version": "model_version", "trained_on": "trained_on", "seed": "seed"}


class Command(DogbreedCommand):
    help = "Trains a model on organized photos and writes a bundle that the API can serve."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--data", type=Path, help="folder that `manage.py organize` wrote")
        parser.add_argument(
            "--recipe", default=DEFAULT_RECIPE, help=f"one of {', '.join(recipe_names())}, or a .toml file"
        )
        parser.add_argument("--list-recipes", action="store_true", help="list the recipes with what each does")
        parser.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="KEY=VALUE",
            dest="changes",
            help="change a value of the recipe, such as optimizer.lr=1e-3; can be repeated",
        )
        parser.add_argument("--epochs", type=int, help="the same as --set training.epochs=N")
        parser.add_argument(
            "--weights", default="imagenet", help="imagenet (downloaded), none, or a file (.safetensors, .pth)"
        )
        parser.add_argument(
            "--teacher",
            type=Path,
            nargs="+",
            default=[],
            metavar="BUNDLE",
            help="bundles for the same breeds, from whose mean answer the model learns; training.distillation of the "
            "recipe is the weight of that answer",
        )
        parser.add_argument("--run", type=Path, help="folder to make for the run (default: runs/<recipe>-<time>)")
        parser.add_argument(
            "--resume",
            type=Path,
            metavar="RUN",
            help="continue an interrupted run with its own settings and teachers; only --data is needed with it",
        )
        parser.add_argument(
            "--continue",
            action="store_true",
            dest="continued",
            help="start the run of --run, or resume it if it exists and has the same settings: the same command for a "
            "job's first start and for every restart",
        )
        parser.add_argument(
            "--on-finding",
            choices=["say", "stop"],
            default="say",
            help="what to do when a check finds that the training is hopeless, for example that its loss is not a "
            "number: only say so (the default), or stop. The run can be resumed",
        )
        parser.add_argument("--live", action="store_true", help="show curves on the terminal while the run trains")
        parser.add_argument(
            "--profile",
            action="store_true",
            help="measure the first hundred steps: writes RUN/profile/profile.html, with advice",
        )
        parser.add_argument("--cache", type=Path, default=settings.DOGBREED_CACHE, help="folder for decoded photos")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--name", help="the model's name (default: the recipe's)")
        parser.add_argument("--model-version", help="the model's version (default: today's date)")
        parser.add_argument("--trained-on", help="a sentence about the photos, for the model card")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list_recipes"]:
            print_recipes({name: read_recipe(name) for name in recipe_names()})
            return
        if options["data"] is None:
            raise CommandError("Give --data, the folder that `manage.py organize` wrote.")
        world = this_process()
        run = _named(options, world)
        if world.writes:
            _check(run, options)
        # What needs PyTorch is imported where it is used: that takes seconds.
        from trainer.notices import Notices

        notices = Notices(world)
        started = notices.decided("run", lambda: self._started_or_resumed(run, options))
        if not world.writes:
            wait_for_folder(run, started)
        self._train(run, options, notices)
        if world.writes:
            self.stdout.write(f"Bundle: {run.bundle}")

    def _started_or_resumed(self, run: Run, options: dict[str, Any]) -> str:
        """Returns the digest that tells the other processes which folder is meant."""
        if options["resume"] or (options["continued"] and run.path.exists()):
            self._resume(run, options)
        else:
            self._start(run, options)
        return run_digest(run)

    def _start(self, run: Run, options: dict[str, Any]) -> None:
        from trainer.networks.weights import read_weights, weighting
        from trainer.training.run import start_run

        recipe, weights = _recipe(options), weighting(options["weights"])
        pretrained = read_weights(weights, recipe.architecture)
        if not pretrained:
            self.stdout.write("The weights are random: all layers are trained from the first epoch.")
        chosen = RunSettings(
            name=options["name"] or Path(options["recipe"]).stem,
            version=options["model_version"] or f"{datetime.now():%Y.%m.%d}",
            trained_on=options["trained_on"] or f"Photos in {options['data'].resolve().name}.",
            seed=options["seed"],
            recipe=Path(options["recipe"]).stem,
        )
        start_run(run, options["data"], recipe, pretrained, chosen, options["teacher"])

    def _resume(self, run: Run, options: dict[str, Any]) -> None:
        from trainer.networks.weights import weighting
        from trainer.training.continued import check_same_run
        from trainer.training.teachers import check_same_teachers

        config = read_run_config(run.path)
        check_same_teachers(options["teacher"], config)
        if options["continued"]:
            given = {name: options[option] for name, option in RUN_OPTIONS.items()}
            weights = weighting(options["weights"])
            check_same_run(run.path, config, _recipe(options), options["data"], weights, given)
        if not run.last.is_file():
            self.stdout.write("There is no checkpoint yet: the run starts from the beginning.")

    def _train(self, run: Run, options: dict[str, Any], notices: "Notices") -> None:
        from trainer.pipeline import Watching, train_to_bundle
        from trainer.profiling.start_parts import StartParts

        if notices.world.writes:
            self.stdout.write(f"Run: {run.path}")
        start = StartParts(time.monotonic())
        profiles = self._profiles(run, options, start)
        live = self._live_view(run) if options["live"] and notices.world.writes else []
        try:
            watching = Watching(options["on_finding"], [*profiles, *live], start.timed(progress_bar))
            train_to_bundle(run, options["data"], options["cache"], notices, watching)
        except (KeyboardInterrupt, SystemExit, TrainingStopped):
            how = "this command" if options["continued"] else f"--resume {run.path}"
            raise CommandError(f"Stopped. Go on with {how}.", returncode=130) from None
        finally:
            for profile in profiles:
                profile.use.stop()  # it watches from the start, though there may be nothing to train

    def _profiles(self, run: Run, options: dict[str, Any], start: "StartParts") -> "list[TrainingProfile]":
        """The callback that profiles, in every process, where --profile asks for it and the run has no profile yet."""
        out = run.path / PROFILE_FOLDER
        if not options["profile"]:
            return []
        if out.exists():
            self.stdout.write(f"{out} exists already and is not made again.")
            return []
        from trainer.profiling.training_profile import ProfileSettings, TrainingProfile

        return [TrainingProfile(out, read_run_config(run.path).settings.name, ProfileSettings(), start)]

    def _live_view(self, run: Run) -> "list[Callback]":
        if not sys.stderr.isatty():
            self.stdout.write("There is no terminal for --live: a line is printed for each epoch.")
            return []
        from trainer.training.live_view import LiveView

        return [LiveView(run.path)]


def _named(options: dict[str, Any], world: World) -> Run:
    """The run that the options name; its folder need not exist."""
    if options["resume"]:
        if options["run"] or options["continued"]:
            raise CommandError("Give either --resume RUN, or --run RUN with or without --continue.")
        return Run(options["resume"])
    if options["run"]:
        return Run(options["run"])
    if options["continued"]:
        raise CommandError("--continue needs --run: a restarted job must find the same folder.")
    if world.size > 1:
        raise CommandError("Give --run: several processes must use the same folder.")
    return Run(Path("runs") / f"{Path(options['recipe']).stem}-{datetime.now():%Y%m%d-%H%M%S}")


def _check(run: Run, options: dict[str, Any]) -> None:
    """Notices what is wrong with the options before PyTorch is imported."""
    if not options["data"].is_dir():
        raise CommandError(f"There is no folder {options['data']}. Give the one that `manage.py organize` wrote.")
    if options["resume"]:
        read_run_config(run.path)
        return
    _recipe(options)
    if not options["continued"]:
        check_not_started(run)


def _recipe(options: dict[str, Any]) -> Recipe:
    """The recipe with the changes of the command line, and for random weights where there are no others."""
    epochs = [] if options["epochs"] is None else [f"training.epochs={options['epochs']}"]
    recipe = read_recipe(options["recipe"], [*options["changes"], *epochs])
    return without_pretrained_weights(recipe) if options["weights"] == "none" else recipe
