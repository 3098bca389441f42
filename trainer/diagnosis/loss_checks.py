"""Checks of the training loss from step to step."""

import math

from trainer.diagnosis.check import Check, FinishedEpoch, SampledStep, faster, slower
from trainer.recipes.recipe import Recipe
from trainer.training.run_findings import Finding

EXPLODED = 3.0  # times the loss of guessing, and times the loss at the start
FIRST_STEPS = 10  # whose mean loss is the loss at the start
SMOOTHING = 0.8  # of the mean losses between samples: an average over about 50 steps
# The least that the loss must have fallen once, as a share of the loss of guessing.
LEAST_FALL = 0.01
# A loss below this share of the loss of guessing has fallen enough before training: pretrained networks.
FAR_FROM_GUESSING = 0.9
PATIENCE_SHARE, LEAST_PATIENCE, MOST_PATIENCE = 0.1, 50, 1000  # steps after the warm-up: share of all steps
# Updates relative to the weights. Where smaller ones do not lower the loss, a higher rate may; where there were larger
# ones, a lower rate. Adam begins with 0.08 at a rate of 0.001 where weights are about 0.01.
SMALL_UPDATE, LARGE_UPDATE = 1e-4, 0.1


class NotFinite(Check):
    """A loss, a gradient or a weight is NaN or infinite."""

    def at_step(self, seen: SampledStep) -> Finding | None:
        bad = next((step for step, loss in seen.losses if not math.isfinite(loss)), None)
        if bad is None and seen.finite:
            return None
        what = f"The loss of step {bad} is" if bad else f"Gradients or weights at step {seen.step} are"
        return self._finding(what, bad or 0, seen.recipe, seen.bad_data)

    def at_epoch(self, seen: FinishedEpoch) -> Finding | None:
        """Early stopping ends training after an epoch whose validation loss is not finite."""
        bad = next((step for step, loss in seen.losses if not math.isfinite(loss)), None)
        if bad is None and math.isfinite(seen.val_loss):
            return None
        what = f"The loss of step {bad} is" if bad else f"The validation loss of epoch {seen.epoch} is"
        return self._finding(what, bad or 0, seen.recipe, "")

    @staticmethod
    def _finding(what: str, step: int, recipe: Recipe, bad_data: str) -> Finding:
        if bad_data:
            change, advice = "--cache", f"{bad_data} Remove that folder, so that it is computed again."
        else:
            change, advice = "optimizer.lr", slower(recipe.optimizer.lr)
            if recipe.training.precision != "float32":
                advice += " If that does not help, try training.precision=float32."
        return Finding(
            "not-finite",
            f"{what} not a finite number.",
            "Every later step computes with it, so the network is lost.",
            change,
            advice,
            step=step,
        )


class ExplodingLoss(Check):
    """The loss is far above that of guessing, and above what it was at the start."""

    def __init__(self) -> None:
        self.start: list[float] = []

    def at_step(self, seen: SampledStep) -> Finding | None:
        losses = [loss for _, loss in seen.losses]
        if len(self.start) < FIRST_STEPS:
            self.start += losses
        begin = self.start[0] if self.start else math.inf
        now = sum(losses) / max(len(losses), 1)
        if not now > EXPLODED * max(seen.guess, begin):
            return None
        return Finding(
            "exploding-loss",
            f"The training loss is {now:.3g}; it was {begin:.3g} at the first step, and guessing has {seen.guess:.3g}.",
            "Steps are so large that each undoes what the one before had learned.",
            "optimizer.lr",
            slower(seen.recipe.optimizer.lr),
        )


class LossNotDecreasing(Check):
    """The smoothed loss has not fallen since the start, and is still about that of guessing."""

    def __init__(self) -> None:
        self.start: list[float] = []
        self.first_step = 0
        self.highest, self.largest_update = 0.0, 0.0
        self.smoothed = math.nan
        self.learned = False

    def at_step(self, seen: SampledStep) -> Finding | None:
        losses = [loss for _, loss in seen.losses]
        if not losses or self.learned:
            return None
        if len(self.start) < FIRST_STEPS:
            self.start += losses
        self.first_step = self.first_step or seen.losses[0][0]
        mean = sum(losses) / len(losses)
        self.highest = max(self.highest, mean)
        self.largest_update = max(self.largest_update, *(part.update_ratio for part in seen.parts))
        self.smoothed = mean if math.isnan(self.smoothed) else SMOOTHING * self.smoothed + (1 - SMOOTHING) * mean
        if seen.step < self.first_step + patience(seen):
            return None
        begin = sum(self.start) / len(self.start)
        fall = (begin - self.smoothed) / seen.guess
        self.learned = self.smoothed < FAR_FROM_GUESSING * seen.guess or fall >= LEAST_FALL
        if self.learned or not math.isfinite(self.smoothed):
            return None
        change, advice = self._change(seen)
        return Finding(
            "loss-not-decreasing",
            f"The training loss was {begin:.3f} in the first steps and is {self.smoothed:.3f} after {seen.step}; "
            f"guessing has {seen.guess:.3f}.",
            "The network learns nothing.",
            change,
            advice,
        )

    def _change(self, seen: SampledStep) -> tuple[str, str]:
        update = next((part.update_ratio for part in seen.parts if part.name == "head"), 0.0)
        rate = seen.recipe.optimizer.lr
        if self.highest > EXPLODED * seen.guess or self.largest_update > LARGE_UPDATE:
            return "optimizer.lr", slower(rate)
        if update < SMALL_UPDATE:
            return "optimizer.lr", faster(rate)
        return "--data", (
            f"The steps are of a usual size ({update:.1g} of the weights), so check the labels first, with `manage.py "
            f"audit`. If they are right, try optimizer.lr={rate / 10:.2g}."
        )


def patience(seen: SampledStep) -> int:
    """The number of steps within which a loss should have fallen."""
    warmup = round(seen.steps * seen.recipe.optimizer.warmup)
    return warmup + int(min(max(PATIENCE_SHARE * seen.steps, LEAST_PATIENCE), MOST_PATIENCE))
