"""Checks before the first step: labels, the input, and the network as it starts. All are functions of numbers."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from dogbreed.answers.breeds import display_name
from trainer.recipes.recipe import Recipe
from trainer.training.run_findings import Finding

LARGEST_IMBALANCE = 10.0
# Of the pixels of a batch after normalization, over all channels: about 0 and 1.
LARGEST_MEAN, SMALLEST_STD, LARGEST_STD = 1.5, 0.3, 3.0
FIRST_LOSS = 1.5  # times the loss of guessing
SAME_ANSWERS = 1e-5  # standard deviation of a logit over photos
SURE = 0.4  # how much surer than right the starting network is
VARIED = 0.5  # entropy of its answers over all photos, relative to that of all classes alike
LEAST_PHOTOS = 32


def class_imbalance(labels: Tensor, label_names: list[str], recipe: Recipe) -> Finding | None:
    """Args: labels: class indices `[n]` of the training photos."""
    if recipe.training.class_weighting == "balanced":
        return None
    counts = torch.bincount(labels, minlength=len(label_names))
    most, least = int(counts.argmax()), int(counts.argmin())
    if counts[most] < LARGEST_IMBALANCE * counts[least]:
        return None
    return Finding(
        "class-imbalance",
        f"There are {int(counts[most])} training photos of {display_name(label_names[most])} and {int(counts[least])} "
        f"of {display_name(label_names[least])}.",
        "Rare breeds are hardly ever answered.",
        "training.class_weighting",
        "Use balanced, or collect more photos of the rare breeds.",
    )


def input_not_normalized(images: Tensor) -> Finding | None:
    """Args: images: what the network gets, float `[n, 3, h, w]`."""
    mean, std = float(images.mean()), float(images.std())
    if abs(mean) <= LARGEST_MEAN and SMALLEST_STD <= std <= LARGEST_STD:
        return None
    return Finding(
        "input-not-normalized",
        f"The pixels of the first batch have a mean of {mean:.2f} and a standard deviation of {std:.2f}.",
        "The network expects about 0 and 1.",
        "--weights",
        "`mean` and `std` in the metadata of the weights' file decide this: check them.",
    )


def poor_initialization(logits: Tensor, labels: Tensor) -> Finding | None:
    """Args: logits `[n, classes]` of the network as it starts, for photos with the class indices `labels` `[n]`."""
    guess, loss = math.log(logits.shape[1]), float(F.cross_entropy(logits, labels))
    spread = float(logits.std(dim=0).mean()) if len(logits) > 1 else 1.0
    if loss > FIRST_LOSS * guess:
        seen = (
            f"The first loss is {loss:.2f}; guessing has {guess:.2f}. The logits differ by {spread:.2g} among photos."
        )
    elif spread < SAME_ANSWERS:
        seen = f"The logits are the same for all photos: they differ by {spread:.1g}."
    else:
        return None
    return Finding(
        "poor-initialization",
        seen,
        "The first steps are spent on undoing this.",
        "head.batch_norm",
        "Try true, which brings the features to one scale; or start from pretrained weights (--weights).",
    )


def contradicting_labels(logits: Tensor, labels: Tensor) -> Finding | None:
    """Whether a pretrained head gives sure and varied answers, and the labels do not agree with them.

    Args:
        logits: `[n, classes]` of the network as it starts, for training photos with the class indices `labels` `[n]`.
    """
    if len(logits) < LEAST_PHOTOS:
        return None
    probabilities = logits.softmax(dim=1)
    sure = float(probabilities.max(dim=1).values.mean())
    right = float((logits.argmax(dim=1) == labels).float().mean())
    answers = probabilities.mean(dim=0)
    varied = float(torch.special.entr(answers).sum()) / math.log(logits.shape[1])
    if sure - right < SURE or varied < VARIED:
        return None
    return Finding(
        "contradicting-labels",
        f"The pretrained head names the label of {right:.0%} of {len(logits)} training photos, and is sure of its "
        f"answers: their mean probability is {sure:.0%}.",
        "The labels of many photos are probably wrong.",
        "--data",
        "Look at some photos in their folders, and run `manage.py audit`.",
    )
