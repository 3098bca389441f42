"""Calibration: temperature, thresholds and look-alikes, fitted on the validation part."""

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

from dogbreed.answers.calibration import Calibration, Gate
from dogbreed.answers.outputs import DOG, FAMILIARITY, OUTPUT, Outputs
from dogbreed.answers.scores import SCORES, softmax
from dogbreed.photos.preprocessing import Preprocessing
from trainer.calibration.alternatives import Alternatives, fit_gates, fit_set_methods
from trainer.calibration.look_alikes import estimate_look_alikes
from trainer.calibration.results import CalibrationResult
from trainer.calibration.thresholds import fit_gate, fit_shortlist, fit_verdict
from trainer.machine import keep_freed_memory, worker_count
from trainer.networks.network import BreedNetwork
from trainer.networks.served import ImagenetHead, ScoreTensors, ServedNetwork
from trainer.photos.folders import LabelledPhoto
from trainer.photos.loading import Batch, View, serving_loader
from trainer.photos.splits import rank
from trainer.progress import Progress, ProgressBar, silent

BATCH_SIZE = 64
FARTHEST = 1.6  # the largest width and height of a far view, in widths and heights of the photo


def calibrate(
    network: BreedNetwork,
    preprocessing: Preprocessing,
    label_names: list[str],
    validation: list[LabelledPhoto],
    imagenet: ImagenetHead | None,
    progress: ProgressBar = silent,
) -> CalibrationResult:
    """Fits a network's calibration on validation photos.

    The temperature and the look-alikes are fitted on the photos as they are. The thresholds of shortlists, gates and
    verdicts are fitted on views of them from farther away: training photos are often cropped to the dog, and thresholds
    fitted on such photos are too strict for whole photos.

    Args:
        network: on the CPU, in evaluation mode.
        validation: photos that it was not trained on.
        imagenet: the head that tells dogs from everything else, if there is one.

    Raises:
        PhotoError: a file is no photo.
    """
    keep_freed_memory()
    served = ServedNetwork(network, ScoreTensors(imagenet), preprocessing.input_size[1])

    def outputs(title: str, view: View | None) -> tuple[NDArray[np.int64], Outputs, Tensor]:
        batches = serving_loader(validation, preprocessing, BATCH_SIZE, worker_count(), label_names, view)
        with progress(title) as calibrating:
            return _outputs(served, batches, len(validation), calibrating)

    targets, near, near_inputs = outputs("Calibrating", None)
    _, far, far_inputs = outputs("Calibrating, from farther away", far_view)
    center = torch.cat([near_inputs, far_inputs]).mean(dim=0)
    far[FAMILIARITY] = familiarity(served, far[OUTPUT], far_inputs, center)
    temperature = round(fit_temperature(torch.from_numpy(near[OUTPUT]), torch.from_numpy(targets)), 4)
    description = f"{len(targets)} photos of the validation part"
    return CalibrationResult(
        _fit(far, targets, temperature, label_names),
        ScoreTensors(imagenet, center),
        estimate_look_alikes(near[OUTPUT] / temperature, targets, description),
        Alternatives(
            shortlists=fit_set_methods(softmax(far[OUTPUT], temperature), targets),
            gates=fit_gates(far),
        ),
    )


def _fit(far: Outputs, targets: NDArray[np.int64], temperature: float, label_names: list[str]) -> Calibration:
    probabilities = softmax(far[OUTPUT], temperature)
    dog, familiar = _dog_gate(far), fit_gate("cosine", far[FAMILIARITY])
    passes = np.ones(len(targets), bool)
    for gate in (dog, familiar):
        passes &= SCORES[gate.score](far) >= gate.threshold if gate else True
    return Calibration(
        temperature=temperature,
        shortlist=fit_shortlist(probabilities, targets),
        verdict=fit_verdict(probabilities, targets, passes, label_names),
        dog=dog,
        familiar=familiar,
    )


def _dog_gate(outputs: Outputs) -> Gate | None:
    """By ImageNet's head if it still recognises dogs: training may have moved the backbone's features away from it."""
    if DOG in outputs:
        gate = fit_gate("imagenet", SCORES["imagenet"](outputs))
        if gate is None or gate.threshold > 0:
            return gate
    return fit_gate("energy", SCORES["energy"](outputs))


def far_view(photo: Image.Image, labelled: LabelledPhoto) -> Image.Image:
    """A photo as if taken from farther away, by a factor of up to `FARTHEST`: it is padded with its mirror images.

    The factor and the photo's place in the view depend on the breed and the file's name alone.
    """
    random = np.random.default_rng(int(rank(0, "far view", f"{labelled.breed}/{labelled.path.name}")[:12], 16))
    larger = random.uniform(1, FARTHEST) - 1
    added = round(photo.width * larger), round(photo.height * larger)
    left, top = (round(space * random.uniform()) for space in added)
    around = ((top, added[1] - top), (left, added[0] - left), (0, 0))
    return Image.fromarray(np.pad(np.asarray(photo), around, mode="symmetric"))


def _outputs(
    served: ServedNetwork, batches: Iterator[Batch], photos: int, progress: Progress
) -> tuple[NDArray[np.int64], Outputs, Tensor]:
    """True class indices `[photos]`, the network's outputs, and the inputs of its last layer `[photos, k]`."""
    targets, outputs, inputs = [], [], []
    with torch.inference_mode():
        for images, labels in batches:
            said, seen = served.look(images)
            targets.append(labels)
            inputs.append(seen)
            outputs.append({name: said[name].numpy() for name in (OUTPUT, DOG) if name in said})
            progress(sum(map(len, targets)), photos)
    joined = {name: np.concatenate([batch[name] for batch in outputs]) for name in outputs[0]}
    return torch.cat(targets).numpy(), joined, torch.cat(inputs)


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


def described(calibration: Calibration) -> list[str]:
    """The calibration in lines for people, including what could not be fitted."""
    few = "none, because there are too few validation photos"
    c = calibration
    breed_and_group = c.verdict and " or ".join(
        f"a {name} at a probability of {least:.0%} or more"
        for name, least in (("breed", c.verdict.breed), ("group", c.verdict.group))
        if least <= 1
    )
    return [
        f"Temperature, fitted on the validation photos: {c.temperature}",
        f"Shortlists: {f'{c.shortlist.coverage:.0%} contain the breed' if c.shortlist else few}",
        f"Verdicts: {breed_and_group or few}",
        f"Score that tells dogs from everything else: {c.dog.score if c.dog else few}",
    ]
