"""Answers photos with two bundles: each photo is read once, and the two take turns, so that their speeds compare."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dogbreed.answers.outputs import CLASS_ACTIVATION_MAPS, OUTPUT, Outputs
from dogbreed.answers.scores import softmax
from dogbreed.answers.verdict import Verdict
from dogbreed.model.bundle import Bundle
from dogbreed.model.classifier import Classifier
from dogbreed.model.engines.threads import available_cores
from dogbreed.photos.decoding import PhotoError, open_photo
from dogbreed.photos.preprocessing import Preprocessing, sufficient_side, to_input
from trainer.comparing.kept_answers import KeptAnswers, Pair, PhotoAnswer
from trainer.evaluation.right_verdicts import judge_photos
from trainer.photos.folders import LabelledPhoto
from trainer.photos.reading import MAX_PIXELS, photo_bytes
from trainer.prediction.streaming import in_order
from trainer.progress import ProgressBar, silent

SAVED_EVERY = 100  # photos: what a kill loses at most

Input = NDArray[np.float32]


@dataclass(frozen=True)
class BundleAnswers:
    """One bundle's answers to photos: the network's outputs by name, each `[n, ...]`, and milliseconds `[n]`."""

    bundle: Bundle
    outputs: Outputs
    milliseconds: NDArray[np.float64]

    @cached_property
    def probabilities(self) -> NDArray[np.float32]:
        """`[n, classes]`, as the bundle's calibration makes them."""
        return softmax(self.outputs[OUTPUT], self.bundle.config.calibration.temperature).astype(np.float32)

    @cached_property
    def verdicts(self) -> list[Verdict] | None:
        """The verdict on each photo; None if the bundle has no thresholds for verdicts."""
        config = self.bundle.config
        return judge_photos(self.probabilities, self._outputs_of, config) if config.calibration.verdict else None

    def _outputs_of(self, index: int) -> Outputs:
        return {name: values[index : index + 1] for name, values in self.outputs.items()}

    def where(self, chosen: NDArray[np.bool_]) -> "BundleAnswers":
        outputs = {name: values[chosen] for name, values in self.outputs.items()}
        return BundleAnswers(self.bundle, outputs, self.milliseconds[chosen])


@dataclass(frozen=True)
class Both:
    """The answers of both bundles to the same photos."""

    photos: list[LabelledPhoto]
    old: BundleAnswers
    new: BundleAnswers

    def where(self, chosen: NDArray[np.bool_]) -> "Both":
        photos = [photo for photo, is_chosen in zip(self.photos, chosen, strict=True) if is_chosen]
        return Both(photos, self.old.where(chosen), self.new.where(chosen))

    def __len__(self) -> int:
        return len(self.photos)


def both_of(bundles: tuple[Bundle, Bundle], photos: list[LabelledPhoto], pairs: list[Pair]) -> Both:
    old, new = (_joined(bundle, [pair[side] for pair in pairs]) for side, bundle in enumerate(bundles))
    return Both(photos, old, new)


def _joined(bundle: Bundle, answers: list[PhotoAnswer]) -> BundleAnswers:
    classes = len(bundle.config.label_names)
    if not answers:
        return BundleAnswers(bundle, {OUTPUT: np.zeros((0, classes), np.float32)}, np.zeros(0))
    outputs = {name: np.concatenate([answer.outputs[name] for answer in answers]) for name in answers[0].outputs}
    return BundleAnswers(bundle, outputs, np.array([answer.milliseconds for answer in answers]))


def identity(photo: LabelledPhoto) -> str:
    """What stays the same as long as a file does; of a file that is missing, its name."""
    path = photo.path.absolute()
    try:
        found = path.stat()
    except OSError:
        return str(path)
    return f"{path}|{found.st_size}|{found.st_mtime_ns}"


def answer_all(
    bundles: tuple[Bundle, Bundle],
    photos: list[LabelledPhoto],
    kept: KeptAnswers,
    precision: str,
    engine: str,
    progress: ProgressBar = silent,
) -> tuple[dict[Path, Pair], dict[Path, str]]:
    """The answers by photo, and why the others cannot be read. Answers that are kept are not computed again.

    Raises:
        BundleError: a bundle cannot be run.
    """
    known = kept.read()
    identities = {photo.path: identity(photo) for photo in photos}
    found = {path: known[key] for path, key in identities.items() if key in known}
    missing = [path for path in identities if path not in found]
    unreadable: dict[Path, str] = {}
    if not missing:
        return found, unreadable
    old, new = (Classifier.load(bundle.path, precision, engine) for bundle in bundles)
    unsaved: dict[str, Pair] = {}
    with progress("Answering with both") as answering:
        try:
            for number, (path, inputs) in enumerate(_inputs(missing, old.config, new.config)):
                if isinstance(inputs, PhotoError):
                    unreadable[path] = str(inputs)
                else:
                    found[path] = unsaved[identities[path]] = _pair(old, new, inputs, number)
                answering(len(found) + len(unreadable), len(identities))
                if len(unsaved) >= SAVED_EVERY:
                    kept.write(unsaved)
                    unsaved = {}
        finally:
            kept.write(unsaved)
    return found, unreadable


def _pair(old: Classifier, new: Classifier, inputs: tuple[Input, Input], number: int) -> Pair:
    """Takes turns with which bundle comes first: the second finds a warmer or a busier processor."""
    if number % 2:
        second = _timed(new, inputs[1])
        return _timed(old, inputs[0]), second
    return _timed(old, inputs[0]), _timed(new, inputs[1])


def _timed(classifier: Classifier, image: Input) -> PhotoAnswer:
    started = time.perf_counter()
    _, outputs = classifier.answer(image[None])
    took = 1000 * (time.perf_counter() - started)
    return PhotoAnswer({name: out for name, out in outputs.items() if name != CLASS_ACTIVATION_MAPS}, took)


def _inputs(
    paths: list[Path], old: Preprocessing, new: Preprocessing
) -> Iterator[tuple[Path, tuple[Input, Input] | PhotoError]]:
    threads = available_cores() + 1  # one decodes while the others compute
    with ThreadPoolExecutor(threads) as pool:
        yield from in_order(pool, partial(_read, old=old, new=new), paths, 4 * threads)


def _read(path: Path, old: Preprocessing, new: Preprocessing) -> tuple[Path, tuple[Input, Input] | PhotoError]:
    """Both networks' inputs. A file is decoded again only for a network that needs another size of it."""
    try:
        data = photo_bytes(path)
        image = open_photo(data, MAX_PIXELS, sufficient_side(old)).image
        first = to_input(image, old)
        if _framing(old) == _framing(new):
            return path, (first, first)
        if sufficient_side(old) != sufficient_side(new):
            image = open_photo(data, MAX_PIXELS, sufficient_side(new)).image
        return path, (first, to_input(image, new))
    except PhotoError as error:
        return path, error


def _framing(config: Preprocessing) -> dict[str, object]:
    return {name: getattr(config, name) for name in Preprocessing.model_fields}
