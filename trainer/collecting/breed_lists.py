"""The breeds to collect: from a web page, a text or CSV file, or the built-in catalogue."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from bs4 import BeautifulSoup, Tag

from dogbreed.answers.breeds import catalogue
from dogbreed.errors import DogbreedError
from trainer.photos.layouts import breed_label, is_plain_name

CATALOGUE = "catalogue"
LONGEST_NAME = 6  # words; longer texts are sentences
NUMBERING = re.compile(r"^\s*#?\d+[.):\s]+|\s*\[\d+\]")  # "12. " before a name, "[3]" of a footnote behind it
FAMILY_FIRST = re.compile(r"^(.+?)s? \(([^)]+)\)$")  # "Retrievers (Labrador)", as the American Kennel Club writes


class BreedListError(DogbreedError):
    """There are no breeds in the given list."""


@dataclass(frozen=True)
class WantedBreed:
    """`label` names the folder, `name` is the usual name, `others` are further names to search for."""

    label: str
    name: str
    others: tuple[str, ...] = ()

    @property
    def searches(self) -> list[str]:
        """The search terms. "dog" is added, because a boxer is also an athlete and a pointer also a stick."""
        return [name if re.search(r"\bdogs?\b", name.lower()) else f"{name} dog" for name in (self.name, *self.others)]


def read_breeds(where: str, page: str | None = None) -> list[WantedBreed]:
    """The breeds of a list in its order, without duplicates.

    Args:
        where: `catalogue`, the path of a .txt, .csv or .html file, or the address of `page`.
        page: HTML that was already downloaded.

    Raises:
        BreedListError: there is no such file, or no breeds in it.
    """
    if where == CATALOGUE:
        return [WantedBreed(breed.id, breed.name, breed.aliases) for breed in catalogue().values()]
    if page is None and not Path(where).is_file():
        raise BreedListError(
            f"There is no file {where}. Give {CATALOGUE}, a .txt, .csv or .html file, or a web address."
        )
    text = page if page is not None else Path(where).read_text(encoding="utf-8-sig")
    if page is not None or Path(where).suffix.lower() in (".html", ".htm"):
        names = names_of_page(text)
    elif Path(where).suffix.lower() == ".csv":
        names = _names_of_csv(Path(where))
    else:
        names = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    breeds: dict[str, WantedBreed] = {}
    for name in names:
        breed = _wanted(name)
        if is_plain_name(breed.label):
            breeds.setdefault(breed.label, breed)
    if not breeds:
        raise BreedListError(f"There is no list or table of breeds in {where}.")
    return list(breeds.values())


def _wanted(name: str) -> WantedBreed:
    label = breed_label(name)
    known = catalogue().get(label)
    return WantedBreed(label, known.name, known.aliases) if known else WantedBreed(label, name)


def _names_of_csv(path: Path) -> list[str]:
    """The values of the column `breed` or `name`, otherwise of the first column."""
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    column = next((name for name in rows.columns if name.strip().lower() in ("breed", "name")), rows.columns[0])
    return [str(name).strip() for name in rows[column] if str(name).strip()]


def names_of_page(html: str) -> list[str]:
    """The list or table column of a page that most likely names breeds; empty if there is none.

    Lists with more names from the catalogue are preferred, then longer ones, because menus are lists too.
    """
    soup = BeautifulSoup(html, "html.parser")
    lists: list[list[str]] = [[]]
    lists += [_items(found.find_all("li", recursive=False)) for found in soup.find_all(["ul", "ol"])]
    for table in soup.find_all("table"):
        lists += _columns(table)
    best = max(lists, key=lambda names: (sum(breed_label(name) in catalogue() for name in names), len(names)))
    return best if len(best) > 1 else []


def _columns(table: Tag) -> list[list[str]]:
    rows = [row.find_all(["td", "th"], recursive=False) for row in table.find_all("tr") if row.find("td")]
    width = max((len(row) for row in rows), default=0)
    return [_items([row[column] for row in rows if column < len(row)]) for column in range(width)]


def _items(tags: Iterable[Tag]) -> list[str]:
    names = (_tidy(_own_text(tag)) for tag in tags)
    return [name for name in names if name and len(name.split()) <= LONGEST_NAME and not re.search(r"\d", name)]


def _own_text(tag: Tag) -> str:
    """The text of an item without nested lists; if it begins with a link, the text of the link."""
    link = tag.find("a")
    text = link.get_text(" ", strip=True) if link and link.get_text(strip=True) else ""
    own = " ".join(
        child.get_text(" ", strip=True) if isinstance(child, Tag) else str(child)
        for child in tag.children
        if not (isinstance(child, Tag) and child.name in ("ul", "ol"))
    )
    return text if text and own.strip().startswith(text) else own


def _tidy(text: str) -> str:
    """A name in the singular and in the usual order: "1. Retrievers (Labrador)" becomes Labrador Retriever."""
    name = re.split(r"\s+[\u2013\u2014-]\s+|[,;:]", NUMBERING.sub("", " ".join(text.split())))[0].strip()
    if found := FAMILY_FIRST.match(name):
        name = f"{found[2]} {found[1]}"
    if breed_label(name) in catalogue():
        return name
    words = name.split()
    for changed in (range(len(words) - 1, len(words)), range(1), range(len(words))):
        singular = " ".join(_singular(word) if place in changed else word for place, word in enumerate(words))
        if breed_label(singular) in catalogue():
            return singular
    return " ".join([*words[:-1], _singular(words[-1])]) if words else ""


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "ees", "us")) else word
