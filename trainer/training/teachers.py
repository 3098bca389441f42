"""Teachers: bundles whose answers to a photo are trained on beside its label (Hinton et al. 2015)."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from dogbreed.errors import DogbreedError
from dogbreed.model.bundle import Bundle, TeacherOrigin, read_bundle
from dogbreed.model.classifier import Classifier
from dogbreed.model.file_digests import sha256
from trainer.progress import Progress
from trainer.recipes.recipe import Training
from trainer.training.array_cache import Rows, cached_array
from trainer.training.augmentation import Normalization
from trainer.training.feature_cache import content_key, seeded_batches
from trainer.training.run_config import RunConfig

AT_ONCE = 4  # images that a teacher takes at once: the activations of more do not fit into a processor's caches
SHOWN = 3


class TeacherError(DogbreedError):
    """A bundle cannot teach; the message says why and what to do."""


@dataclass(frozen=True)
class View:
    """One fixed view of every photo. With the same seed, the crops are the same at whatever size.

    Attributes:
        name: for people.
        key: everything that decides the crops, beside the photos and their size.
        seed: of the random numbers.
        crop: (photos as bytes `[n, 3, h, w]`, size) -> float32 `[n, 3, size, size]` in 0..1.
    """

    name: str
    key: tuple[object, ...]
    seed: int
    crop: Callable[[Tensor, int], Tensor]


@dataclass(frozen=True)
class Teacher:
    """A bundle that was loaded, and the folder that caches its answers."""

    classifier: Classifier
    digest: str
    folder: Path

    @property
    def name(self) -> str:
        return self.classifier.config.name

    def answers(self, pixels: Rows, view: View, progress: Progress) -> Rows:
        """Its probabilities for a view of every photo, computed once: float16 `[photos, classes]`."""
        config = self.classifier.config
        normalize = Normalization(config.mean, config.std)

        def ask(photos: Tensor) -> Rows:
            images = torch.split(normalize(view.crop(photos, config.input_size[1])).contiguous(), AT_ONCE)
            return np.concatenate([self.classifier.probabilities(few.numpy()) for few in images])

        identity = (view.key, view.seed, content_key(pixels), self.digest, self.classifier.engine.precision)
        key = hashlib.sha256(repr(identity).encode()).hexdigest()[:32]
        return cached_array(
            self.folder,
            f"answers-{key}",
            (len(pixels), len(config.label_names)),
            np.float16,
            lambda done: seeded_batches(pixels, ask, view.seed, done, progress),
        )


def mean_answer(answers: Sequence[Rows]) -> Tensor:
    """The mean of several teachers' probabilities: float32 `[photos, classes]`, whose rows sum to 1."""
    mean = torch.from_numpy(np.mean([np.asarray(answer, np.float32) for answer in answers], axis=0))
    return mean / mean.sum(dim=1, keepdim=True)


def teacher_origins(bundles: Sequence[Path], label_names: list[str], settings: Training) -> dict[Path, TeacherOrigin]:
    """What a run records of its teachers, by their folders.

    Raises:
        BundleError: a folder is no bundle.
        TeacherError: a bundle has other label names, or the recipe gives the answers no weight.
    """
    if bundles and not settings.distillation:
        raise TeacherError(
            "The recipe gives the answers of teachers no weight. Add --set training.distillation=0.5, for example."
        )
    return {path.resolve(): _origin(read_bundle(path), label_names) for path in bundles}


def _origin(bundle: Bundle, label_names: list[str]) -> TeacherOrigin:
    config = bundle.config
    if config.label_names != label_names:
        difference = _difference(config.label_names, label_names)
        raise TeacherError(f"{bundle.path} cannot teach: it has other label names than the photos. {difference}")
    return TeacherOrigin(name=f"{config.name} {config.version}", sha256=_digest(bundle))


def _difference(theirs: list[str], ours: list[str]) -> str:
    missing, unknown = sorted(set(ours) - set(theirs)), sorted(set(theirs) - set(ours))
    both = (("It lacks", missing), ("The photos lack", unknown))
    return " ".join(f"{what} {_some(names)}." for what, names in both if names)


def _some(names: list[str]) -> str:
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")


def _digest(bundle: Bundle) -> str:
    """Of everything that decides a bundle's probabilities. Its measurements may be recorded later."""
    c = bundle.config
    framing = (c.input_size, c.mean, c.std, c.label_names, c.calibration.temperature)
    networks = (sha256(network) for network in (bundle.network, bundle.int8_network) if network)
    files = *networks, sha256(bundle.weights)  # the networks refer to their weights in the other file
    return hashlib.sha256(repr((files, framing)).encode()).hexdigest()


def check_same_teachers(bundles: Sequence[Path], config: RunConfig) -> None:
    """Checks that the teachers named for a run that is resumed, if any, are those that it was started with.

    Raises:
        BundleError: a folder is no bundle.
        TeacherError: they are others.
    """
    named = [_origin(read_bundle(path), config.label_names) for path in bundles]
    if named and named != list(config.teachers.values()):
        names = ", ".join(teacher.name for teacher in config.teachers.values()) or "no teacher"
        raise TeacherError(f"The run was started with {names}. Resume it without --teacher, or start another run.")


def load_teachers(config: RunConfig, folder: Path) -> list[Teacher]:
    """Compiles the networks of the teachers that a run was started with.

    Args:
        folder: caches the teachers' answers.

    Raises:
        BundleError: a bundle is missing or cannot be run.
        TeacherError: a bundle is not the one that was recorded.
    """
    for path, recorded in config.teachers.items():
        if _origin(read_bundle(path), config.label_names) != recorded:
            raise TeacherError(
                f"{path} is not the teacher that the run was started with ({recorded.name}). Restore it, or start "
                "another run."
            )
    return [Teacher(Classifier.load(path), recorded.sha256, folder) for path, recorded in config.teachers.items()]
