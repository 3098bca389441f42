"""The whole way: train, calibrate, export, measure once on the test part, and write a report."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lightning.pytorch import Callback

from dogbreed.model.bundle import read_bundle
from dogbreed.model.classifier import Classifier
from trainer.bundles.export import export_run
from trainer.bundles.parity import compare_with_pytorch
from trainer.bundles.recorded_metrics import record_metrics
from trainer.calibration.calibrate import calibrate
from trainer.calibration.described import described
from trainer.calibration.results import write_results
from trainer.console import progress_bar
from trainer.diagnosis.export_check import export_check
from trainer.diagnosis.watch import Watch
from trainer.distributed import World
from trainer.evaluation.evaluate import evaluate
from trainer.evaluation.report import MeasuredSet, OutOfDistributionSets, write_report
from trainer.notices import Notices
from trainer.photos.folders import LabelledPhoto
from trainer.photos.parts import CalibrationPhotos, calibration_photos, photos_of_part
from trainer.photos.reading import check_photos
from trainer.progress import ProgressBar
from trainer.training.fit import train
from trainer.training.run import best_network, run_score_tensors
from trainer.training.run_config import RunConfig, read_run_config
from trainer.training.run_findings import OnFinding, read_findings, refuse_hopeless
from trainer.training.run_folder import Run
from trainer.training.run_lock import in_use
from trainer.training.stopping import TrainingStopped

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Watching:
    """How a training is watched.

    Attributes:
        on_finding: `stop` ends a training that is hopeless, and does not go on with one that was found to be.
        watchers: callbacks of the training, in every process.
        progress: the bars of what comes before the first step.
    """

    on_finding: OnFinding = "say"
    watchers: Sequence[Callback] = ()
    progress: ProgressBar = progress_bar


def train_to_bundle(run: Run, data: Path, cache: Path, notices: Notices, watching: Watching = Watching()) -> None:
    """Trains and writes `run.bundle` with its accuracy on the test part, which nothing else has used.

    A run that was stopped continues with the steps that are not done yet. Where several processes train, all return
    only when the bundle is there: if the first one fails before that, all fail, and can be restarted together.

    Raises:
        HopelessTrainingError: training was ended because of a finding.
        CheckpointError, PhotoError, PhotosError, ProcessesError, TrainingError, TrainingStopped: see `train`.
        BundleError: the exported network does not agree with PyTorch.
    """
    with in_use(run, notices.world):
        _train_to_bundle(run, data, cache, notices, watching)
    notices.leave_together()


def _train_to_bundle(run: Run, data: Path, cache: Path, notices: Notices, watching: Watching) -> None:
    config = read_run_config(run.path)
    test_photos = photos_of_part(data, "test")  # a missing test part is noticed before training, not after
    world = notices.world
    # One process looks: the others may see an older state of a network disk.
    if notices.decided("trains", lambda: "no" if run.bundle.exists() else "yes") == "yes":
        if world.writes:
            if watching.on_finding == "stop":
                refuse_hopeless(run.path)
            _check_photos_for_later(config, data, test_photos)
        _train(run, config, data, cache, world, watching)
        if world.writes:
            calibrate_run(run, config, data)
            export_run(run, config, run.bundle)
    if world.writes and not run.evaluation.exists():
        _measure(run, test_photos)


def _train(run: Run, config: RunConfig, data: Path, cache: Path, world: World, watching: Watching) -> None:
    watch = Watch(run.path, config, world, watching.on_finding, export_check(run, config))
    try:
        train(run, config, data, cache, world, watching.progress, [watch, *watching.watchers])
    except TrainingStopped:
        if watching.on_finding == "stop":
            refuse_hopeless(run.path, watch.findings)
        raise


def _check_photos_for_later(config: RunConfig, data: Path, test_photos: list[LabelledPhoto]) -> None:
    """Finds a broken photo among those that are read after training only. Training reads the others at its start."""
    other_breeds = _calibration_photos(config, data).other_breeds
    with progress_bar("Checking test photos") as checking:
        check_photos([*test_photos, *other_breeds], config.preprocessing, checking)


def _measure(run: Run, photos: list[LabelledPhoto]) -> None:
    bundle = read_bundle(run.bundle)
    # In float32 on every machine: recorded measurements must not depend on the processor.
    classifier = Classifier.load(bundle.path, precision="float32")
    description = f"Test part: {bundle.config.provenance.trained_on}"
    evaluation = evaluate(classifier, photos, description, progress_bar, "Measuring on the test part")
    parity = compare_with_pytorch(classifier, photos, progress_bar)
    record_metrics(bundle, "test", evaluation.metrics)
    sets, noticed = [MeasuredSet("test", evaluation)], read_findings(run.path)
    write_report(read_bundle(run.bundle), sets, OutOfDistributionSets(), run.evaluation, noticed=map(vars, noticed))
    m = evaluation.metrics
    logger.info(f"Test part: top-1 {m.top1:.1%}, top-5 {m.top5:.1%}, log loss {m.log_loss:.3f} on {m.photos} photos.")
    logger.info(f"OpenVINO and PyTorch: {parity}")


def calibrate_run(run: Run, config: RunConfig, data: Path) -> None:
    """Fits the calibration of the best network on the validation part and keeps it in the run's folder."""
    photos = _calibration_photos(config, data)
    network, head = best_network(run, config), run_score_tensors(run).imagenet
    result = calibrate(network, config.preprocessing, config.label_names, photos, head, progress_bar)
    logger.info("\n".join(described(result.calibration)))
    write_results(run, result)


def _calibration_photos(config: RunConfig, data: Path) -> CalibrationPhotos:
    return calibration_photos(data, config.recipe.training.validation_fraction, config.seed)
