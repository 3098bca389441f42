"""What `manage.py tune` searches: ranges and choices of a recipe's values, by the keys that `--set` knows too."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from trainer.recipes.recipe import Choices, Range, Recipe, RecipeError, Searched, parse_recipe
from trainer.recipes.recipe_files import parse_value

Values = Mapping[str, Any]
AUTO_LOG_FACTOR = 10  # a range that spans a larger factor is searched on a logarithmic scale

ADAM_LR, SGD_LR = (3e-5, 3e-3), (1e-3, 1e-1)


def parse_search(settings: Iterable[str]) -> dict[str, Searched]:
    """Reads `KEY=LOW..HIGH` (a range) and `KEY=A,B,C` (choices) from a command line.

    Raises:
        RecipeError: a setting has another form, or HIGH is not above LOW.
    """
    return dict(map(_parse, settings))


def _parse(setting: str) -> tuple[str, Searched]:
    key, equals, text = setting.partition("=")
    if not (key and equals and text):
        raise RecipeError(f"{setting!r} cannot be searched: write KEY=LOW..HIGH or KEY=A,B,C.")
    low, dots, high = text.partition("..")
    data = (
        {"low": parse_value(low), "high": parse_value(high)}
        if dots
        else {"choices": [parse_value(choice) for choice in text.split(",")]}
    )
    try:
        return key.strip(), (Range if dots else Choices).model_validate(data)
    except ValidationError as error:
        reason = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise RecipeError(f"{setting!r} cannot be searched: {reason}.") from error


def default_search(recipe: Recipe, pretrained: bool, taught: bool = False) -> dict[str, Searched]:
    """The usual ranges of the values that decide most, without those that do nothing in this recipe.

    Args:
        pretrained: whether training starts from pretrained weights.
        taught: whether bundles teach.
    """
    training = recipe.training
    backbone_learns = training.frozen_epochs != "all" or bool(training.thaw) or bool(training.cached_through)
    new_views = not recipe.trains_on_features(training.epochs - 1, taught) and not training.cached_through
    knows_breeds = taught or (pretrained and recipe.head.from_imagenet and recipe.head.is_plain)
    low, high = SGD_LR if recipe.optimizer.name == "sgd" else ADAM_LR
    space: dict[str, Searched | None] = {
        "optimizer.lr": Range(low=low, high=high),
        "training.batch_size": Choices(choices=[16, 32, 64, 128]),
        "optimizer.weight_decay": Range(low=1e-4, high=0.3) if recipe.optimizer.weight_decay else None,
        "optimizer.backbone_lr_factor": Range(low=0.03, high=1.0) if pretrained and backbone_learns else None,
        "training.distillation": Range(low=0.0, high=0.5) if knows_breeds and backbone_learns else None,
        "augmentation.crop_scale.0": Range(low=0.2, high=0.6) if new_views else None,
    }
    return {key: searched for key, searched in space.items() if searched}


def search_space(recipe: Recipe, space: Mapping[str, Searched]) -> dict[str, Searched]:
    """The space, extended so that it contains the recipe's own values, which are the first trial.

    Raises:
        RecipeError: a key is unknown, or the recipe's own value or an end of a range is impossible.
    """
    if not space:
        raise RecipeError("There is nothing to search: name values with --search KEY=LOW..HIGH.")
    own = own_values(recipe, space)
    extended = {key: _with(key, searched, own[key]) for key, searched in space.items()}
    for key, searched in extended.items():
        for value in searched.ends:
            with_values(recipe, {key: value})
    return extended


def _with(key: str, searched: Searched, own: Any) -> Searched:
    if isinstance(searched, Choices):
        return searched if own in searched.choices else Choices(choices=[own, *searched.choices])
    if isinstance(own, bool) or not isinstance(own, int | float):
        raise RecipeError(f"{key} is {own!r}, which has no range: give choices, as in {key}=A,B.")
    if is_log(searched) and own <= 0:
        raise RecipeError(f"{key} is {own} in the recipe, which a logarithmic range cannot contain: use --set {key}=…")
    return searched.model_copy(update={"low": min(searched.low, own), "high": max(searched.high, own)})


def is_log(searched: Range) -> bool:
    """Whether a range is searched on a logarithmic scale."""
    if searched.scale == "auto":
        return searched.low > 0 and searched.low * AUTO_LOG_FACTOR <= searched.high
    return searched.scale == "log"


def own_values(recipe: Recipe, keys: Iterable[str]) -> dict[str, Any]:
    """The recipe's values of these keys.

    Raises:
        RecipeError: a key is unknown.
    """
    return {key: _own_value(recipe, key) for key in keys}


def _own_value(recipe: Recipe, key: str) -> Any:
    value: Any = recipe.model_dump(mode="json")
    for part in key.split("."):
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            raise RecipeError(f"{key}: a recipe has no such key. Recipes have keys such as optimizer.lr.")
    return value


def with_values(recipe: Recipe, values: Values) -> Recipe:
    """The recipe with some of its values replaced, and without a search.

    Raises:
        RecipeError: a value is impossible.
    """
    data = recipe.model_dump(mode="json", exclude={"search"})
    for key, value in values.items():
        *path, last = key.split(".")
        inner: Any = data
        for part in path:
            inner = inner[int(part)] if isinstance(inner, list) else inner[part]
        inner[int(last) if isinstance(inner, list) else last] = value
    return parse_recipe(data)
