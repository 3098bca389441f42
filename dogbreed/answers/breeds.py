"""The breed catalogue: the common names of a model's labels."""

import csv
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

CATALOGUE_FILE = Path(__file__).with_name("breeds.csv")


@dataclass(frozen=True)
class Breed:
    """One breed. `group` is the American Kennel Club's, if the club lists the breed; `wild` is for wild dogs."""

    id: str
    name: str
    group: str
    aliases: tuple[str, ...]


@cache
def catalogue() -> dict[str, Breed]:
    """All breeds by id. The id is the label in a model's `label_names`."""
    with CATALOGUE_FILE.open(encoding="utf-8", newline="") as file:
        return {
            row["id"]: Breed(row["id"], row["name"], row["group"], tuple(filter(None, row["aliases"].split("|"))))
            for row in csv.DictReader(file)
        }


@lru_cache(maxsize=10_000)  # an answer names every breed
def display_name(label: str) -> str:
    """The common name of a breed. Labels outside the catalogue are made readable (`my_own_breed`: "My Own Breed")."""
    breed = catalogue().get(label)
    return breed.name if breed else " ".join(word[:1].upper() + word[1:] for word in label.replace("_", " ").split())


def article(name: str) -> str:
    """The indefinite article, "a" or "an", by the first letter. That is correct for every name in the catalogue."""
    return "an" if name[:1].lower() in "aeiou" else "a"
