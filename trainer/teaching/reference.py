"""The reference photos of a bundle: what taught breeds are compared with, in a small file of the bundle.

Nothing of a photo is kept but its place among the directions in which photos differ most, rounded to 8 bits, and what
the network said of it.
"""

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from dogbreed.answers.outputs import KNOWN_BREED, OUTPUT
from dogbreed.answers.scores import energy
from dogbreed.model.bundle import TEACHING_FILE, Bundle, BundleError
from trainer.teaching.feature_reader import Looked

DIRECTIONS = 192  # of which those of the classes are at most so many:
OF_CLASSES = 120
LEVELS = 127  # of a coordinate, on either side of zero

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Space:
    """The directions that are kept. mean: `[d]`; basis: orthonormal rows `[p, d]`, exact in half precision."""

    mean: Floats
    basis: Floats

    def points(self, features: Floats) -> Floats:
        """`[n, d]` -> `[n, p]`."""
        points: Floats = ((features - self.mean) @ self.basis.T).astype(np.float32)
        return points


@dataclass(frozen=True)
class Seen:
    """What a network said of photos.

    Attributes:
        points: their places in the space, `[n, p]`.
        best: the largest logit. energy: log(sum(exp(logits))). scaled_energy: the same at the bundle's temperature.
        known: the logit of the probability that the dog is of a trained breed; infinite without such an output.
    """

    points: Floats
    best: Floats
    energy: Floats
    scaled_energy: Floats
    known: Floats

    def __len__(self) -> int:
        return len(self.points)

    def where(self, chosen: Any) -> "Seen":
        return Seen(*(values[chosen] for values in vars(self).values()))

    def and_also(self, other: "Seen") -> "Seen":
        pairs = zip(vars(self).values(), vars(other).values(), strict=True)
        return Seen(*(np.concatenate(pair) for pair in pairs))

    def with_logits(self, logits: Floats, temperature: float) -> "Seen":
        """As a network says it that has more classes, of which these are the logits, `[n, more]`.

        `energy` and `known` stay those of the trained breeds.
        """
        largest = np.concatenate([self.best[:, None], logits], axis=1).max(axis=1)
        scaled = np.logaddexp(self.scaled_energy, energy(logits / np.float32(temperature))).astype(np.float32)
        return replace(self, best=largest, scaled_energy=scaled)


@dataclass(frozen=True)
class Reference:
    """Attributes:
    trained: photos of the breeds that the network was trained on; all photos in one view, then in the next.
    right: of these rows, whether the network named the right breed.
    views: the number of views. other: photos of dogs of other breeds, as they are, in all views.
    other_breeds: the label of each row of `other`.
    """

    space: Space
    trained: Seen
    right: Bools
    other: Seen
    other_breeds: list[str] = field(default_factory=list)
    views: int = 1

    def others_than(self, label: str) -> Seen:
        return self.other.where(np.array([breed != label for breed in self.other_breeds], bool))


def seen_by(looked: Looked, space: Space, temperature: float) -> Seen:
    logits = looked.outputs[OUTPUT]
    known = looked.outputs.get(KNOWN_BREED, np.full(len(logits), np.inf, np.float32))
    scaled = energy(logits / np.float32(temperature))
    numbers = (logits.max(axis=1), energy(logits), scaled, known)
    return Seen(space.points(looked.features), *(values.astype(np.float32) for values in numbers))


def find_space(features: Floats, weight: Floats) -> Space:
    """The directions of the classes' weights `[classes, d]`, and beside them those in which features vary most."""
    mean = features.mean(axis=0)
    of_classes = np.linalg.svd(weight, full_matrices=False)[2][:OF_CLASSES]
    rest = features - mean
    rest = rest - (rest @ of_classes.T) @ of_classes
    more = min(DIRECTIONS, weight.shape[1]) - len(of_classes)
    beside = np.linalg.eigh(rest.T @ rest)[1].T[::-1][: max(0, more)]
    basis = np.concatenate([of_classes, beside]).astype(np.float16).astype(np.float32)
    return Space(mean.astype(np.float32), basis)


def write_reference(reference: Reference, path: Path) -> None:
    everything = reference.trained.and_also(reference.other)
    scales = np.maximum(np.abs(everything.points).max(axis=1), 1e-6) / LEVELS
    tensors: dict[str, NDArray[Any]] = {
        "mean": reference.space.mean,
        "basis": reference.space.basis.astype(np.float16),
        "points": np.rint(everything.points / scales[:, None]).astype(np.int8),
        "scales": scales.astype(np.float32),
        "right": reference.right.astype(np.uint8),
        **{name: values for name, values in vars(everything).items() if name != "points"},
    }
    described = {"about": json.dumps({"other_breeds": reference.other_breeds, "views": reference.views})}
    save_file({name: np.ascontiguousarray(values) for name, values in tensors.items()}, path, described)
    path.chmod(0o644)


def read_reference(bundle: Bundle) -> Reference:
    """Reads `teaching.safetensors`.

    Raises:
        BundleError: the bundle has none, or it does not fit the bundle.
    """
    path = bundle.path / TEACHING_FILE
    if not path.is_file():
        raise BundleError(
            f"{bundle.path} has no {TEACHING_FILE}, with which new breeds are compared. Write it with `manage.py teach "
            f"{bundle.path} --reference DATA`; DATA are the organized photos that it was trained on. The bundled model "
            "has one."
        )
    try:
        with safe_open(path, "np") as file:
            about = json.loads(file.metadata()["about"])
            tensors: dict[str, NDArray[Any]] = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        space = Space(tensors["mean"], tensors["basis"].astype(np.float32))
        points = tensors["points"].astype(np.float32) * tensors["scales"][:, None]
        everything = Seen(points, *(tensors[name] for name in ("best", "energy", "scaled_energy", "known")))
        trained, right = len(tensors["right"]), tensors["right"].astype(bool)
        first, rest = everything.where(slice(trained)), everything.where(slice(trained, None))
        reference = Reference(space, first, right, rest, list(about["other_breeds"]), int(about["views"]))
        if len(rest) != len(reference.other_breeds):
            raise ValueError("its rows do not fit its breeds")  # noqa: TRY301
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        raise BundleError(
            f"{path} is not valid: {error}. Write it again with `manage.py teach --reference`."
        ) from error
    return reference
