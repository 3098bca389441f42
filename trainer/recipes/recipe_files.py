"""Reads recipes by name or from a file, and applies changes from a command line."""

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from trainer.recipes.recipe import Recipe, RecipeError, parse_recipe

RECIPES_DIR = Path(__file__).parent
DEFAULT_RECIPE = "resnet152"


def recipe_names() -> list[str]:
    return sorted(path.stem for path in RECIPES_DIR.glob("*.toml"))


def read_recipe(name: str, settings: Iterable[str] = ()) -> Recipe:
    """Reads a recipe by its name, or from the user's own TOML file.

    Args:
        settings: changes such as `optimizer.lr=1e-3`: a key of the recipe, and a TOML value.

    Raises:
        RecipeError: no such recipe, not TOML, an unknown key or an impossible value.
    """
    path = Path(name) if name.endswith(".toml") else RECIPES_DIR / f"{name}.toml"
    if not path.is_file():
        raise RecipeError(
            f"There is no recipe {name}. Choose one of {', '.join(recipe_names())}, or the path of a .toml file."
        )
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        recipe = parse_recipe(data)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecipeError(f"{path} is not TOML: {error}.") from error
    except RecipeError as error:
        raise RecipeError(f"{path} is not a valid recipe: {error}") from error
    return change_recipe(recipe, settings)


def change_recipe(recipe: Recipe, settings: Iterable[str]) -> Recipe:
    """The recipe with some of its values changed.

    Raises:
        RecipeError: a setting is not KEY=VALUE, its key is unknown or its value impossible.
    """
    data = recipe.model_dump(mode="json")
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not key or not equals:
            raise RecipeError(f"{setting!r} is not a setting: write KEY=VALUE, such as optimizer.lr=1e-3.")
        _put(data, key.strip().split("."), parse_value(value.strip()), key)
    return parse_recipe(data)


def _put(data: dict[str, Any], path: list[str], value: Any, key: str) -> None:
    for part in path[:-1]:
        inner = data.setdefault(part, {})
        if not isinstance(inner, dict):
            raise RecipeError(f"{key}: {part} is a value and has no keys.")
        data = inner
    data[path[-1]] = value


def parse_value(text: str) -> Any:
    """Reads a TOML value. A bare word is text, so that no quotes are needed in a shell."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def values_by_key(data: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """The values of a recipe's data by their full keys, such as `training.epochs`."""
    found: dict[str, Any] = {}
    for key, value in data.items():
        found |= values_by_key(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return found
