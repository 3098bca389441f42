"""The whole way: train, export, measure on the test part once, and write it all down."""

from pathlib import Path

from safetensors.torch import save_file

from dogbreed.model.bundle import CONFIG_FILE, LOOK_ALIKES_FILE, read_bundle, write_json
from dogbreed.model.classifier import Classifier
from trainer.bundles.export import export_run
from trainer.bundles.parity import compare_with_pytorch
from trainer.bundles.recorded_metrics import record_metrics
from trainer.calibration.calibrate import calibrate, described
from trainer.console import progress_bar
from trainer.distributed import World
from trainer.evaluation.evaluate import evaluate
from trainer.evaluation.report import MeasuredSet, OutOfDistributionSets, write_report
from trainer.photos.folders import LabelledPhoto, find_photos
from trainer.photos.parts import part_of
from trainer.training.fit import train
from trainer.training.run import Run, best_network, read_run_config, run_score_tensors


def train_to_bundle(run: Run, data: Path, cache: Path, world: World) -> None:
    """Trains, and leaves `run.bundle` with its accuracy on the test part, which nothing before has looked at.

    A run that was stopped goes on with what is not done yet.

    Raises:
        CheckpointError, PhotoError, PhotosError, TrainingError, TrainingStopped: see `train`.
        BundleError: the exported network does not agree with PyTorch.
    """
    test_photos = find_photos(part_of(data, "test"))  # a missing test part is noticed before training, not after
    if not run.bundle.exists():
        train(run, data, cache, world)
        if not world.writes:
            return
        calibrate_run(run, data)
        export_run(run, run.bundle)
    if world.writes and not run.evaluation.exists():
        _measure(run, test_photos)


def _measure(run: Run, photos: list[LabelledPhoto]) -> None:
    bundle = read_bundle(run.bundle)
    # In float32 on every machine: what is recorded must not depend on the processor that measured it.
    classifier = Classifier.load(bundle.path, precision="float32")
    with progress_bar("Measuring on the test part") as progress:
        evaluation = evaluate(classifier, photos, f"Test part: {bundle.config.provenance.trained_on}", progress)
    with progress_bar("Comparing with PyTorch") as progress:
        parity = compare_with_pytorch(classifier, photos, progress)
    record_metrics(bundle, "test", evaluation.metrics)
    write_report(read_bundle(run.bundle), [MeasuredSet("test", evaluation)], OutOfDistributionSets(), run.evaluation)
    m = evaluation.metrics
    print(f"Test part: top-1 {m.top1:.1%}, top-5 {m.top5:.1%}, log loss {m.log_loss:.3f} on {m.photos} photos.")
    print(f"OpenVINO and PyTorch: {parity}")


def calibrate_run(run: Run, data: Path) -> None:
    """Fits the calibration of the best network on the validation part and keeps it in the run's folder."""
    config = read_run_config(run)
    trust = calibrate(best_network(run), config, data, run_score_tensors(run).imagenet)
    print("\n".join(described(trust.calibration)), flush=True)
    save_file(trust.score_tensors.state(), run.score_tensors)
    if trust.look_alikes:
        write_json(run.path / LOOK_ALIKES_FILE, trust.look_alikes)
    write_json(run.path / CONFIG_FILE, config.model_copy(update={"calibration": trust.calibration}))
