"""Trains a network on labelled photos as a recipe says."""

import logging
import sys
from collections.abc import Sequence
from pathlib import Path

import lightning
from lightning.pytorch.callbacks import Callback, LearningRateMonitor, RichProgressBar, WeightAveraging
from lightning.pytorch.callbacks import ProgressBar as LightningBar
from lightning.pytorch.loggers import TensorBoardLogger
from lightning.pytorch.strategies import DDPStrategy
from torch.optim.swa_utils import get_ema_multi_avg_fn

from trainer import machine
from trainer.distributed import World, log_from_rank_zero
from trainer.networks.network import BreedNetwork
from trainer.photos.parts import training_parts
from trainer.progress import ProgressBar, silent
from trainer.recipes.recipe import Recipe
from trainer.training.batches import TrainingBatches, ValidationBatches, class_weights, loading_for
from trainer.training.cached_views import with_cached_views
from trainer.training.checkpoints import BestCheckpoint, LastCheckpoint, StopWhenNothingImproves, WholeCheckpoints
from trainer.training.data import TrainingData, read_training_data
from trainer.training.epoch_records import EpochRecords, SampleViews
from trainer.training.lightning_module import BreedTraining
from trainer.training.run import starting_network
from trainer.training.run_config import RunConfig, TrainingError
from trainer.training.run_folder import Run
from trainer.training.run_lock import in_use
from trainer.training.step_records import StepRecords
from trainer.training.stopping import TrainingStopped
from trainer.training.teachers import load_teachers

LOG_EVERY_STEPS = 10

logger = logging.getLogger(__name__)


def train(
    run: Run,
    config: RunConfig,
    data: Path,
    cache: Path,
    world: World,
    progress: ProgressBar = silent,
    watchers: Sequence[Callback] = (),
) -> None:
    """Trains as the run's configuration says, until early stopping or the last epoch; `run.best` is the result.

    A run that has a checkpoint resumes from it and gives the same results as an uninterrupted run.

    Args:
        cache: folder for decoded photos, features and answers of teachers.
        watchers: callbacks that may stop training after an epoch; the run can be resumed later. A progress bar among
            them replaces the usual one.

    Raises:
        BundleError: a teacher is missing or cannot be run.
        CheckpointError: a checkpoint could not be written.
        NetworkError: the backbone cannot be cut where the recipe says.
        PhotoError: a file is no photo.
        PhotosError: `data` is not organized, or too small.
        TeacherError: a teacher is not the one that the run was started with.
        ProcessesError: several processes train, and they read different checkpoints.
        TrainingError: the data's breeds are not the run's, or a batch has fewer photos than there are processes.
        TrainingStopped: a signal asked for it.
    """
    log_from_rank_zero(world)
    with in_use(run, world):
        network, prepared = prepare(run, config, data, cache, progress)
        epochs_on_photos = sum(
            prepared.of_epoch(epoch) is prepared.photos for epoch in range(config.recipe.training.epochs)
        )
        if machine.compile_pays(epochs_on_photos * len(prepared.photos)):
            network.compile(dynamic=False)
        fit(run, config, network, prepared, world, watchers)


def prepare(
    run: Run, config: RunConfig, data: Path, cache: Path, progress: ProgressBar = silent
) -> tuple[BreedNetwork, TrainingData]:
    """The network that the run starts from, and its photos with everything that is computed from them once.

    Raises:
        BundleError, NetworkError, PhotoError, PhotosError, TeacherError, TrainingError: see `train`.
    """
    recipe = config.recipe
    photos, validation = training_parts(data, recipe.training.validation_fraction, config.seed)
    if sorted({photo.breed for photo in photos}) != config.label_names:
        raise TrainingError(
            f"The breeds in {data} are not the ones that {run.path} was started with. Give the same --data."
        )
    machine.quiet_libraries()
    machine.keep_freed_memory()
    network = starting_network(run, config)
    where = machine.describe(recipe.training.precision)
    logger.info("%d photos to train on, %d to validate on, %s.", len(photos), len(validation), where)
    teachers = load_teachers(config, cache)
    read = read_training_data(config, photos, validation, cache, progress)
    return network, with_cached_views(read, network, config, cache, teachers, progress)


def fit(
    run: Run,
    config: RunConfig,
    network: BreedNetwork,
    data: TrainingData,
    world: World,
    watchers: Sequence[Callback] = (),
) -> None:
    """Trains a network on prepared data; resumes if the run has a checkpoint."""
    recipe, seed = config.recipe, config.seed
    weights = (
        class_weights(data.labels, len(config.label_names)) if recipe.training.class_weighting == "balanced" else None
    )
    batch_size, how = recipe.training.batch_size, loading_for(world)
    batches = TrainingBatches(data.of_epoch, len(data.photos), batch_size, seed, how)
    if batches.batch_size < world.size:
        raise TrainingError(
            f"A batch of {batches.batch_size} photos cannot be divided between {world.size} processes. Start fewer "
            "processes, or raise training.batch_size in the recipe of a new run."
        )
    steps = len(batches) * recipe.training.epochs
    module = BreedTraining(
        network,
        recipe,
        config.mean,
        config.std,
        steps=steps,
        batch_size=batches.batch_size,
        seed=seed,
        class_weights=weights,
        world=world,
        taught=data.taught,
    )
    validation = ValidationBatches(
        lambda: data.validation_of_epoch(module.current_epoch), len(data.validation), batch_size, how
    )
    resume, last = run.last.is_file(), LastCheckpoint(run.last, batches, world)
    by_step = StepRecords(run.path, batches.batch_size, len(batches), recipe.training.epochs)
    records = [by_step, EpochRecords(run.path)]  # in this order: the second one draws what the first one wrote
    callbacks = [*records, SampleViews(run.path, data.photos), last, *watchers]
    with last.listening():
        build_trainer(run, recipe, world, callbacks, len(batches)).fit(
            module,
            batches,
            validation,
            ckpt_path=run.last if resume else None,
            weights_only=False if resume else None,  # our own checkpoint: optimizer and counters are more than tensors
        )
    if last.asked_to_stop:  # after the last step, when no callback looks any more
        raise TrainingStopped


def build_trainer(run: Run, recipe: Recipe, world: World, callbacks: list[Callback], batches: int) -> lightning.Trainer:
    """Lightning's loop with everything that a run records: checkpoints, metrics by epoch, TensorBoard."""
    training = recipe.training
    has_bar = any(isinstance(callback, LightningBar) for callback in callbacks)
    adds_bar = sys.stderr.isatty() and world.writes and not has_bar
    return lightning.Trainer(
        max_epochs=training.epochs,
        precision=machine.precision(training.precision),
        devices=world.on_this_machine,
        num_nodes=world.machines,
        # Parts of the network that are frozen in some epochs have no gradients to wait for.
        strategy=DDPStrategy(find_unused_parameters=bool(training.cached_through) or not training.trains_backbone(0))
        if world.size > 1
        else "auto",
        sync_batchnorm=world.size > 1 and machine.has_gpu(),  # PyTorch has it for GPUs only
        use_distributed_sampler=False,  # our loaders divide the batches
        callbacks=[*_callbacks(run, recipe, adds_bar), *callbacks],
        plugins=[WholeCheckpoints()],
        logger=TensorBoardLogger(run.path, name="tensorboard", version=""),
        log_every_n_steps=min(LOG_EVERY_STEPS, batches),
        enable_progress_bar=has_bar or adds_bar,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        default_root_dir=run.path,
    )


def _callbacks(run: Run, recipe: Recipe, adds_bar: bool) -> list[Callback]:
    callbacks: list[Callback] = [
        StopWhenNothingImproves("val_loss", patience=recipe.training.patience),
        BestCheckpoint(run.best),
        LearningRateMonitor("step"),
    ]
    if recipe.training.ema_decay:
        # All weights in one call, not one by one.
        average = get_ema_multi_avg_fn(recipe.training.ema_decay)  # type: ignore[no-untyped-call]
        callbacks.append(WeightAveraging(use_buffers=True, multi_avg_fn=average))
    if adds_bar:
        callbacks.append(RichProgressBar())
    return callbacks
