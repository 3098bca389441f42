"""Reviews of photos: events that follow each other, of which the last one says the state of a photo."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction

from api.models import Feedback, Review
from api.reviews.cases import Case
from api.reviews.given_labels import BadLabelError, can_be_label
from dogbreed.errors import DogbreedError


class NothingToUndoError(DogbreedError):
    """The photo has no review that could be undone."""


@dataclass
class Decided:
    """What an action did: the photos by what became of them."""

    batch: UUID = field(default_factory=uuid4)
    done: list[Case] = field(default_factory=list)
    changed_meanwhile: list[Case] = field(
        default_factory=list
    )  # somebody else reviewed it, or the visitor's word changed
    impossible: list[Case] = field(default_factory=list)  # nothing to accept, or nothing to undo


@dataclass(frozen=True)
class _Outcome:
    state: str
    label: str = ""
    undoes: Review | None = None


def decide(
    action: Review.Action,
    cases: Iterable[Case],
    seen: Mapping[UUID, str],
    by: Any,
    label: str = "",
    batch: UUID | None = None,
) -> Decided:
    """Records an action on photos. `seen` is `Case.seen` of each when the person decided, by the id of the case.

    A photo that has changed since then is left as it is. `label` is what `CHANGE` gives. With a `batch`, `UNDO` undoes
    that action, and only where nothing came after it.
    """
    decided = Decided()
    with transaction.atomic():
        for case in cases:
            if batch is None and seen.get(case.id) != case.seen:
                decided.changed_meanwhile.append(case)
                continue
            try:
                outcome = _undone(case.sha256, batch) if action == Review.Action.UNDO else _outcome(action, case, label)
            except (BadLabelError, NothingToUndoError):
                decided.impossible.append(case)
                continue
            recorded = _record(case, action, outcome, decided.batch, by)
            (decided.done if recorded else decided.changed_meanwhile).append(case)
    return decided


def _outcome(action: Review.Action, case: Case, label: str) -> _Outcome:
    if action == Review.Action.REJECT:
        return _Outcome(Review.State.REJECTED)
    if action == Review.Action.NOT_A_DOG or (action == Review.Action.ACCEPT and case.said == Feedback.NO_DOG):
        return _Outcome(Review.State.NOT_A_DOG)
    label = case.said if action == Review.Action.ACCEPT else label
    if not can_be_label(label):
        raise BadLabelError(f"{label!r} cannot be a breed's label.")
    return _Outcome(Review.State.ACCEPTED, label)


def _undone(digest: str, batch: UUID | None) -> _Outcome:
    """What undoing leads to: the state before the last action that still counts, or before the event of a batch.

    Raises:
        NothingToUndoError: no action counts, or the photo's last event is not of the batch.
    """
    events = list(Review.objects.filter(sha256=digest).order_by("number"))
    counting = events[-1:] if batch else actions_that_count(events)
    if not counting or (batch and counting[-1].batch != batch):
        raise NothingToUndoError
    undone = counting[-1]
    before = events[undone.number - 2] if undone.number > 1 else None
    return _Outcome(before.state, before.label, undone) if before else _Outcome(Review.State.WAITING, undoes=undone)


def actions_that_count(events: Iterable[Review]) -> list[Review]:
    """The actions that are not undone, in order; an undoing that is undone itself brings its action back."""
    counting: list[Review] = []
    undone: dict[int, Review] = {}  # by the undoing event
    for event in events:
        if event.undoes_id is None:
            counting.append(event)
        elif event.undoes_id in undone:
            counting.append(undone[event.undoes_id])
        elif counting:
            undone[event.pk] = counting.pop()
    return counting


def _record(case: Case, action: Review.Action, outcome: _Outcome, batch: UUID, by: Any) -> bool:
    """Whether the event could follow the last one that `case` knows: two people cannot both be the next."""
    try:
        with transaction.atomic():
            Review.objects.create(
                sha256=case.sha256,
                number=case.last.number + 1 if case.last else 1,
                action=action,
                state=outcome.state,
                label=outcome.label,
                undoes=outcome.undoes,
                by=by,
                by_name=by.get_username(),
                batch=batch,
            )
    except IntegrityError:
        return False
    return True
