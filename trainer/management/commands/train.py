"""`manage.py train --data OUT --recipe NAME`"""

import time
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from dogbreed.commands import DogbreedCommand
from trainer.distributed import World, this_process
from trainer.networks.weights import read_weights, weighting
from trainer.pipeline import train_to_bundle
from trainer.recipes.listing import print_recipes
from trainer.recipes.recipe import without_pretrained_weights
from trainer.recipes.recipe_files import DEFAULT_RECIPE, read_recipe, recipe_names
from trainer.training.run import Run, start_run
from trainer.training.run_config import RunSettings, read_run_config
from trainer.training.stopping import TrainingStopped
from trainer.training.teachers import check_same_teachers


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
        run = self._resumed(options) if options["resume"] else self._started(options, world)
        self._train(run, options, world)
        if world.writes:
            self.stdout.write(f"Bundle: {run.bundle}")

    def _started(self, options: dict[str, Any], world: World) -> Run:
        if world.size > 1 and options["run"] is None:
            raise CommandError("Give --run: several processes must use the same folder.")
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
            self.stdout.write("The weights are random: all layers are trained from the first epoch.")
        chosen = RunSettings(
            name=options["name"] or recipe_name,
            version=options["model_version"] or f"{now:%Y.%m.%d}",
            trained_on=options["trained_on"] or f"Photos in {options['data'].resolve().name}.",
            seed=options["seed"],
        )
        start_run(run, options["data"], recipe, pretrained, chosen, options["teacher"])
        return run

    def _resumed(self, options: dict[str, Any]) -> Run:
        run = Run(options["resume"])
        check_same_teachers(options["teacher"], read_run_config(run.path))
        if not run.last.is_file():
            self.stdout.write("There is no checkpoint yet: the run starts from the beginning.")
        return run

    def _train(self, run: Run, options: dict[str, Any], world: World) -> None:
        if world.writes:
            self.stdout.write(f"Run: {run.path}")
        try:
            train_to_bundle(run, options["data"], options["cache"], world)
        except (KeyboardInterrupt, SystemExit, TrainingStopped):
            raise CommandError(f"Stopped. Go on with --resume {run.path}.", returncode=130) from None


def _wait_for(run: Run) -> None:
    """Waits until the writing process has started the run; if that fails, torchrun ends this process too."""
    while not run.path.is_dir():
        time.sleep(0.1)
