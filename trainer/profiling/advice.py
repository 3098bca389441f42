"""What a profile advises: rules in order of the time that following them saves."""

from collections.abc import Callable, Sequence

from trainer.profiling.machine_rules import (
    augmentation_is_slow,
    few_threads,
    gpu_waits,
    memory_grows,
    uneven_processes,
)
from trainer.profiling.profile_numbers import Advice, Profile
from trainer.profiling.step_rules import (
    cold_cache,
    large_batch,
    long_first_step,
    small_batch,
    step_outliers,
    waiting_for_data,
)

RULES: tuple[Callable[[Profile], Advice | None], ...] = (
    waiting_for_data,
    gpu_waits,
    augmentation_is_slow,
    few_threads,
    small_batch,
    large_batch,
    memory_grows,
    step_outliers,
    cold_cache,
    long_first_step,
    uneven_processes,
)
SHOWN = 4
NOTHING = "Nothing to change: no rule found anything that would save much time."


def advice_for(profile: Profile) -> list[Advice]:
    """What to change, by expected gain. Of several reasons to change one key of a recipe, the one that gains most."""
    found = [advice for rule in RULES if (advice := rule(profile)) is not None]
    best: dict[str, Advice] = {}
    for advice in sorted(found, key=lambda advice: -advice.gain):
        best.setdefault(advice.change if "." in advice.change else advice.check, advice)
    return list(best.values())


def advice_lines(advice: Sequence[Advice]) -> list[str]:
    """The first few for the terminal; one line if there is nothing to change."""
    lines = [f"{number}. {one.seen} {one.advice} {gain_text(one)}" for number, one in enumerate(advice[:SHOWN], 1)]
    if len(advice) > SHOWN:
        lines.append(f"{len(advice) - SHOWN} more in the page.")
    return lines or [NOTHING]


def gain_text(advice: Advice) -> str:
    """How much it saves, for people."""
    if advice.check == "memory-growth":
        return "Without it, the training may end with an error." if advice.gain else ""
    return f"Saves at most {advice.gain:.0%} of the training's time."
