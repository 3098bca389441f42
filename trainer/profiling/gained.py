"""What a change gained: two profiles side by side."""

import numpy as np
from numpy.typing import NDArray

from trainer.profiling.profile_numbers import Profile

RESAMPLED = 2000
MIDDLE = (0.025, 0.975)  # of the resampled ratios: a 95% interval


def gained(before: Profile, after: Profile) -> list[str]:
    """The speeds before and after, their ratio with its interval, and the start, as lines for people."""
    ratio = after.photos_per_second / before.photos_per_second
    low, high = _interval(before, after)
    certain = "" if low > 1 or high < 1 else " That is within what chance does: the speed may be the same."
    lines = [
        f"Photos a second: {before.photos_per_second:.0f} before, {after.photos_per_second:.0f} after: {ratio:.2f} "
        f"times as many ({low:.2f} to {high:.2f}).{certain}",
        f"Start: {before.start_seconds:.1f} s before, {after.start_seconds:.1f} s after.",
        f"The whole training, estimated: {before.whole_seconds:.0f} s before, {after.whole_seconds:.0f} s after.",
    ]
    differences = [
        f"{name} {old} before, {new} after"
        for name, old, new in (
            ("recipe", before.recipe, after.recipe),
            ("device", before.device, after.device),
            ("batch", before.batch_size, after.batch_size),
            ("input", before.learned_from, after.learned_from),
        )
        if old != new
    ]
    return [*lines, f"They differ: {'; '.join(differences)}."] if differences else lines


def _interval(before: Profile, after: Profile) -> tuple[float, float]:
    """The middle 95% of the ratios when the steps of both are drawn again, with replacement (bootstrap, Efron 1979).

    It knows how much steps vary within one profile, and not how much two profiles of the same training do.
    """
    random = np.random.default_rng(0)
    ratios = _resampled(after, random) / _resampled(before, random)
    low, high = np.quantile(ratios, MIDDLE)
    return float(low), float(high)


def _resampled(profile: Profile, random: np.random.Generator) -> NDArray[np.float64]:
    seconds = np.array([step.seconds for step in profile.timed])
    photos = np.array([step.photos for step in profile.timed])
    chosen = random.integers(0, len(seconds), (RESAMPLED, len(seconds)))
    speeds: NDArray[np.float64] = photos[chosen].sum(axis=1) / seconds[chosen].sum(axis=1)
    return speeds
