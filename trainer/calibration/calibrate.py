"""Calibration: temperature, thresholds and look-alikes, fitted on the validation part."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from dogbreed.answers.calibration import Calibration, Gate, ScoreName
from dogbreed.answers.outputs import DOG, FAMILIARITY, KNOWN_BREED, OUTPUT, Outputs
from dogbreed.answers.scores import SCORES, known_breed_probability, softmax
from dogbreed.photos.preprocessing import Preprocessing
from trainer.calibration.alternatives import Alternatives, fit_gates, fit_set_methods
from trainer.calibration.known_breeds import SeenDogs, fit_known_breeds, fold_of
from trainer.calibration.look_alikes import estimate_look_alikes
from trainer.calibration.results import CalibrationResult
from trainer.calibration.same_dog import fit_same_dog
from trainer.calibration.thresholds import DOGS_KEPT, KEPT, SeenPhotos, fit_gate, fit_shortlist, fit_verdict
from trainer.machine import keep_freed_memory, worker_count
from trainer.networks.half_precision import round_to_half
from trainer.networks.network import BreedNetwork
from trainer.networks.score_tensors import ImagenetHead, ScoreTensors
from trainer.networks.served import ServedNetwork
from trainer.photos.far_view import far_view
from trainer.photos.folders import LabelledPhoto
from trainer.photos.loading import serving_loader
from trainer.photos.parts import CalibrationPhotos
from trainer.progress import ProgressBar, silent

BATCH_SIZE = 64
VIEWS = 2  # a photo as it is and from farther away


@dataclass(frozen=True)
class Looked:
    """What a network says of photos in both views: first all photos as they are, then all from farther away.

    targets: true class indices `[rows]`. outputs: by name. inputs: of the last layer, `[rows, k]`.
    """

    photos: list[LabelledPhoto]
    targets: NDArray[np.int64]
    outputs: Outputs
    inputs: Tensor

    def near(self, of_rows: NDArray[Any]) -> NDArray[Any]:
        return of_rows[: len(self.photos)]

    def dogs(self, by_breed: bool) -> SeenDogs:
        folds = np.array([fold_of(photo, by_breed) for photo in self.photos] * VIEWS)
        return SeenDogs(self.inputs.numpy(), self.outputs[OUTPUT], folds)


def calibrate(
    network: BreedNetwork,
    preprocessing: Preprocessing,
    label_names: list[str],
    photos: CalibrationPhotos,
    imagenet: ImagenetHead | None,
    progress: ProgressBar = silent,
) -> CalibrationResult:
    """Fits a network's calibration on validation photos.

    The temperature and the look-alikes are fitted on the photos as they are. The thresholds of shortlists, gates and
    verdicts are fitted on the photos as they are and on views of them from farther away: training photos are often
    cropped to the dog, and thresholds fitted on such photos alone do not hold for whole photos.

    Args:
        network: on the CPU, in evaluation mode. Its weights are rounded as a bundle keeps them.
        photos: photos that it was not trained on.
        imagenet: the head that tells dogs from everything else, if there is one.

    Raises:
        PhotoError: a file is no photo.
    """
    keep_freed_memory()
    round_to_half(network)
    served = ServedNetwork(network, ScoreTensors(imagenet), preprocessing.input_size[1])

    def look(title: str, shown: list[LabelledPhoto]) -> Looked:
        return _look(served, preprocessing, label_names, shown, progress, title)

    seen = look("Calibrating", photos.validation)
    known = None
    if photos.other_breeds:
        other = look("Calibrating on other breeds", photos.other_breeds)
        known = fit_known_breeds(seen.dogs(by_breed=False), other.dogs(by_breed=True))
    center = seen.inputs.mean(dim=0)
    seen.outputs[FAMILIARITY] = familiarity(served, seen.outputs[OUTPUT], seen.inputs, center)
    if known:
        seen.outputs[KNOWN_BREED] = known[1].astype(np.float32)
    logits, targets = seen.near(seen.outputs[OUTPUT]), seen.near(seen.targets)
    temperature = round(fit_temperature(torch.from_numpy(logits), torch.from_numpy(targets)), 4)
    return CalibrationResult(
        _fit(seen, temperature, label_names),
        ScoreTensors(imagenet, center, known[0] if known else None),
        estimate_look_alikes(logits / temperature, targets, f"{len(targets)} photos of the validation part"),
        Alternatives(
            shortlists=fit_set_methods(softmax(seen.outputs[OUTPUT], temperature), seen.targets),
            gates=fit_gates(seen.outputs, VIEWS),
        ),
    )


def _fit(seen: Looked, temperature: float, label_names: list[str]) -> Calibration:
    outputs, probabilities = seen.outputs, softmax(seen.outputs[OUTPUT], temperature)
    dog = _dog_gate(outputs)
    unfamiliar: ScoreName = "known_breed" if KNOWN_BREED in outputs else "cosine"
    familiar = fit_gate(unfamiliar, SCORES[unfamiliar](outputs), KEPT, VIEWS)
    near, far = np.split(probabilities, VIEWS)
    passes = np.ones(len(seen.targets), bool)
    for gate in (dog, familiar):
        passes &= SCORES[gate.score](outputs) >= gate.threshold if gate else True
    sources = sorted({photo.source for photo in seen.photos})
    rows = SeenPhotos(
        probabilities,
        seen.targets,
        known_breed_probability(outputs),
        passes,
        view=np.repeat(np.arange(VIEWS), len(seen.photos)),
        source=np.array([sources.index(photo.source) for photo in seen.photos] * VIEWS),
    )
    return Calibration(
        temperature=temperature,
        shortlist=fit_shortlist(probabilities, seen.targets, VIEWS),
        verdict=fit_verdict(rows, label_names),
        dog=dog,
        familiar=familiar,
        same_dog=fit_same_dog(near, far, seen.near(seen.targets)),
    )


def _dog_gate(outputs: Outputs) -> Gate | None:
    """By ImageNet's head if it still recognises dogs: training may have moved the backbone's features away from it."""
    if DOG in outputs:
        gate = fit_gate("imagenet", SCORES["imagenet"](outputs), DOGS_KEPT, VIEWS)
        if gate is None or gate.threshold > 0:
            return gate
    return fit_gate("energy", SCORES["energy"](outputs), DOGS_KEPT, VIEWS)


def _look(
    served: ServedNetwork,
    preprocessing: Preprocessing,
    label_names: list[str],
    photos: list[LabelledPhoto],
    progress: ProgressBar,
    title: str,
) -> Looked:
    targets, outputs, inputs = [], [], []
    with torch.inference_mode(), progress(title) as looking:
        for view in (None, far_view):
            for images, labels in serving_loader(photos, preprocessing, BATCH_SIZE, worker_count(), label_names, view):
                said, seen = served.look(images)
                targets.append(labels)
                inputs.append(seen)
                outputs.append({name: said[name].numpy() for name in (OUTPUT, DOG) if name in said})
                looking(sum(map(len, targets)), VIEWS * len(photos))
    joined = {name: np.concatenate([batch[name] for batch in outputs]) for name in outputs[0]}
    return Looked(photos, torch.cat(targets).numpy(), joined, torch.cat(inputs))


def familiarity(
    served: ServedNetwork, logits: NDArray[np.float32], inputs: Tensor, center: Tensor
) -> NDArray[np.float32]:
    with torch.inference_mode():
        scores: NDArray[np.float32] = served.familiarity(torch.from_numpy(logits), inputs, center).numpy()
    return scores


def fit_temperature(logits: Tensor, targets: Tensor) -> float:
    """The temperature that minimizes the log loss of softmax(logits / temperature) (Guo et al. 2017).

    Args:
        logits: `[photos, classes]`.
        targets: class indices `[photos]`.

    Returns:
        A positive number: above 1 if the network is overconfident, below 1 if it is underconfident.
    """
    # exp(x) stays above zero. The loss is convex in 1 / temperature, so there is one minimum.
    exponent = torch.zeros((), dtype=torch.float64, requires_grad=True)
    scores = logits.detach().clone().double()
    optimizer = torch.optim.LBFGS([exponent], max_iter=100, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = F.cross_entropy(scores / exponent.exp(), targets)
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimizer.step(closure)  # type: ignore[no-untyped-call]
    # For a network without errors here the best temperature is 0, which a few hundred photos cannot justify.
    return float(exponent.detach().exp().clamp(0.25, 4.0))
