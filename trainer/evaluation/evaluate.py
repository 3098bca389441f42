"""Measures a bundle on labelled photos with the same code that serves it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dogbreed.answers.outputs import CLASS_ACTIVATION_MAPS, Outputs
from dogbreed.model.bundle import Metrics
from dogbreed.model.classifier import Classifier
from dogbreed.photos.preprocessing import Preprocessing
from trainer.evaluation.measures import measured_share, ranks_and_losses
from trainer.machine import worker_count
from trainer.photos.folders import LabelledPhoto, PhotosError
from trainer.photos.loading import serving_loader
from trainer.progress import ProgressBar, silent

BATCH_SIZE = 32

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Answers:
    """Probabilities float32 `[photos, classes]`, and the other outputs of the network by name, for each photo."""

    photos: list[LabelledPhoto]
    probabilities: Floats
    outputs: Outputs

    def outputs_of(self, index: int) -> Outputs:
        """The outputs for one photo, as the engine gives them for this photo alone."""
        return {name: output[index : index + 1] for name, output in self.outputs.items()}

    def where(self, chosen: NDArray[np.bool_]) -> "Answers":
        photos = [photo for photo, is_chosen in zip(self.photos, chosen, strict=True) if is_chosen]
        outputs = {name: output[chosen] for name, output in self.outputs.items()}
        return Answers(photos, self.probabilities[chosen], outputs)


def together(parts: list[Answers]) -> Answers:
    """The answers to several sets of photos as one set."""
    outputs = {name: np.concatenate([part.outputs[name] for part in parts]) for name in parts[0].outputs}
    photos = [photo for part in parts for photo in part.photos]
    return Answers(photos, np.concatenate([part.probabilities for part in parts]), outputs)


@dataclass(frozen=True)
class Evaluation:
    """Answers with the true class indices `[photos]` and the metrics."""

    answers: Answers
    label_names: list[str]
    targets: NDArray[np.int64]
    metrics: Metrics

    @property
    def photos(self) -> list[LabelledPhoto]:
        return self.answers.photos

    @property
    def probabilities(self) -> Floats:
        return self.answers.probabilities


def evaluate(
    classifier: Classifier,
    photos: list[LabelledPhoto],
    description: str,
    progress: ProgressBar = silent,
    title: str = "Measuring",
) -> Evaluation:
    """Classifies every photo and compares the answers with the photos' breeds.

    Raises:
        PhotosError: the model does not know one of the breeds.
    """
    labels = classifier.bundle.config.label_names
    unknown = sorted({photo.breed for photo in photos} - set(labels))
    if unknown:
        raise PhotosError(
            f"The model does not know {len(unknown)} of the breeds ({', '.join(unknown[:5])}). Name the folders like "
            "its label_names, and remove the others."
        )
    targets = np.array([labels.index(photo.breed) for photo in photos])
    answers = ask(classifier, photos, progress, title)
    return Evaluation(answers, labels, targets, measure(answers.probabilities, targets, description))


def ask(
    classifier: Classifier, photos: list[LabelledPhoto], progress: ProgressBar = silent, title: str = "Classifying"
) -> Answers:
    """Classifies photos of anything, without comparing the answers with a breed."""
    probabilities: list[Floats] = []
    said: list[Outputs] = []
    with progress(title) as classifying:
        for done, images in batches_of(classifier.config, photos):
            answer, outputs = classifier.answer(images)
            probabilities.append(answer)
            outputs.pop(CLASS_ACTIVATION_MAPS, None)  # large, and not needed
            said.append(outputs)
            classifying(done, len(photos))
    joined = {name: np.concatenate([outputs[name] for outputs in said]) for name in said[0]}
    return Answers(photos, np.concatenate(probabilities), joined)


def batches_of(preprocessing: Preprocessing, photos: list[LabelledPhoto]) -> Iterator[tuple[int, Floats]]:
    """Yields (number of photos so far, float32 `[n, 3, h, w]`)."""
    done = 0
    for images, _ in serving_loader(photos, preprocessing, BATCH_SIZE, worker_count()):
        done += len(images)
        yield done, images.numpy()


def measure(probabilities: Floats, targets: NDArray[np.int64], description: str) -> Metrics:
    """Top-1, top-5 and log loss, the first two with 95 % Wilson intervals.

    Args:
        probabilities: float32 `[photos, classes]`, each row adding up to 1.
        targets: true class indices `[photos]`.
    """
    ranks, losses = ranks_and_losses(probabilities, targets)
    top1, top5 = measured_share(ranks < 1), measured_share(ranks < 5)
    return Metrics(
        description=description,
        photos=len(targets),
        breeds=len(np.unique(targets)),
        top1=top1.value,
        top1_interval=top1.interval,
        top5=top5.value,
        top5_interval=top5.interval,
        log_loss=float(losses.mean()),
    )
