"""`manage.py train --data OUT --recipe NAME`"""

from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dogbreed.bundle import BundleError
from trainer.architectures import Pretrained, Weighting, WeightsError, read_weights
from trainer.photos import PhotosError
from trainer.pipeline import train_to_bundle
from trainer.recipe import DEFAULT_RECIPE, RecipeError, adapt, read_recipe, recipe_names
from trainer.run import Run, RunSettings, TrainingError, read_run_config, start_run


class Command(BaseCommand):
    help = "Trains a model on organized photos and writes a bundle that the API can serve."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--data", type=Path, required=True, help="folder that `manage.py organize` wrote")
        parser.add_argument(
            "--recipe", default=DEFAULT_RECIPE, help=f"one of {', '.join(recipe_names())}, or a .toml file"
        )
        parser.add_argument(
            "--weights", default="imagenet", help="imagenet (downloaded), none, or a file (.safetensors, .pth)"
        )
        parser.add_argument("--epochs", type=int, help="at most so many (default: the recipe's number)")
        parser.add_argument("--run", type=Path, help="folder to make for the run (default: runs/<recipe>-<time>)")
        parser.add_argument(
            "--resume",
            type=Path,
            metavar="RUN",
            help="go on with a run that was interrupted, as it was started; only --data is needed beside it",
        )
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--name", help="the model's name (default: the recipe's)")
        parser.add_argument("--model-version", help="the model's version (default: today's date)")
        parser.add_argument("--trained-on", help="a sentence on the photos, for the model card")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            run = self._resume(options) if options["resume"] else self._start(options)
        except (RecipeError, WeightsError, PhotosError, TrainingError, FileExistsError, BundleError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Bundle: {run.bundle}")

    def _start(self, options: dict[str, Any]) -> Run:
        now = datetime.now().astimezone()
        recipe_name, data = Path(options["recipe"]).stem, options["data"]
        recipe = read_recipe(options["recipe"])
        pretrained = read_weights(_weighting(options["weights"]), recipe.architecture)
        recipe = adapt(recipe, options["epochs"], pretrained is not None)
        run = Run(options["run"] or Path("runs") / f"{recipe_name}-{now:%Y%m%d-%H%M%S}")
        settings = RunSettings(
            name=options["name"] or recipe_name,
            version=options["model_version"] or f"{now:%Y.%m.%d}",
            trained_on=options["trained_on"] or f"Photos in {data.resolve().name}.",
            seed=options["seed"],
        )
        start_run(run, data, recipe, pretrained, settings)
        self._train(run, data, pretrained)
        return run

    def _resume(self, options: dict[str, Any]) -> Run:
        run = Run(options["resume"])
        read_run_config(run)
        # The network's weights come from the checkpoint; nothing pretrained is read again.
        self._train(run, options["data"], None, resume=True)
        return run

    def _train(self, run: Run, data: Path, pretrained: Pretrained | None, resume: bool = False) -> None:
        self.stdout.write(f"Run: {run.path}")
        try:
            train_to_bundle(run, data, pretrained, resume)
        except (KeyboardInterrupt, SystemExit):
            state = f"Go on with --resume {run.path}." if run.last.is_file() else "No step was finished."
            raise CommandError(f"Stopped. {state}", returncode=130) from None


def _weighting(text: str) -> Weighting:
    match text:
        case "imagenet" | "none":
            return text
    return Path(text)
