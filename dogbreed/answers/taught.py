"""Breeds that a bundle was taught from a few photos, beside those that its network was trained on."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from dogbreed.answers.breeds import Breed, catalogue
from dogbreed.strict_model import StrictModel

FEWEST_PHOTOS = 3
LONGEST = 60  # letters of a label or a name
LABEL = re.compile(rf"[a-z0-9][a-z0-9_]{{0,{LONGEST - 1}}}")
GROUPS = (
    "foundation stock", "herding", "hound", "non-sporting", "sporting", "terrier", "toy", "wild", "working",
)  # fmt: skip
BESIDE_LETTERS = set(" -'\N{RIGHT SINGLE QUOTATION MARK}.")  # a name is shown on pages, in Markdown and on terminals


def checked_label(label: str) -> str:
    """Raises ValueError, with a sentence for people, unless it has small letters, digits and underscores alone."""
    if not LABEL.fullmatch(label):
        suggested = re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")[:LONGEST]
        instead = f" For example: {suggested}." if suggested else ""
        raise ValueError(
            f"{label!r} cannot be a breed's label. A label has small letters (a to z), digits and underscores, at most "
            f"{LONGEST} of them, and does not begin with an underscore.{instead}"
        )
    return label


def checked_name(name: str) -> str:
    """Raises ValueError, with a sentence for people, unless a name has nothing but letters, digits and a few signs."""
    fits = len(name) <= LONGEST and all(sign.isalnum() or sign in BESIDE_LETTERS for sign in name)
    if not fits or name != " ".join(name.split()) or not name[:1].isalnum():
        raise ValueError(
            f"{name!r} cannot be a breed's name. A name has letters, digits, single spaces, hyphens, apostrophes and "
            f"full stops, at most {LONGEST} of them, and begins with a letter or digit."
        )
    return name


def checked_group(group: str) -> str:
    """Raises ValueError unless it is one of the catalogue's groups, or empty."""
    if group and group not in GROUPS:
        raise ValueError(f"{group!r} is none of the groups of breeds. They are: {', '.join(GROUPS)}.")
    return group


Label = Annotated[str, AfterValidator(checked_label)]
Name = Annotated[str, AfterValidator(checked_name)]


class Share(StrictModel):
    """So many of so many photos."""

    count: int = Field(ge=0)
    photos: int = Field(ge=0)

    def __str__(self) -> str:
        return f"{self.count} of {self.photos}"


class TaughtBreed(StrictModel):
    """What `config.json` says of a taught breed: its place in the catalogue, and how it was taught."""

    photos: int = Field(ge=FEWEST_PHOTOS, description="The photos that it was taught from, near-duplicates once.")
    name: Name | None = None
    group: Annotated[str, AfterValidator(checked_group)] = ""
    aliases: list[Name] = []
    revision: int = Field(default=1, ge=1, description="Counts how often it was taught again.")
    threshold: float = Field(
        description="By how much the similarity to the photos must exceed the largest logit of the other breeds."
    )
    recall: Share = Field(description="How many of its photos are answered with it if it is taught from the others.")
    false_alarms: Share = Field(
        description="How many reference photos of the trained breeds, each in all views, are answered with it."
    )
    lost: Share = Field(description="How many of them were answered with the right breed before.")
    other_false_alarms: Share = Field(description="The same for reference photos of still other breeds.")
    closest: list[str] = Field(default=[], description="Labels of the breeds that its photos resembled before.")
    photo_digests: list[str] = Field(default=[], description="The SHA-256 of the photos' files.")

    def breed(self, label: str) -> Breed:
        """Its entry in the catalogue. Without a name of its own it is called by its label, or as the catalogue says."""
        known = catalogue().get(label)
        return Breed(
            label,
            self.name or (known.name if known else ""),
            self.group or (known.group if known else ""),
            tuple(self.aliases),
            taught_from=self.photos,
        )
