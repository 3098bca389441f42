"""The recipes as a table on the terminal."""

from rich.console import Console
from rich.table import Table

from trainer.recipes.recipe import Recipe


def print_recipes(recipes: dict[str, Recipe]) -> None:
    """One row a recipe: its name, its network, its epochs and what it is."""
    table = Table("recipe", "architecture", "epochs", "what it is", show_lines=True)
    for name, recipe in recipes.items():
        table.add_row(name, recipe.architecture, str(recipe.training.epochs), recipe.description)
    Console().print(table)
