"""The speed of training relative to its upper limits, measured alternating: ratios vary less than speeds."""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from torch.nn import functional as F

from trainer import machine
from trainer.distributed import ALONE
from trainer.networks.weights import Pretrained
from trainer.photos.folders import LabelledPhoto
from trainer.photos.loading import Batch
from trainer.photos.parts import training_parts
from trainer.progress import ProgressBar, silent
from trainer.recipes.recipe import Recipe
from trainer.recipes.recipe_files import change_recipe
from trainer.training.cached_views import with_cached_views
from trainer.training.data import read_training_data
from trainer.training.fit import fit
from trainer.training.lightning_module import BreedTraining
from trainer.training.run import start_run, starting_network
from trainer.training.run_config import RunSettings, read_run_config
from trainer.training.run_folder import Run
from trainer.training.run_records import read_epochs

Step = Callable[[BreedTraining, Batch], None]
MEASURED_EPOCHS = 3
BATCHES_IN_MEMORY = 4
NEVER_STOP = f"training.patience={10**6}"
ALL_LAYERS = ["training.frozen_epochs=0", "training.thaw={}", "training.cached_through="]
# Distillation and mixing need the photos themselves in every step.
FEATURES_SUFFICE = [
    "training.distillation=0",
    "training.cached_through=",
    "augmentation.mixup=0",
    "augmentation.cutmix=0",
]


@dataclass(frozen=True)
class Speed:
    """Photos per second that one recipe trains on: medians over all epochs but the first."""

    recipe: str
    as_trained: float
    in_memory: float  # the same steps on batches that are already decoded, augmented and on the device
    forward_backward: float  # only the forward and backward pass, on random tensors

    @property
    def row(self) -> dict[str, float | str]:
        ratios = (self.as_trained / self.in_memory, self.as_trained / self.forward_backward)
        return {**asdict(self), "as_trained_to_in_memory": ratios[0], "as_trained_to_forward_backward": ratios[1]}


@dataclass(frozen=True)
class FeatureCacheGain:
    """Total seconds for some epochs of a recipe with a frozen backbone, and the accuracy reached."""

    recipe: str
    epochs: int
    seconds_with: float
    seconds_without: float
    acc1_with: float
    acc1_without: float

    @property
    def row(self) -> dict[str, float | str]:
        return {**asdict(self), "ratio": self.seconds_without / self.seconds_with}


def measure_speed(
    name: str, recipe: Recipe, data: Path, cache: Path, photos: int, progress: ProgressBar = silent
) -> Speed:
    """Trains all layers for a few epochs on some of the photos; after each, times the same steps on prepared data.

    Random weights suffice: the speed does not depend on their values.
    """
    changes = [f"training.epochs={MEASURED_EPOCHS + 1}", *ALL_LAYERS, NEVER_STOP]
    with _temporary_run(change_recipe(recipe, changes), data) as run:
        config = read_run_config(run.path)
        network = starting_network(run, config)
        train, validation = training_parts(data, recipe.training.validation_fraction, config.seed)
        some = read_training_data(config, _spread(train, photos), validation, cache, progress)
        if machine.compile_pays(recipe.training.epochs * len(train)):
            network.compile(dynamic=False)
        side_by_side = SideBySide()
        fit(run, config, network, some, ALONE, [side_by_side])
    return side_by_side.speed(name)


def measure_feature_cache(
    name: str,
    recipe: Recipe,
    data: Path,
    cache: Path,
    photos: int,
    epochs: int,
    weights: Pretrained | None,
    progress: ProgressBar = silent,
) -> FeatureCacheGain:
    """Trains on a frozen backbone twice: with its features computed once, and with the backbone in every step."""
    changes = [f"training.epochs={epochs}", "training.frozen_epochs=all", NEVER_STOP, *FEATURES_SUFFICE]
    frozen = change_recipe(recipe, changes)
    seconds, acc1 = {}, {}
    for views in (frozen.training.feature_views or 1, 0):
        changed = change_recipe(frozen, [f"training.feature_views={views}"])
        seconds[views > 0], acc1[views > 0] = _train_frozen(changed, data, cache, photos, weights, progress)
    return FeatureCacheGain(name, epochs, seconds[True], seconds[False], acc1[True], acc1[False])


def _train_frozen(
    recipe: Recipe, data: Path, cache: Path, photos: int, weights: Pretrained | None, progress: ProgressBar
) -> tuple[float, float]:
    """Seconds and the best validation accuracy. The time includes computing features but not decoding photos."""
    with _temporary_run(recipe, data, weights) as run, tempfile.TemporaryDirectory() as features:
        config = read_run_config(run.path)
        network = starting_network(run, config)
        train, validation = training_parts(data, recipe.training.validation_fraction, config.seed)
        some = read_training_data(config, _spread(train, photos), validation, cache, progress)
        started = time.monotonic()
        prepared = with_cached_views(some, network, config, Path(features), progress=progress)
        fit(run, config, network, prepared, ALONE)
        return time.monotonic() - started, float(read_epochs(run.path)["val_acc1"].max())


def _spread(photos: list[LabelledPhoto], at_most: int) -> list[LabelledPhoto]:
    """At most `at_most` photos, spread over the breeds."""
    chosen = np.linspace(0, len(photos) - 1, min(at_most, len(photos))).astype(int)
    return [photos[index] for index in chosen]


@contextmanager
def _temporary_run(recipe: Recipe, data: Path, weights: Pretrained | None = None) -> Iterator[Run]:
    with tempfile.TemporaryDirectory() as folder:
        run = Run(Path(folder) / "run")
        start_run(run, data, recipe, weights, RunSettings("benchmark", "0", "benchmark"))
        yield run


class SideBySide(Callback):
    """Times the steps of every epoch but the first, and right after them as many steps on prepared data."""

    def __init__(self) -> None:
        self.started = 0.0
        self.inputs: list[Batch] = []
        self.rates: dict[str, list[float]] = {"as_trained": [], "in_memory": [], "forward_backward": []}

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self.started = time.monotonic()

    def on_train_batch_start(self, trainer: Trainer, pl_module: LightningModule, batch: Batch, batch_idx: int) -> None:
        assert isinstance(pl_module, BreedTraining)
        if len(self.inputs) < BATCHES_IN_MEMORY:
            photos, targets = batch
            self.inputs.append((pl_module.normalize(pl_module.augment(photos)), targets))

    def on_validation_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        _wait()
        steps, seconds = int(trainer.num_training_batches), time.monotonic() - self.started
        if trainer.current_epoch == 0:
            return
        assert isinstance(pl_module, BreedTraining)
        photos = steps * len(self.inputs[0][1])
        self.rates["as_trained"].append(photos / seconds)
        with torch.enable_grad():
            pl_module.train()
            self.rates["in_memory"].append(photos / _timed(pl_module, self.inputs, steps, _whole_step))
            made_up = [(torch.randn_like(images), targets) for images, targets in self.inputs[:1]]
            self.rates["forward_backward"].append(photos / _timed(pl_module, made_up, steps, _forward_backward))
            pl_module.zero_grad()

    def speed(self, recipe: str) -> Speed:
        return Speed(recipe, **{name: statistics.median(rates) for name, rates in self.rates.items()})


def _timed(module: BreedTraining, batches: list[Batch], steps: int, step: Step) -> float:
    started = time.monotonic()
    for number in range(steps):
        step(module, batches[number % len(batches)])
    _wait()
    return time.monotonic() - started


def _whole_step(module: BreedTraining, batch: Batch) -> None:
    with module.trainer.precision_plugin.forward_context():
        module.forward_backward(*batch)
    module.step()


def _forward_backward(module: BreedTraining, batch: Batch) -> None:
    images, targets = batch
    with module.trainer.precision_plugin.forward_context():
        loss = F.cross_entropy(module.network(images).float(), targets)
    loss.backward()  # type: ignore[no-untyped-call]
    module.zero_grad()


def _wait() -> None:
    """Waits for the GPU, which computes asynchronously."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()
