"""How far a network may be believed: everything is fitted on the validation part, from which it did not learn."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

from dogbreed.answers.calibration import Calibration, Gate, LookAlikes
from dogbreed.answers.outputs import DOG, FAMILIARITY, OUTPUT, Outputs
from dogbreed.answers.scores import SCORES, can_compute, softmax
from dogbreed.model.bundle import BundleConfig
from trainer.calibration.look_alikes import estimate_look_alikes
from trainer.calibration.thresholds import fit_gate, fit_shortlist, fit_verdict
from trainer.console import progress_bar
from trainer.machine import keep_freed_memory, worker_count
from trainer.networks.network import BreedNetwork
from trainer.networks.served import ImagenetHead, ScoreTensors, ServedNetwork
from trainer.photos.folders import LabelledPhoto
from trainer.photos.loading import View, serving_loader
from trainer.photos.parts import training_parts
from trainer.photos.splits import rank
from trainer.recipes.recipe import Recipe

BATCH_SIZE = 64
FARTHEST = 1.6  # how much wider and higher than the photo the scene is that a far view shows


@dataclass(frozen=True)
class Trust:
    """What calibration found: numbers for the configuration, what is served beside the network, and look-alikes."""

    calibration: Calibration
    score_tensors: ScoreTensors
    look_alikes: LookAlikes | None


def calibrate(network: BreedNetwork, config: BundleConfig, data: Path, imagenet: ImagenetHead | None) -> Trust:
    """Fits a network's calibration (on the CPU, in evaluation mode) on the validation part of the data it learnt from.

    The temperature and the look-alikes come from the photos as they are. What decides about other people's photos
    (shortlist, gates, verdicts) comes from views of them as if from farther away: training photos are often cut to the
    dog, and thresholds found on those are too strict for whole photos.

    Raises:
        PhotosError: `data` is not organized.
    """
    keep_freed_memory()
    fraction = Recipe.model_validate(config.provenance.recipe).training.validation_fraction
    _, validation = training_parts(data, fraction, config.provenance.seed)
    served = ServedNetwork(network, ScoreTensors(imagenet), config.input_size[1])
    targets, near, near_inputs = _outputs(served, config, validation, None, "Calibrating")
    _, far, far_inputs = _outputs(served, config, validation, far_view, "Calibrating, from farther away")
    center = torch.cat([near_inputs, far_inputs]).mean(dim=0)
    far[FAMILIARITY] = familiarity(served, far[OUTPUT], far_inputs, center)
    temperature = round(fit_temperature(torch.from_numpy(near[OUTPUT]), torch.from_numpy(targets)), 4)
    description = f"{len(targets)} photos of the validation part"
    return Trust(
        _fit(far, targets, temperature, config.label_names),
        ScoreTensors(imagenet, center),
        estimate_look_alikes(near[OUTPUT] / temperature, targets, description),
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
        gates=[gate for score in SCORES if can_compute(score, far) and (gate := fit_gate(score, SCORES[score](far)))],
        familiar=familiar,
    )


def _dog_gate(outputs: Outputs) -> Gate | None:
    """By ImageNet's head where that still sees dogs in dogs: training may have led the backbone away from it."""
    if DOG in outputs:
        gate = fit_gate("imagenet", SCORES["imagenet"](outputs))
        if gate is None or gate.threshold > 0:
            return gate
    return fit_gate("energy", SCORES["energy"](outputs))


def far_view(photo: Image.Image, labelled: LabelledPhoto) -> Image.Image:
    """A photo as if taken from farther away, by up to `FARTHEST`: mirror images of itself surround it.

    How far, and where in the scene it lies, depends on the photo's name alone.
    """
    random = np.random.default_rng(int(rank(0, "far view", f"{labelled.breed}/{labelled.path.name}")[:12], 16))
    larger = random.uniform(1, FARTHEST) - 1
    added = round(photo.width * larger), round(photo.height * larger)
    left, top = (round(space * random.uniform()) for space in added)
    around = ((top, added[1] - top), (left, added[0] - left), (0, 0))
    return Image.fromarray(np.pad(np.asarray(photo), around, mode="symmetric"))


def _outputs(
    served: ServedNetwork, config: BundleConfig, photos: list[LabelledPhoto], view: View | None, title: str
) -> tuple[NDArray[np.int64], Outputs, Tensor]:
    """True class indices `[photos]`, what the network says, and what its last layer sees `[photos, k]`."""
    targets, outputs, inputs = [], [], []
    loader = serving_loader(photos, config, BATCH_SIZE, worker_count(), view)
    with torch.inference_mode(), progress_bar(title) as progress:
        for images, labels in loader:
            said, seen = served.look(images)
            targets.append(labels)
            inputs.append(seen)
            outputs.append({name: said[name].numpy() for name in (OUTPUT, DOG) if name in said})
            progress(sum(map(len, targets)), len(photos))
    joined = {name: np.concatenate([batch[name] for batch in outputs]) for name in outputs[0]}
    return torch.cat(targets).numpy(), joined, torch.cat(inputs)


def familiarity(
    served: ServedNetwork, logits: NDArray[np.float32], inputs: Tensor, center: Tensor
) -> NDArray[np.float32]:
    with torch.inference_mode():
        scores: NDArray[np.float32] = served.familiarity(torch.from_numpy(logits), inputs, center).numpy()
    return scores


def fit_temperature(logits: Tensor, targets: Tensor) -> float:
    """The temperature that makes softmax(logits / temperature) least surprised by the labels (Guo et al. 2017).

    Args:
        logits: `[photos, classes]`.
        targets: class indices `[photos]`.

    Returns:
        A positive number: above 1 where the network is too sure of itself, below 1 where it is too modest.
    """
    # As exp(x) it stays above zero. The loss is convex in 1 / temperature, so there is one minimum to find.
    exponent = torch.zeros((), dtype=torch.float64, requires_grad=True)
    scores = logits.detach().clone().double()
    optimizer = torch.optim.LBFGS([exponent], max_iter=100, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = F.cross_entropy(scores / exponent.exp(), targets)
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimizer.step(closure)  # type: ignore[no-untyped-call]
    # A network that is never wrong here would be told to be infinitely sure: a few hundred photos cannot show that.
    return float(exponent.detach().exp().clamp(0.25, 4.0))


def described(calibration: Calibration) -> list[str]:
    """The calibration in lines for people; what could not be fitted says so."""
    few = "too few validation photos to promise any"
    c = calibration
    breed_and_group = c.verdict and " or ".join(
        f"a {name} from {least:.0%} on"
        for name, least in (("breed", c.verdict.breed), ("group", c.verdict.group))
        if least <= 1
    )
    return [
        f"Temperature, fitted on the validation photos: {c.temperature}",
        f"Shortlists: {f'{c.shortlist.coverage:.0%} hold the breed' if c.shortlist else few}",
        f"Verdicts: {breed_and_group or few}",
        f"Dogs are told from the rest by: {c.dog.score if c.dog else few}",
    ]
