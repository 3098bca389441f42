"""The photos of the queue: each file once, with what its senders said, what the model said, and its state."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from uuid import UUID

from api.models import KeptPhoto, Prediction, Review
from api.reviews.appraisal import Facts, Suggestion, facts_of, suggest, worth

CHUNK = 500  # answers that are read at once, with their probabilities
REMEMBERED = 50_000  # answers of which a process remembers the facts, a few hundred bytes each
FLOOD, FLOOD_SHARE = 10, 0.25  # so many waiting corrections to one breed, and such a share of all, may be one person's
LATER = 0.9  # what the next photo with the same correction counts, compared with the one before it
SAME_HOUR = 0.97  # and the next of the same hour

_facts: dict[tuple[UUID, str], Facts] = {}


@dataclass(frozen=True)
class Copy:
    """One person's consent to keep the photo. `said` is "" without feedback."""

    id: UUID  # of the answer
    answered: str
    consented: datetime
    said: str
    said_at: datetime | None


@dataclass(frozen=True)
class Case:
    """A photo that is kept by consent. Copies of one file are one case, so nobody gains from sending it again."""

    sha256: str
    copies: tuple[Copy, ...]  # the first consent first
    last: Review | None
    facts: Facts
    flooded: bool  # whether its correction is one of suspiciously many
    worth: float = 0.0

    @property
    def id(self) -> UUID:
        """Of the first answer that is still stored; it stands for all."""
        return self.copies[0].id

    @property
    def state(self) -> str:
        return self.last.state if self.last else Review.State.WAITING

    @property
    def said(self) -> str:
        return self.facts.said

    @cached_property
    def votes(self) -> Counter[str]:
        return votes_of(self.copies)

    @property
    def seen(self) -> str:
        """What a form remembers: a review of this photo is refused if it has changed meanwhile."""
        return f"{self.last.number if self.last else 0}:{self.said}"

    @property
    def suggestion(self) -> Suggestion:
        return suggest(self.facts, self.votes, self.flooded)


def votes_of(copies: Iterable[Copy]) -> Counter[str]:
    return Counter(copy.said for copy in copies if copy.said)


def all_cases() -> list[Case]:
    """Every kept photo. The one whose review is worth the most comes first."""
    copies, last = _copies(), last_reviews()
    facts = _facts_of({digest: (own[0], _leading(own)) for digest, own in copies.items()})
    decided = {digest for digest, review in last.items() if review.state != Review.State.WAITING}
    flooded = flooded_breeds(own for digest, own in facts.items() if digest not in decided)
    cases = [
        Case(digest, tuple(copies[digest]), last.get(digest), own, own.disagrees and own.said in flooded)
        for digest, own in facts.items()
    ]
    return ranked(cases)


def flooded_breeds(waiting: Iterable[Facts]) -> set[str]:
    """The breeds that suspiciously many corrections say."""
    said = Counter(facts.said for facts in waiting if facts.disagrees)
    return {label for label, number in said.items() if number >= FLOOD and number >= FLOOD_SHARE * said.total()}


def ranked(cases: list[Case]) -> list[Case]:
    """The most valuable reviews first, and no kind of photo ahead of all others.

    Nobody knows who sent what. So what one person can easily send many of counts less each time: photos with the same
    correction, and photos of which something was said in the same hour.
    """
    own = [replace(case, worth=worth(case.facts, case.votes)) for case in cases]
    same: Counter[str] = Counter()
    hours: Counter[str] = Counter()
    found = []
    for case in sorted(own, key=_by_worth):
        if case.state == Review.State.WAITING:
            correction = case.said if case.facts.disagrees else ""
            hour = f"{max((copy.said_at or copy.consented) for copy in case.copies):%Y-%m-%d %H}"
            factor = (LATER ** same[correction] if correction else 1.0) * SAME_HOUR ** hours[hour]
            same[correction] += 1
            hours[hour] += 1
            case = replace(case, worth=case.worth * factor)
        found.append(case)
    return sorted(found, key=_by_worth)


def _by_worth(case: Case) -> tuple[float, str]:
    return -case.worth, str(case.id)


def _copies() -> dict[str, list[Copy]]:
    columns = ("prediction__sha256", "pk", "prediction__breed", "created")
    said = ("prediction__feedback__breed", "prediction__feedback__created")
    copies: dict[str, list[Copy]] = {}
    for digest, *values in KeptPhoto.objects.order_by("created", "pk").values_list(*columns, *said):
        identifier, answered, consented, breed, said_at = values
        copies.setdefault(digest, []).append(Copy(identifier, answered, consented, breed or "", said_at))
    return copies


def last_reviews() -> dict[str, Review]:
    """The event that says the state of a photo, by its digest."""
    return {review.sha256: review for review in Review.objects.order_by("number")}


def _leading(copies: list[Copy]) -> str:
    """What most senders of the file said; of equally many, what was said of the first copy."""
    votes = votes_of(copies)
    return votes.most_common(1)[0][0] if votes else ""


def _facts_of(wanted: dict[str, tuple[Copy, str]]) -> dict[str, Facts]:
    """The facts of each digest, for an answer and what was said. Answers do not change, so they are read once.

    An answer that was withdrawn a moment ago is left out.
    """
    keys = {digest: (copy.id, said) for digest, (copy, said) in wanted.items()}
    if len(_facts) > REMEMBERED:
        _facts.clear()
    known = {key: _facts[key] for key in keys.values() if key in _facts}
    missing = [key for key in keys.values() if key not in known]
    for start in range(0, len(missing), CHUNK):
        some = dict(missing[start : start + CHUNK])
        rows = Prediction.objects.filter(pk__in=some).values_list("pk", "probabilities", "verdict", "breed")
        for identifier, probabilities, verdict, breed in rows:
            known[identifier, some[identifier]] = facts_of(probabilities, verdict, breed, some[identifier])
    _facts.update(known)
    return {digest: known[key] for digest, key in keys.items() if key in known}
