"""The lists of the queue: which photos each shows, and in which order."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from api.models import Feedback, Review
from api.reviews.appraisal import Suggestion
from api.reviews.cases import Case
from api.reviews.review_texts import SUGGESTIONS

WAITING, ALL = Review.State.WAITING, "all"
LISTS = {
    **{str(suggestion): text for suggestion, text in SUGGESTIONS.items()},
    "accepted": "Accepted",
    "rejected": "Rejected",
    "not_a_dog": "Not a dog",
    ALL: "All",
}
SAID = {
    "": "Everything",
    "different": "Another breed than the model",
    "same": "The same as the model",
    "other": "Other breed, or no dog",
    "nothing": "Nothing",
}
LEADS: dict[str, str] = {
    Suggestion.RIGHT: "What visitors say fits what the model saw. Look at a page of photos, then accept them together.",
    Suggestion.LOOK: "Only a person can decide these. The most valuable come first.",
    Suggestion.WRONG: "The model all but excludes what visitors say. Some of them are right all the same.",
}


@dataclass(frozen=True)
class Shown:
    """Which list, and what the visitor said."""

    list: str = Suggestion.LOOK
    said: str = ""
    page: str = ""

    @classmethod
    def by(cls, query: Mapping[str, Any]) -> "Shown":
        """Of an address; what it does not know is left out."""
        chosen, said, page = (str(query.get(name, "")) for name in ("list", "said", "page"))
        return cls(
            chosen if chosen in LISTS else Suggestion.LOOK,
            said if said in SAID else "",
            page if page.isascii() and page.isdigit() else "",
        )

    @property
    def query(self) -> str:
        return urlencode({name: value for name, value in vars(self).items() if value})


@dataclass(frozen=True)
class Tab:
    name: str
    number: int
    query: str
    current: bool


def listed(cases: list[Case], shown: Shown) -> list[Case]:
    """Of waiting photos the most valuable reviews come first, of others the latest."""
    found = [case for case in cases if shown.list in (ALL, _list_of(case)) and _said(case, shown.said)]
    if shown.list in SUGGESTIONS:
        return found
    return sorted(found, key=lambda case: case.last.pk if case.last else 0, reverse=True)


def tabs(cases: list[Case], shown: Shown) -> list[Tab]:
    """A link for each list, with how many photos are in it."""
    counts = Counter(_list_of(case) for case in cases if _said(case, shown.said))
    counts[ALL] = counts.total()
    return [
        Tab(text, counts[name], Shown(name, shown.said).query, name == shown.list) for name, text in LISTS.items()
    ]  # fmt: skip


def _list_of(case: Case) -> str:
    return str(case.suggestion) if case.state == WAITING else str(case.state)


def _said(case: Case, wanted: str) -> bool:
    unnamed = case.said in (Feedback.OTHER, Feedback.NO_DOG)
    return {
        "": True,
        "different": case.facts.disagrees and not unnamed,
        "same": bool(case.said) and not case.facts.disagrees,
        "other": unnamed,
        "nothing": not case.said,
    }[wanted]
