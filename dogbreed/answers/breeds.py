"""The breed catalogue: what the labels of a model are called by people today."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CATALOGUE_FILE = Path(__file__).with_name("breeds.csv")


@dataclass(frozen=True)
class Breed:
    """One breed. `group` is the American Kennel Club's, where it has one; `wild` are dogs that are no breed at all."""

    id: str
    name: str
    group: str
    aliases: tuple[str, ...]


@cache
def catalogue() -> dict[str, Breed]:
    """Every breed that is known by name, by its id, which is the label in a model's `label_names`."""
    with CATALOGUE_FILE.open(encoding="utf-8", newline="") as file:
        return {
            row["id"]: Breed(row["id"], row["name"], row["group"], tuple(filter(None, row["aliases"].split("|"))))
            for row in csv.DictReader(file)
        }


def display_name(label: str) -> str:
    """What people call a breed; a label outside the catalogue is made readable (`my_own_breed`: "My Own Breed")."""
    breed = catalogue().get(label)
    return breed.name if breed else " ".join(word[:1].upper() + word[1:] for word in label.replace("_", " ").split())


def article(name: str) -> str:
    """The indefinite article: "a" or "an", by the first letter, which fits every name in the catalogue."""
    return "an" if name[:1].lower() in "aeiou" else "a"
