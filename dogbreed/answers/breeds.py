"""The breed catalogue: the common names of a model's labels, and the breeds' ids in other catalogues.

Sources of the ids:

- `vbo`: the Vertebrate Breed Ontology of the Monarch Initiative and OMIA, CC BY 4.0,
  https://github.com/monarch-initiative/vertebrate-breed-ontology (release of 15 April 2026).
- `fci`: the last part of the address of a breed's page at the Fédération Cynologique Internationale; the number is the
  FCI's. From https://github.com/paiv/fci-breeds, a list of these pages.
- `wikidata`: Wikidata, CC0 (a query for dog breeds of 22 September 2026; the Pomeranian by its WordNet synset).

An empty cell means that the catalogue has no such breed, or no single one:

- The African wild dog and the dhole are other species. VBO and Wikidata have the dingo among the dogs.
- The FCI does not recognize the Bluetick, Redbone and Treeing Walker Coonhounds.
- "Cocker Spaniel" is two breeds here, the American and the English; Wikidata has an item for both together.
- "Collie" is two breeds at the FCI and in Wikidata, the rough and the smooth; VBO has one term for both.
- "Brussels Griffon" is three breeds at the FCI: Griffon Bruxellois, Griffon Belge and Petit Brabançon.

Some labels are varieties. They have ids of their own where a catalogue has them, and share the breed's otherwise:

- Groenendael and Malinois are varieties of the FCI's Belgian Shepherd Dog; Keeshond and Pomeranian of its German Spitz;
  the three Poodles of its Poodle. Wikidata has an item for the Toy Poodle, and one for all Poodles.
- The Papillon is a variety of the FCI's Continental Toy Spaniel.
- "Cavalier King Charles Spaniel (Blenheim)" is a colour with a term in VBO; the other two ids are the whole breed's.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

CATALOGUE_FILE = Path(__file__).with_name("breeds.csv")
VBO_ADDRESS = "https://purl.obolibrary.org/obo/{}"
FCI_ADDRESS = "https://www.fci.be/en/nomenclature/{}.html"
WIKIDATA_ADDRESS = "https://www.wikidata.org/wiki/{}"


@dataclass(frozen=True)
class Reference:
    """A breed in another catalogue: its id there, and the address of its page."""

    id: str
    url: str


@dataclass(frozen=True)
class Breed:
    """One breed. `group` is the American Kennel Club's, if the club lists the breed; `wild` is for wild dogs.

    `taught_from` is the number of photos that a bundle was taught it from, and None for breeds of the catalogue.
    """

    id: str
    name: str
    group: str
    aliases: tuple[str, ...]
    vbo: Reference | None = None
    fci: Reference | None = None
    wikidata: Reference | None = None
    taught_from: int | None = None


@cache
def catalogue() -> dict[str, Breed]:
    """All breeds by id. The id is the label in a model's `label_names`."""
    with CATALOGUE_FILE.open(encoding="utf-8", newline="") as file:
        return {row["id"]: _breed(row) for row in csv.DictReader(file)}


def _breed(row: dict[str, str]) -> Breed:
    vbo, page, wikidata = row["vbo"], row["fci"], row["wikidata"]
    return Breed(
        id=row["id"],
        name=row["name"],
        group=row["group"],
        aliases=tuple(filter(None, row["aliases"].split("|"))),
        vbo=Reference(vbo, VBO_ADDRESS.format(vbo.replace(":", "_"))) if vbo else None,
        fci=Reference(page.rpartition("-")[2], FCI_ADDRESS.format(page)) if page else None,
        wikidata=Reference(wikidata, WIKIDATA_ADDRESS.format(wikidata)) if wikidata else None,
    )


_of_bundles: dict[str, Breed] = {}


def add_breeds(breeds: Iterable[Breed], instead_of: Iterable[str] = ()) -> None:
    """Adds the breeds that a bundle brings along.

    Args:
        instead_of: the labels of all its breeds. What other bundles said of them is forgotten.
    """
    for label in instead_of:
        _of_bundles.pop(label, None)
    _of_bundles.update({breed.id: breed for breed in breeds})
    display_name.cache_clear()


def known_breed(label: str) -> Breed | None:
    """A breed of a bundle that this process has read, or of the catalogue; None if neither has the label."""
    return _of_bundles.get(label) or catalogue().get(label)


@lru_cache(maxsize=10_000)  # an answer names every breed
def display_name(label: str) -> str:
    """The common name of a breed. Labels without one are made readable (`my_own_breed`: "My Own Breed")."""
    breed = known_breed(label)
    if breed and breed.name:
        return breed.name
    return " ".join(word[:1].upper() + word[1:] for word in label.replace("_", " ").split())


def article(name: str) -> str:
    """The indefinite article, "a" or "an", by the first letter. That is correct for every name in the catalogue."""
    return "an" if name[:1].lower() in "aeiou" else "a"
