"""What is learned of one breed: its row, its thresholds, and what is to be expected of it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dogbreed.answers.calibration import TaughtThresholds
from dogbreed.answers.outputs import OUTPUT
from dogbreed.answers.scores import softmax
from dogbreed.answers.taught import Share, TaughtBreed
from dogbreed.model.bundle import BundleConfig
from trainer.teaching.class_row import Against, Fit, Row
from trainer.teaching.naming_thresholds import confidence, fit_naming
from trainer.teaching.reference import Seen
from trainer.teaching.taught_photos import OwnPhotos

CLOSEST = 3  # breeds
LOW_RECALL = 0.5  # below this the photos may show several breeds


@dataclass(frozen=True)
class Learned:
    """A breed's row in the last layer: weight `[d]`, exact in half precision, and bias; and what is known of it."""

    own: OwnPhotos
    weight: NDArray[np.float32]
    bias: float
    breed: TaughtBreed
    naming: TaughtThresholds

    @property
    def label(self) -> str:
        return self.own.lesson.label

    @property
    def seems_mixed(self) -> bool:
        return self.breed.recall.count < LOW_RECALL * self.breed.recall.photos


def learn(own: OwnPhotos, seen: Seen, against: Against, config: BundleConfig) -> Learned:
    """Fits a breed's row to its photos, and once more without each of them, to see whether it is recognised then.

    Args:
        seen: what the network says of the breed's photos.
    """
    temperature, reference = config.calibration.temperature, against.reference
    before = config.taught.get(own.lesson.label)
    fit = Fit(seen, against)
    fitted = fit.row()
    weight = (fitted.direction @ reference.space.basis).astype(np.float16).astype(np.float32)
    row = Row(reference.space.basis @ weight, fitted.threshold)  # as it is after rounding
    without, answered = np.zeros(len(seen)), 0
    for place in range(len(seen)):
        without_it, it = fit.row_without(place), seen.where([place])
        answered += int(without_it.wins(it)[0])
        without[place] = confidence(without_it, it, temperature)[0]
    alarms, other_alarms = row.wins(reference.trained), row.wins(against.other)
    naming = fit_naming(
        without,
        confidence(row, reference.trained, temperature),
        confidence(row, against.other, temperature),
        reference.views,
    )
    breed = TaughtBreed(
        photos=len(seen),
        name=own.lesson.name or (before.name if before else None),
        group=own.lesson.group or (before.group if before else ""),
        aliases=list(own.lesson.aliases) or (before.aliases if before else []),
        revision=before.revision + 1 if before else 1,
        threshold=round(row.threshold, 5),
        recall=Share(count=answered, photos=len(seen)),
        false_alarms=Share(count=int(alarms.sum()), photos=len(alarms)),
        lost=Share(count=int((alarms & reference.right).sum()), photos=len(alarms)),
        other_false_alarms=Share(count=int(other_alarms.sum()), photos=len(other_alarms)),
        closest=_closest(own, config),
        photo_digests=sorted(own.digests),
    )
    bias = -row.threshold - float(weight @ reference.space.mean)
    return Learned(own, weight, bias, breed, naming)


def _closest(own: OwnPhotos, config: BundleConfig) -> list[str]:
    mean = softmax(own.looked.outputs[OUTPUT], config.calibration.temperature).mean(axis=0)
    ranked = [config.label_names[index] for index in np.argsort(-mean, kind="stable")]
    return [label for label in ranked if label != own.lesson.label][:CLOSEST]
