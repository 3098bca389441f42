"""`manage.py train --data OUT --recipe NAME`"""

import time
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from dogbreed.model.bundle import BundleError
from dogbreed.photos.decoding import PhotoError
from trainer.distributed import World, this_process
from trainer.networks.network import NetworkError
from trainer.networks.weights import WeightsError, read_weights, weighting
from trainer.photos.folders import PhotosError
from trainer.pipeline import train_to_bundle
from trainer.recipes.listing import print_recipes
from trainer.recipes.recipe import RecipeError, without_pretrained_weights
from trainer.recipes.recipe_files import DEFAULT_RECIPE, read_recipe, recipe_names
from trainer.training.checkpoints import CheckpointError, TrainingStopped
from trainer.training.run import Run, RunSettings, TrainingError, read_run_config, start_run

EXPECTED_ERRORS = (
    BundleError,
    CheckpointError,
    FileExistsError,
    NetworkError,
    PhotoError,
    PhotosError,
    RecipeError,
    TrainingError,
    WeightsError,
)


class Command(BaseCommand):
    help = "Trains a model on organized photos and writes a bundle that the API can serve."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--data", type=Path, help="folder that `manage.py organize` wrote")
        parser.add_argument(
            "--recipe", default=DEFAULT_RECIPE, help=f"one of {', '.join(recipe_names())}, or a .toml file"
        )
        parser.add_argument("--list-recipes", action="store_true", help="say what each recipe does, and stop")
        parser.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="KEY=VALUE",
            dest="changes",
            help="change a value of the recipe, such as optimizer.lr=1e-3; may be repeated",
        )
        parser.add_argument("--epochs", type=int, help="the same as --set training.epochs=N")
        parser.add_argument(
            "--weights", default="imagenet", help="imagenet (downloaded), none, or a file (.safetensors, .pth)"
        )
        parser.add_argument("--run", type=Path, help="folder to make for the run (default: runs/<recipe>-<time>)")
        parser.add_argument(
            "--resume",
            type=Path,
            metavar="RUN",
            help="go on with a run that was interrupted, as it was started; only --data is needed beside it",
        )
        parser.add_argument("--cache", type=Path, default=settings.DOGBREED_CACHE, help="where decoded photos are kept")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--name", help="the model's name (default: the recipe's)")
        parser.add_argument("--model-version", help="the model's version (default: today's date)")
        parser.add_argument("--trained-on", help="a sentence on the photos, for the model card")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list_recipes"]:
            print_recipes({name: read_recipe(name) for name in recipe_names()})
            return
        if options["data"] is None:
            raise CommandError("Expected --data, the folder that `manage.py organize` wrote.")
        world = this_process()
        try:
            run = self._resumed(options) if options["resume"] else self._started(options, world)
            self._train(run, options, world)
        except EXPECTED_ERRORS as error:
            raise CommandError(str(error)) from error
        if world.writes:
            self.stdout.write(f"Bundle: {run.bundle}")

    def _started(self, options: dict[str, Any], world: World) -> Run:
        if world.size > 1 and options["run"] is None:
            raise TrainingError("Name the run's folder with --run: several processes have to agree on it.")
        now = datetime.now().astimezone()
        recipe_name = Path(options["recipe"]).stem
        run = Run(options["run"] or Path("runs") / f"{recipe_name}-{now:%Y%m%d-%H%M%S}")
        if not world.writes:
            _wait_for(run)
            return run
        epochs = [] if options["epochs"] is None else [f"training.epochs={options['epochs']}"]
        recipe = read_recipe(options["recipe"], [*options["changes"], *epochs])
        pretrained = read_weights(weighting(options["weights"]), recipe.architecture)
        if not pretrained:
            recipe = without_pretrained_weights(recipe)
            self.stdout.write("The weights are random: all layers learn from the first epoch on.")
        chosen = RunSettings(
            name=options["name"] or recipe_name,
            version=options["model_version"] or f"{now:%Y.%m.%d}",
            trained_on=options["trained_on"] or f"Photos in {options['data'].resolve().name}.",
            seed=options["seed"],
        )
        start_run(run, options["data"], recipe, pretrained, chosen)
        return run

    def _resumed(self, options: dict[str, Any]) -> Run:
        run = Run(options["resume"])
        read_run_config(run)
        if not run.last.is_file():
            self.stdout.write("There is no checkpoint yet: it begins where it was started.")
        return run

    def _train(self, run: Run, options: dict[str, Any], world: World) -> None:
        if world.writes:
            self.stdout.write(f"Run: {run.path}")
        try:
            train_to_bundle(run, options["data"], options["cache"], world)
        except (KeyboardInterrupt, SystemExit, TrainingStopped):
            raise CommandError(f"Stopped. Go on with --resume {run.path}.", returncode=130) from None


def _wait_for(run: Run) -> None:
    """Until the process that writes has started the run; where it fails, torchrun ends this one too."""
    while not run.path.is_dir():
        time.sleep(0.1)
