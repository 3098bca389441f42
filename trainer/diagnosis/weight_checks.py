"""Checks of gradients and of what the steps do to the weights."""

import math
from collections import Counter

from trainer.diagnosis.check import Check, Part, SampledStep, faster, slower
from trainer.recipes.recipe import Optimizer
from trainer.training.run_findings import Finding

SAMPLES_IN_A_ROW = 3
VANISHED = 1e-7  # mean absolute gradient of a tensor
VANISHED_SHARE = 0.1  # of the trained matrices
LEARNED = 0.1  # a loss below this share of that of guessing has small gradients because little is left to learn
UNCHANGED_SHARE = 0.5  # of the parameters of a part
# Update of the weights by a step, relative to the weights. About 1e-3 is usual; Adam begins with more.
SMALLEST_UPDATE, LARGEST_UPDATE = 1e-6, 0.3
FULL_RATE = 0.5  # steps with less of the recipe's rate (warm-up, end of the schedule) are not judged
SMOOTHING = 0.7


def rate_key(part: Part, optimizer: Optimizer) -> str:
    """The key that makes the rate of a part too low."""
    lowered = part.name == "backbone" and optimizer.backbone_lr_factor < 1
    return "optimizer.backbone_lr_factor" if lowered else "optimizer.lr"


class VanishingGradient(Check):
    """The gradients of many layers are almost zero although the loss is not."""

    def __init__(self) -> None:
        self.in_a_row: Counter[str] = Counter()
        self.healthy: set[str] = set()  # the parts that had gradients once

    def at_step(self, seen: SampledStep) -> Finding | None:
        loss = seen.losses[-1][1] if seen.losses else math.nan
        for part in seen.parts:
            weak = part.weak_matrices > VANISHED_SHARE * part.matrices and loss > LEARNED * seen.guess
            self.in_a_row[part.name] = self.in_a_row[part.name] + 1 if weak else 0
            self.healthy |= set() if weak else {part.name}
            if self.in_a_row[part.name] >= SAMPLES_IN_A_ROW:
                return self._finding(part, seen)
        return None

    def _finding(self, part: Part, seen: SampledStep) -> Finding:
        if part.name in self.healthy:
            change, advice = "optimizer.lr", f"They had gradients before. {slower(seen.recipe.optimizer.lr)}"
        elif part.name == "head" and seen.recipe.head.hidden:
            change, advice = "head.hidden", "Try fewer hidden layers, or none."
        else:
            change = "architecture"
            advice = "Choose one with normalization layers or shortcuts, or start from pretrained weights (--weights)."
        return Finding(
            "vanishing-gradient",
            f"In {part.weak_matrices} of {part.matrices} trained layers of the {part.name} the mean absolute gradient "
            f"is below {VANISHED:g}.",
            "These layers learn nothing.",
            change,
            advice,
        )


class UnchangedWeights(Check):
    """Parameters that the recipe trains are the same after a step."""

    def __init__(self) -> None:
        self.in_a_row: Counter[str] = Counter()

    def at_step(self, seen: SampledStep) -> Finding | None:
        for part in seen.parts:
            judged = seen.rate >= FULL_RATE or part.gradient_norm == 0
            same = judged and part.unchanged > UNCHANGED_SHARE * part.parameters
            self.in_a_row[part.name] = self.in_a_row[part.name] + 1 if same else 0
        stuck = [part for part in seen.parts if self.in_a_row[part.name] >= SAMPLES_IN_A_ROW]
        return self._finding(stuck, seen) if stuck else None

    @staticmethod
    def _finding(stuck: list[Part], seen: SampledStep) -> Finding:
        names = " and ".join(part.name for part in stuck)
        if all(part.gradient_norm == 0 for part in stuck):
            change, advice = "training.frozen_epochs", "Its parameters get no gradients: check what the recipe freezes."
        elif len(stuck) < len(seen.parts):
            change = rate_key(stuck[0], seen.recipe.optimizer)
            advice = "It gets gradients, but its rate is too low to change it: raise it."
        else:
            change, advice = "optimizer.lr", "The rate is too low to change a weight. Try 0.001."
        return Finding(
            "unchanged-weights" if len(stuck) == len(seen.parts) else "unchanged-part",
            f"About {sum(part.unchanged for part in stuck):,} of {sum(part.parameters for part in stuck):,} parameters "
            f"of the {names} were the same after each of {SAMPLES_IN_A_ROW} steps.",
            "The recipe trains them, but they learn nothing.",
            change,
            advice,
        )


class UpdateRatio(Check):
    """The steps are too small or too large for the weights."""

    def __init__(self) -> None:
        self.smoothed: dict[str, float] = {}
        self.samples: Counter[str] = Counter()

    def at_step(self, seen: SampledStep) -> Finding | None:
        if seen.rate < FULL_RATE:
            return None
        for part in seen.parts:
            if not (0 < part.update_ratio < math.inf):
                continue
            now = math.log(part.update_ratio)
            before = self.smoothed.get(part.name, now)
            self.smoothed[part.name] = SMOOTHING * before + (1 - SMOOTHING) * now
            self.samples[part.name] += 1
            ratio = math.exp(self.smoothed[part.name])
            if self.samples[part.name] >= SAMPLES_IN_A_ROW and not SMALLEST_UPDATE <= ratio <= LARGEST_UPDATE:
                return self._finding(part, ratio, seen)
        return None

    @staticmethod
    def _finding(part: Part, ratio: float, seen: SampledStep) -> Finding:
        large, optimizer = ratio > LARGEST_UPDATE, seen.recipe.optimizer
        key = "optimizer.lr" if large else rate_key(part, optimizer)
        value = optimizer.lr if key == "optimizer.lr" else optimizer.backbone_lr_factor
        return Finding(
            "large-updates" if large else "small-updates",
            f"A step changes the weights of the {part.name} by {ratio:.2g} of their size.",
            "Such steps overwrite what was learned." if large else "So small steps take too long to learn anything.",
            key,
            slower(value) if large else faster(value),
        )


class ZeroWeights(Check):
    """A layer's weights are zero everywhere."""

    def __init__(self) -> None:
        self.in_a_row: Counter[str] = Counter()

    def at_step(self, seen: SampledStep) -> Finding | None:
        zero = [f"{part.name}: {name}" for part in seen.parts for name in part.zero_tensors]
        self.in_a_row = Counter({name: self.in_a_row[name] + 1 for name in zero})
        stuck = [name for name, samples in self.in_a_row.items() if samples >= SAMPLES_IN_A_ROW]
        if not stuck:
            return None
        return Finding(
            "zero-weights",
            f"All weights are zero in {len(stuck)} of the trained layers, such as {stuck[0]}.",
            "A layer of zeros passes nothing on.",
            "--weights",
            "The starting weights may be damaged: check the file. If they are not, lower optimizer.weight_decay.",
        )
