"""Prints the recipes as a table."""

from rich.console import Console
from rich.table import Table

from trainer.recipes.recipe import Recipe


def print_recipes(recipes: dict[str, Recipe]) -> None:
    """One row per recipe: its name, its network, its epochs and its description."""
    table = Table("recipe", "architecture", "epochs", "description", show_lines=True)
    for name, recipe in recipes.items():
        table.add_row(name, recipe.architecture, str(recipe.training.epochs), recipe.description)
    Console().print(table)
