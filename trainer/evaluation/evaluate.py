"""How good a bundle is on labelled photos, measured through the very path that serves."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dogbreed.answers.outputs import CLASS_ACTIVATION_MAPS, Outputs
from dogbreed.model.bundle import BundleConfig, Metrics
from dogbreed.model.classifier import Classifier
from trainer.evaluation.measures import ranks_and_losses
from trainer.machine import worker_count
from trainer.photos.folders import LabelledPhoto, PhotosError
from trainer.photos.loading import serving_loader
from trainer.progress import Progress

BATCH_SIZE = 32

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Answers:
    """Probabilities float32 `[photos, classes]`, and what else the network said of each photo, by output."""

    photos: list[LabelledPhoto]
    probabilities: Floats
    outputs: Outputs

    def outputs_of(self, index: int) -> Outputs:
        """As if the engine had been asked about this photo alone."""
        return {name: output[index : index + 1] for name, output in self.outputs.items()}

    def where(self, chosen: NDArray[np.bool_]) -> "Answers":
        photos = [photo for photo, is_chosen in zip(self.photos, chosen, strict=True) if is_chosen]
        outputs = {name: output[chosen] for name, output in self.outputs.items()}
        return Answers(photos, self.probabilities[chosen], outputs)


def together(parts: list[Answers]) -> Answers:
    """Answers to several sets of photos as if they were one."""
    outputs = {name: np.concatenate([part.outputs[name] for part in parts]) for name in parts[0].outputs}
    photos = [photo for part in parts for photo in part.photos]
    return Answers(photos, np.concatenate([part.probabilities for part in parts]), outputs)


@dataclass(frozen=True)
class Evaluation:
    """Answers beside the true class indices `[photos]`, and what they add up to."""

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


def evaluate(classifier: Classifier, photos: list[LabelledPhoto], description: str, progress: Progress) -> Evaluation:
    """Classifies every photo and compares with its folder's breed.

    Raises:
        PhotosError: a folder's name is not a breed that the model knows.
    """
    labels = classifier.bundle.config.label_names
    unknown = sorted({photo.breed for photo in photos} - set(labels))
    if unknown:
        raise PhotosError(
            f"The model does not know {len(unknown)} of the breeds ({', '.join(unknown[:5])}). Expected folders named "
            "as its label_names are; take the others away."
        )
    targets = np.array([labels.index(photo.breed) for photo in photos])
    answers = ask(classifier, photos, progress)
    return Evaluation(answers, labels, targets, measure(answers.probabilities, targets, description))


def ask(classifier: Classifier, photos: list[LabelledPhoto], progress: Progress) -> Answers:
    """Classifies every photo, whatever it shows."""
    probabilities: list[Floats] = []
    said: list[Outputs] = []
    for done, images in batches_of(classifier.config, photos):
        answer, outputs = classifier.answer(images)
        probabilities.append(answer)
        said.append(
            {name: output for name, output in outputs.items() if name != CLASS_ACTIVATION_MAPS}
        )  # large, and not needed
        progress(done, len(photos))
    joined = {name: np.concatenate([outputs[name] for outputs in said]) for name in said[0]}
    return Answers(photos, np.concatenate(probabilities), joined)


def batches_of(config: BundleConfig, photos: list[LabelledPhoto]) -> Iterator[tuple[int, Floats]]:
    """Gives (photos so far, float32 `[n, 3, h, w]`), framed as the bundle says."""
    done = 0
    for images, _ in serving_loader(photos, config, BATCH_SIZE, worker_count()):
        done += len(images)
        yield done, images.numpy()


def measure(probabilities: Floats, targets: NDArray[np.int64], description: str) -> Metrics:
    """Top-1, top-5 and log loss, the first two with 95 % Wilson intervals.

    Args:
        probabilities: float32 `[photos, classes]`, each row adding up to 1.
        targets: true class indices `[photos]`.
    """
    n = len(targets)
    ranks, losses = ranks_and_losses(probabilities, targets)
    top1, top5 = int((ranks < 1).sum()), int((ranks < 5).sum())
    return Metrics(
        description=description,
        photos=n,
        breeds=len(np.unique(targets)),
        top1=top1 / n,
        top1_interval=wilson_interval(top1, n),
        top5=top5 / n,
        top5_interval=wilson_interval(top5, n),
        log_loss=float(losses.mean()),
    )


def wilson_interval(hits: int, n: int, z: float = 1.959964) -> tuple[float, float]:
    """The 95 % score interval of a share (Wilson 1927): right also near 0 and 1 and for few photos."""
    share = hits / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(centre - half, 0.0), min(centre + half, 1.0)
