"""The JSON files of a bundle with more breeds."""

from collections.abc import Sequence

from dogbreed.answers.calibration import Calibration, LookAlikePair, LookAlikes
from dogbreed.answers.taught import TaughtBreed
from dogbreed.model.bundle import BundleConfig, Metrics
from trainer.teaching.lesson_results import Learned

BEFORE = "Before breeds were taught: "
LONGEST_VERSION = 100


def config_with(config: BundleConfig, learned: Sequence[Learned]) -> BundleConfig:
    """The configuration with the learned breeds, which replace those of the same label."""
    new = {one.label: one for one in learned}
    taught = {**config.taught, **{label: one.breed for label, one in new.items()}}
    return config.model_copy(
        update={
            "version": version_of(config, taught),
            "label_names": sorted({*config.label_names, *new}),
            "taught": dict(sorted(taught.items())),
            "calibration": _calibration(config.calibration, new),
            "metrics": {name: _before(metrics) for name, metrics in config.metrics.items()},
        }
    )


def version_of(config: BundleConfig, taught: dict[str, TaughtBreed]) -> str:
    """The version of the bundle as it was trained, and what it was taught: `2026.11.24+kai_ken`."""
    trained = config.version.partition("+")[0] if config.taught else config.version
    names = [f"{label}.{one.revision}" if one.revision > 1 else label for label, one in sorted(taught.items())]
    whole = "+".join([trained, *names])
    if len(whole) <= LONGEST_VERSION:
        return whole
    lessons = sum(one.revision for one in taught.values())
    return f"{trained}+{len(names)}_breeds.{lessons}"


def look_alikes_with(look_alikes: LookAlikes, before: list[str], after: list[str]) -> LookAlikes:
    """The same pairs, by the class indices that their breeds have now."""
    place = [after.index(label) for label in before]
    pairs = [_moved(pair, place) for pair in look_alikes.pairs]
    return look_alikes.model_copy(update={"pairs": pairs})


def _moved(pair: LookAlikePair, place: list[int]) -> LookAlikePair:
    first, second = pair.breeds
    return pair.model_copy(update={"breeds": (place[first], place[second])})


def _calibration(calibration: Calibration, new: dict[str, Learned]) -> Calibration:
    verdict = calibration.verdict
    if verdict is None:
        return calibration
    naming = {**verdict.taught, **{label: one.naming for label, one in new.items()}}
    return calibration.model_copy(
        update={"verdict": verdict.model_copy(update={"taught": dict(sorted(naming.items()))})}
    )


def _before(metrics: Metrics) -> Metrics:
    if metrics.description.startswith(BEFORE):
        return metrics
    return metrics.model_copy(update={"description": BEFORE + metrics.description})
