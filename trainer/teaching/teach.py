"""Teaches a bundle new breeds from a few photos each, without training."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from dogbreed.answers.outputs import OUTPUT
from dogbreed.errors import AlreadyExistsError
from dogbreed.model.bundle import Bundle, BundleConfig
from trainer.progress import ProgressBar, silent
from trainer.teaching.class_row import Against
from trainer.teaching.feature_reader import FeatureReader, Looked
from trainer.teaching.last_layer import LastLayer, find_last_layer, read_graph
from trainer.teaching.lesson_results import Learned, learn
from trainer.teaching.reference import Reference, Seen, read_reference, seen_by
from trainer.teaching.taught_bundle import write_taught
from trainer.teaching.taught_config import config_with
from trainer.teaching.taught_photos import Lesson, OwnPhotos, TeachingError, read_lessons


@dataclass(frozen=True)
class Taught:
    """What was learned, and the new bundle; None if nothing was to be written."""

    learned: list[Learned]
    config: BundleConfig
    bundle: Bundle | None


def teach(
    bundle: Bundle, lessons: Sequence[Lesson], out: Path | None, again: bool = False, progress: ProgressBar = silent
) -> Taught:
    """Teaches breeds, and writes the bundle that knows them.

    Args:
        out: the bundle to write; None to find out only how well it would be.
        again: breeds that the bundle was taught before may be taught anew, from these photos alone.

    Raises:
        AlreadyExistsError: `out` exists.
        TeachingError: the photos do not suffice, or the bundle knows a breed already.
        BundleError: the bundle cannot be taught.
    """
    if out is not None and out.exists():
        raise AlreadyExistsError(f"{out} exists already and is not overwritten. Name another folder, or remove it.")
    check_labels(bundle.config, lessons, again)
    layer = find_last_layer(bundle, read_graph(bundle.network))
    reference = read_reference(bundle)
    photos = read_lessons(lessons, bundle, FeatureReader(bundle, layer.features), progress)
    own = _seen(bundle.config, reference, photos)
    learned = _learn(bundle, layer, reference, photos, own, progress)
    config = config_with(bundle.config, learned)
    if out is None:
        return Taught(learned, config, None)
    with progress("Writing the bundle") as writing:
        writing(0, 2)
        written = write_taught(bundle, layer, _and_own(reference, learned, own), learned, config, out)
        writing(2, 2)
    return Taught(learned, config, written)


def check_labels(config: BundleConfig, lessons: Sequence[Lesson], again: bool) -> None:
    """Raises TeachingError if the bundle knows a breed already, or one is named twice."""
    labels = [lesson.label for lesson in lessons]
    for label in labels:
        if labels.count(label) > 1:
            raise TeachingError(f"The breed {label} is named twice. Put its photos into one folder.")
        if label in config.taught and not again:
            raise TeachingError(
                f"The bundle was taught {label} already, from {config.taught[label].photos} photos. With --replace it "
                "is taught anew, from the new photos alone."
            )
        if label in config.label_names and label not in config.taught:
            raise TeachingError(f"The bundle's network was trained on {label}. Only other breeds can be taught.")


def _learn(
    bundle: Bundle,
    layer: LastLayer,
    reference: Reference,
    photos: list[OwnPhotos],
    own: list[Seen],
    progress: ProgressBar,
) -> list[Learned]:
    config, new = bundle.config, {one.lesson.label for one in photos}
    trained = _trained(config)
    norm = float(np.linalg.norm(layer.weight[trained] - layer.weight[trained].mean(axis=0), axis=1).mean())

    def as_taught(seen: Seen) -> Seen:
        return _with_kept(seen, config, layer, reference, new)

    total, learned = sum(map(len, own)), []
    with progress("Learning") as learning:
        for place, one in enumerate(photos):
            other = reference.others_than(one.lesson.label)
            for number, beside in enumerate(own):
                other = other if number == place else other.and_also(beside)
            against = Against(replace(reference, trained=as_taught(reference.trained)), as_taught(other), norm)
            learned.append(learn(one, as_taught(own[place]), against, config))
            learning(sum(map(len, own[: place + 1])), total)
    return learned


def _with_kept(seen: Seen, config: BundleConfig, layer: LastLayer, reference: Reference, new: set[str]) -> Seen:
    """What the network says with the breeds that it was taught before and that are not taught anew."""
    kept = [index for index, label in enumerate(config.label_names) if label in config.taught and label not in new]
    if not kept:
        return seen
    space, weight = reference.space, layer.weight[kept]
    logits = seen.points @ (weight @ space.basis.T).T + (weight @ space.mean + layer.bias[kept])
    return seen.with_logits(logits.astype(np.float32), config.calibration.temperature)


def _trained(config: BundleConfig) -> list[int]:
    return [index for index, label in enumerate(config.label_names) if label not in config.taught]


def _seen(config: BundleConfig, reference: Reference, photos: list[OwnPhotos]) -> list[Seen]:
    temperature, trained = config.calibration.temperature, _trained(config)
    return [seen_by(_of_trained(one, trained), reference.space, temperature) for one in photos]


def _of_trained(own: OwnPhotos, trained: list[int]) -> Looked:
    """What the network says of photos by the classes that it was trained on."""
    outputs = {**own.looked.outputs, OUTPUT: own.looked.outputs[OUTPUT][:, trained]}
    return Looked(own.looked.features, outputs)


def _and_own(reference: Reference, learned: list[Learned], own: list[Seen]) -> Reference:
    """The reference with the breeds' photos among those of other breeds: the next breed is told from them too."""
    for one, seen in zip(learned, own, strict=True):
        labels = [breed for breed in reference.other_breeds if breed != one.label]
        other = reference.others_than(one.label)
        for _ in range(reference.views):
            other = other.and_also(seen)
            labels += [one.label] * len(seen)
        reference = replace(reference, other=other, other_breeds=labels)
    return reference
