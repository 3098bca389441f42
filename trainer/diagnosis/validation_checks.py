"""Checks at the end of an epoch: what training and validation say together."""

import math
from collections.abc import Sequence

import numpy as np
import torch

from dogbreed.answers.breeds import display_name
from trainer.diagnosis.check import Check, FinishedEpoch, faster
from trainer.training.run_findings import Finding

LARGEST_GAP = 0.25  # between the accuracy on training and on validation photos, beyond what chance explains
STANDARD_ERRORS = 2.0
RISEN, RISING_EPOCHS = 1.05, 3  # validation loss relative to its best, for so many epochs in a row
# A rise of a smaller validation loss does not matter: share of the loss of guessing. Label smoothing causes such rises.
SMALL_LOSS = 0.1
HAS_LEARNED = 0.9  # a best validation loss above this share of that of guessing is no peak to fall from
SWALLOWED = 0.6  # share of a class's validation photos that are taken for one other class
LEAST_RECALL = 0.1  # of the swallowed class
LEAST_PHOTOS = 5  # of the swallowed class in the validation part
GENERALLY_GOOD = 0.5  # accuracy from which on one swallowed class is not just a bad network
# Epochs in which the training loss falls by less than this share, or no more than by chance.
PLATEAU_EPOCHS, LEAST_PROGRESS = 5, 0.005
NOTHING_LEFT = 0.9  # training accuracy above which a plateau is the end
FULL_RATE = 0.3


class Overfit(Check):
    """Training photos are recognized far better than validation photos, when both are framed in the same way."""

    def at_epoch(self, seen: FinishedEpoch) -> Finding | None:
        if seen.clean_acc1 is None:
            return None
        validation = int(seen.confusion.sum())
        error = math.sqrt(_variance(seen.clean_acc1, seen.clean_photos) + _variance(seen.val_acc1, validation))
        if seen.clean_acc1 - seen.val_acc1 - STANDARD_ERRORS * error < LARGEST_GAP:
            return None
        more = seen.recipe.augmentation.randaugment == 0
        return Finding(
            "overfit",
            f"{seen.clean_acc1:.0%} of {seen.clean_photos} training photos are recognized, and {seen.val_acc1:.0%} of "
            f"{validation} validation photos, framed in the same way.",
            "The network remembers its photos instead of what the breeds have in common.",
            "augmentation.randaugment" if more else "optimizer.weight_decay",
            f"More photos help most. {'Try augmentation.randaugment=2' if more else 'Try more weight decay'}, or train "
            "fewer layers (training.frozen_epochs).",
        )


def _variance(share: float, photos: int) -> float:
    share = (share * photos + 1) / (photos + 2)  # all or none of a few photos is not certainty
    return share * (1 - share) / max(photos, 1)


class Overtraining(Check):
    """The validation loss has been rising for several epochs."""

    def __init__(self) -> None:
        self.best, self.best_epoch, self.in_a_row = math.inf, 0, 0

    def at_epoch(self, seen: FinishedEpoch) -> Finding | None:
        if seen.val_loss < self.best:
            self.best, self.best_epoch = seen.val_loss, seen.epoch
        guess = math.log(len(seen.label_names))
        rises = self.best < HAS_LEARNED * guess and seen.val_loss > max(RISEN * self.best, SMALL_LOSS * guess)
        self.in_a_row = self.in_a_row + 1 if rises else 0
        if self.in_a_row < RISING_EPOCHS:
            return None
        return Finding(
            "overtraining",
            f"The validation loss was best in epoch {self.best_epoch} ({self.best:.3f}) and is {seen.val_loss:.3f}.",
            "Later epochs make the network worse. The best one is kept.",
            "training.epochs",
            f"Try {max(self.best_epoch, 1)}, so that the learning rate falls in time.",
        )


class SwallowedClass(Check):
    """Almost all validation photos of one class are taken for another one."""

    def __init__(self) -> None:
        self.before: list[list[int]] = []

    def at_epoch(self, seen: FinishedEpoch) -> Finding | None:
        if seen.val_acc1 < GENERALLY_GOOD or seen.epoch * 2 < seen.recipe.training.epochs:
            self.before = []
            return None
        counts = seen.confusion.double()
        photos = counts.sum(dim=1)
        shares = counts / photos.clamp(min=1)[:, None]
        recall = shares.diagonal().clone()
        shares.fill_diagonal_(0)
        share, other = shares.max(dim=1)
        swallowed = (photos >= LEAST_PHOTOS) & (share >= SWALLOWED) & (recall <= LEAST_RECALL)
        pairs = [[index, int(other[index])] for index in torch.nonzero(swallowed).flatten().tolist()]
        again = [pair for pair in pairs if pair in self.before]
        self.before = pairs
        return self._finding(again[0], seen) if again else None

    @staticmethod
    def _finding(pair: list[int], seen: FinishedEpoch) -> Finding:
        lost, winner = (display_name(seen.label_names[index]) for index in pair)
        times, photos = int(seen.confusion[pair[0], pair[1]]), int(seen.confusion[pair[0]].sum())
        return Finding(
            "swallowed-class",
            f"{times} of {photos} validation photos of {lost} are taken for {winner}.",
            f"The model will hardly ever answer {lost}.",
            "training.class_weighting",
            f"If {winner} has many more photos, use balanced. Otherwise compare the photos of both: `manage.py audit` "
            "finds wrong labels.",
        )


def _fall(losses: Sequence[float]) -> tuple[float, float]:
    """How far a line through the losses of successive epochs falls, and its standard error."""
    epochs = np.arange(len(losses)) - (len(losses) - 1) / 2
    slope = float(np.polyfit(epochs, losses, 1)[0])
    scatter = np.asarray(losses) - np.mean(losses) - slope * epochs
    error = math.sqrt(float((scatter**2).sum()) / (len(losses) - 2) / float((epochs**2).sum()))
    return -slope * (len(losses) - 1), error * (len(losses) - 1)


class Stalled(Check):
    """The training loss no longer falls, although the rate is high and there is something left to learn."""

    def __init__(self) -> None:
        self.losses: list[float] = []

    def at_epoch(self, seen: FinishedEpoch) -> Finding | None:
        self.losses = [*self.losses, seen.train_loss][-PLATEAU_EPOCHS - 1 :]
        if len(self.losses) <= PLATEAU_EPOCHS or seen.rate < FULL_RATE or seen.train_acc1 > NOTHING_LEFT:
            return None
        fall, error = _fall(self.losses)
        if fall - error >= LEAST_PROGRESS * seen.train_loss:
            return None
        return Finding(
            "stalled",
            f"The training loss has not fallen noticeably in {PLATEAU_EPOCHS} epochs: {self.losses[0]:.3f} before, "
            f"{seen.train_loss:.3f} now, with an accuracy of {seen.train_acc1:.0%}.",
            "More such epochs will not help.",
            "optimizer.lr",
            f"{faster(seen.recipe.optimizer.lr)} If the loss then rises, try a tenth, or train more layers.",
        )
