"""From labelled photos and a recipe to the best network that the recipe finds."""

import sys
from pathlib import Path
from typing import cast

import lightning
import torch
from lightning.pytorch.callbacks import (
    Callback,
    EarlyStopping,
    EMAWeightAveraging,
    ModelCheckpoint,
    RichProgressBar,
)
from torch import Tensor, nn

from dogbreed.bundle import CONFIG_FILE, write_json
from trainer import machine
from trainer.architectures import (
    Pretrained,
    build_network,
    load_pretrained,
)
from trainer.calibration import calibrate
from trainer.datasets import serving_loader, training_loader, training_parts
from trainer.lightning_module import BreedTraining
from trainer.recipe import Recipe
from trainer.records import EpochRecords, read_epochs
from trainer.run import BEST_CHECKPOINT, LAST_CHECKPOINT, Run, TrainingError, read_run_config


def train(run: Run, data: Path, pretrained: Pretrained | None, resume: bool = False) -> None:
    """Trains as the run's configuration says, until early stopping or the last epoch; `run.best` is the result.

    Raises:
        PhotosError: `data` is not organized, or too small.
        TrainingError: the data's breeds are not the run's, or there is nothing to resume.
        WeightsError: the weights do not fit the architecture.
    """
    config = read_run_config(run)
    recipe = Recipe.model_validate(config.provenance.recipe)
    photos, validation = training_parts(config, data)
    if sorted({photo.breed for photo in photos}) != config.label_names:
        raise TrainingError(f"The breeds in {data} are not those that {run.path} was started with.")
    if resume and not run.last.is_file():
        raise TrainingError(f"There is no checkpoint to resume from: {run.last} does not exist.")
    machine.quiet_libraries()
    # A resumed run must not show the network the very views again that its first epochs were made of.
    lightning.seed_everything(config.provenance.seed + len(read_epochs(run.path)), workers=True, verbose=False)
    if not machine.has_gpu():
        machine.keep_freed_memory()
    network = build_network(recipe.architecture, len(config.label_names), recipe.head.dropout)
    if pretrained:
        from_imagenet = recipe.head.from_imagenet
        rows = load_pretrained(network, pretrained, recipe.architecture, config.label_names, from_imagenet)
        print(f"Weights: {pretrained.source}; {rows} of {len(config.label_names)} rows of the head from ImageNet.")
    module = BreedTraining(network, recipe, len(config.label_names))
    if machine.compile_pays(recipe.training.epochs * len(photos)):
        network.compile(dynamic=False)
    workers, pinned = machine.worker_count(), machine.has_gpu()
    print(f"{len(photos)} photos to train on, {len(validation)} to validate on, {machine.describe()}.", flush=True)
    _trainer(run, recipe).fit(
        module,
        training_loader(photos, config, recipe, workers, pinned),
        serving_loader(validation, config, recipe.training.batch_size, workers, pinned),
        ckpt_path=run.last if resume else None,
        weights_only=False if resume else None,  # our own checkpoint: optimizer and random states are more than tensors
    )


def _trainer(run: Run, recipe: Recipe) -> lightning.Trainer:
    callbacks: list[Callback] = [
        EarlyStopping("val_loss", patience=recipe.training.patience),
        ModelCheckpoint(run.checkpoints, Path(BEST_CHECKPOINT).stem, "val_loss", enable_version_counter=False),
        # Also on Ctrl-C and on errors: what was learnt since the epoch began is not lost.
        ModelCheckpoint(
            run.checkpoints, Path(LAST_CHECKPOINT).stem, save_on_exception=True, enable_version_counter=False
        ),
        EpochRecords(run.path),
    ]
    if recipe.training.ema_decay:
        callbacks.append(EMAWeightAveraging(decay=recipe.training.ema_decay))
    interactive = sys.stderr.isatty()
    if interactive:
        callbacks.append(RichProgressBar())
    return lightning.Trainer(
        max_epochs=recipe.training.epochs,
        precision=machine.best_precision(),
        devices=1,
        callbacks=callbacks,
        logger=False,
        enable_progress_bar=interactive,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        default_root_dir=run.path,
    )


def calibrate_run(run: Run, data: Path) -> None:
    """Fits the calibration of the best network on the validation part and keeps it in the run's configuration."""
    config = read_run_config(run)
    calibration = calibrate(best_network(run), config, data)
    print(f"Temperature, fitted on the validation photos: {calibration.temperature}")
    write_json(run.path / CONFIG_FILE, config.model_copy(update={"calibration": calibration}))


def best_network(run: Run) -> nn.Module:
    """The network of the run's best epoch, on the CPU, in evaluation mode.

    Raises:
        TrainingError: the run has not finished an epoch.
    """
    if not run.best.is_file():
        raise TrainingError(f"{run.path} has no finished epoch yet: {run.best} does not exist. Go on with --resume.")
    config = read_run_config(run)
    checkpoint = torch.load(run.best, map_location="cpu", weights_only=False)
    prefix = "network."
    state = cast(dict[str, Tensor], checkpoint["state_dict"])
    network = build_network(config.architecture, len(config.label_names), dropout=0.0)
    network.load_state_dict({name.removeprefix(prefix): t for name, t in state.items() if name.startswith(prefix)})
    return network.eval()
