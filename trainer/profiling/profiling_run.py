"""`manage.py profile`: the first steps of a training, in a temporary run."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from dogbreed.errors import AlreadyExistsError
from trainer.distributed import ALONE
from trainer.networks.weights import read_weights, weighting
from trainer.photos.parts import training_parts
from trainer.profiling.profile_numbers import Profile, ProfileError
from trainer.profiling.start_parts import StartParts
from trainer.profiling.training_profile import FEWEST_STEPS, ProfileSettings, TrainingProfile
from trainer.progress import ProgressBar, silent
from trainer.recipes.recipe import Recipe
from trainer.training.fit import train
from trainer.training.run import start_run
from trainer.training.run_config import RunSettings, read_run_config
from trainer.training.run_folder import Run
from trainer.training.stopping import TrainingStopped


@dataclass(frozen=True)
class ToProfile:
    """What is profiled: a recipe with its name, on data, from weights as `manage.py train --weights` names them."""

    name: str
    recipe: Recipe
    data: Path
    cache: Path
    weights: str = "imagenet"
    teachers: tuple[Path, ...] = ()
    seed: int = 0


def profile_training(
    what: ToProfile, settings: ProfileSettings, out: Path, start: StartParts, progress: ProgressBar = silent
) -> Profile:
    """Trains for as many steps as are measured, and writes the folder `out`. The training itself is thrown away.

    Args:
        start: the parts of the start; the time counts from `start.began`.

    Raises:
        AlreadyExistsError: `out` exists.
        ProfileError: the training has too few steps.
        TrainingStopped: a signal asked for it.
        BundleError, NetworkError, PhotoError, PhotosError, TrainingError, WeightsError: see `start_run` and `train`.
    """
    if out.exists():
        raise AlreadyExistsError(f"{out} exists already and is not overwritten. Name another folder with --out.")
    check_steps(what, settings)
    profiling = TrainingProfile(out, what.name, settings, start, then_stop=True)
    try:
        with tempfile.TemporaryDirectory() as folder:
            run = Run(Path(folder) / "run")
            with start.part("Weights and network"):
                pretrained = read_weights(weighting(what.weights), what.recipe.architecture)
                chosen = RunSettings(what.name, "0", "A profile.", what.seed)
                start_run(run, what.data, what.recipe, pretrained, chosen, what.teachers)
            config = read_run_config(run.path)
            try:
                train(run, config, what.data, what.cache, ALONE, start.timed(progress), [profiling])
            except TrainingStopped:
                if profiling.made is None:
                    raise
    finally:
        profiling.use.stop()
    if profiling.made is None:
        raise ProfileError("Training stopped before enough steps were measured. Give fewer with --steps.")
    return profiling.made


def check_steps(what: ToProfile, settings: ProfileSettings) -> None:
    """Checks, before anything takes time, that the training has the steps that are to be measured.

    Raises:
        PhotosError: `data` is not organized or has no photos.
        ProfileError: it has fewer steps.
    """
    if settings.steps < FEWEST_STEPS or settings.warmup < 0:
        raise ProfileError(
            f"A profile needs --steps of at least {FEWEST_STEPS} and --warmup of at least 0, not {settings.steps} and "
            f"{settings.warmup}."
        )
    training = what.recipe.training
    photos, _ = training_parts(what.data, training.validation_fraction, what.seed)
    batches = len(photos) // min(training.batch_size, len(photos))
    if batches * training.epochs < settings.needed:
        raise ProfileError(
            f"The training has {batches * training.epochs} steps ({training.epochs} epochs of {batches}), and the "
            f"profile needs {settings.needed} (warmup, measured and traced steps). Give fewer --steps, or more epochs "
            "with --set training.epochs=N."
        )
