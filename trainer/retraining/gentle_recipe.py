"""The recipe of a bundle, made gentler: the network is nearly right already, and must not forget."""

import math
from collections.abc import Sequence
from typing import Any

from trainer.networks.joined import JOIN
from trainer.recipes.recipe import Recipe
from trainer.recipes.recipe_files import change_recipe, values_by_key

EPOCHS = 1 / 3  # of the recipe's
LEAST_EPOCHS = 3
RATE = 0.3  # of the recipe's
AVERAGED = 0.1  # of the steps: what a moving average of weights covers at most, or it would stay at the start


def gentle_recipe(recipe: Recipe, photos: int, has_new_breeds: bool, changes: Sequence[str]) -> Recipe:
    """The recipe for training a bundle further.

    Args:
        photos: how many an epoch has.
        has_new_breeds: the head has rows that were never trained. It is trained alone for one epoch.
        changes: of the user, as KEY=VALUE; they count last.

    Raises:
        RecipeError: a change is not valid.
    """
    epochs = max(LEAST_EPOCHS, math.ceil(recipe.training.epochs * EPOCHS))
    frozen: int | str = recipe.training.frozen_epochs
    if frozen != "all":
        frozen = min(int(has_new_breeds), epochs - 1)
    values: dict[str, Any] = {
        "head.from_imagenet": False,
        "optimizer.lr": recipe.optimizer.lr * RATE,
        "training.epochs": epochs,
        "training.frozen_epochs": frozen,
        "training.thaw": dict.fromkeys(recipe.training.thaw, 0 if frozen != "all" else 1),
        "training.batch_statistics": "kept",
        "training.distillation": 0.0,  # the old answers to replayed photos taught nothing that could be measured
        "training.doubt": 0.0,  # the old answers are what corrections correct
        "training.ema_decay": _ema_decay(recipe, epochs * max(1, photos // recipe.training.batch_size)),
    }
    if JOIN in recipe.architecture:  # its parts were trained apart, each with a recipe of its own
        values |= {"training.frozen_epochs": "all", "training.thaw": {}, "training.cached_through": ""}
        values |= {"training.feature_views": max(1, recipe.training.feature_views)}
    data = recipe.model_dump(mode="json")
    for key, value in values.items():
        section, _, name = key.partition(".")
        data[section][name] = value
    return change_recipe(Recipe.model_validate(data), changes)


def _ema_decay(recipe: Recipe, steps: int) -> float:
    return min(recipe.training.ema_decay, max(0.0, round(1 - 1 / max(1.0, AVERAGED * steps), 4)))


def recipe_changes(before: Recipe, after: Recipe) -> list[str]:
    """What differs, as `key=value (was value)`."""
    old, new = (values_by_key(each.model_dump(mode="json")) for each in (before, after))
    return [f"{key}={value} (was {old.get(key)})" for key, value in new.items() if old.get(key) != value]
