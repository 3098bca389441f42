"""The whole way: train, export, measure on the test part once, and write it all down."""

from pathlib import Path

from dogbreed.bundle import read_bundle
from dogbreed.classifier import Classifier
from trainer.console import progress_bar
from trainer.distributed import World
from trainer.evaluation import evaluate, record_metrics
from trainer.export import export_run
from trainer.parity import compare_with_pytorch
from trainer.photos import LabelledPhoto, find_photos, part_of
from trainer.report import MeasuredSet, Strangers, write_report
from trainer.run import Run
from trainer.training import calibrate_run, train


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
    write_report(read_bundle(run.bundle), [MeasuredSet("test", evaluation)], Strangers(), run.evaluation)
    m = evaluation.metrics
    print(f"Test part: top-1 {m.top1:.1%}, top-5 {m.top5:.1%}, log loss {m.log_loss:.3f} on {m.photos} photos.")
    print(f"OpenVINO and PyTorch: {parity}")
