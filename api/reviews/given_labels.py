"""The labels that a reviewer may give. A label becomes the name of a folder."""

import re
import unicodedata
from functools import cache

from api.models import Feedback
from dogbreed.answers.breeds import catalogue
from dogbreed.errors import DogbreedError

LONGEST = 100
PATTERN = re.compile(r"[^\W_][\w.,'()&-]*")  # begins with a letter or digit: never a path or a hidden folder
# Names that mean something else as a folder or as feedback
RESERVED = {"train", "valid", "validation", "val", "test", "other_breeds", "not_a_dog", Feedback.NO_DOG}


class BadLabelError(DogbreedError):
    """A text that cannot be a breed's label."""


def label_of(text: str) -> str:
    """The label for what a person has typed: the catalogue's id of a breed it knows, or a new label in the same style.

    Raises:
        BadLabelError: it is empty, too long, has other characters than labels have, or means something else.
    """
    plain = unicodedata.normalize("NFC", text).strip()
    label = re.sub(r"[\s_]+", "_", plain).lower()
    label = _known_names().get(label, label)
    if not can_be_label(label):
        raise BadLabelError(
            f"{plain[:40]!r} cannot be a breed's label. A label has letters, digits, spaces and hyphens, at most "
            f"{LONGEST} characters, and is no name of a part such as train or test."
        )
    return label


def can_be_label(label: str) -> bool:
    """Whether a label can name a folder of photos."""
    return len(label) <= LONGEST and label.lower() not in RESERVED and bool(PATTERN.fullmatch(label))


@cache
def _known_names() -> dict[str, str]:
    return {
        name.lower().replace(" ", "_"): breed.id
        for breed in catalogue().values()
        for name in (*breed.aliases, breed.name, breed.id)
    }
