"""What a form of the queue says, and carrying it out."""

from dataclasses import dataclass, field
from uuid import UUID

from django.contrib import messages
from django.db import OperationalError
from django.http import HttpRequest, QueryDict

from api.models import Review
from api.reviews.cases import Case
from api.reviews.decisions import Decided, decide
from api.reviews.given_labels import BadLabelError, label_of

BUSY = "The database was busy. Nothing was changed; try again."


@dataclass(frozen=True)
class Order:
    """An action on some photos. `seen` is what the page showed of each; `batch` is what is to be undone."""

    action: Review.Action | None = None
    ids: list[UUID] = field(default_factory=list)
    seen: dict[UUID, str] = field(default_factory=dict)
    text: str = ""  # of the new label
    batch: UUID | None = None

    @property
    def first(self) -> str:
        return str(self.ids[0]) if self.ids else ""


def read_order(form: QueryDict) -> Order:
    """`do` is an action on the photos that are ticked, `action:id` one on a single photo, or `undo-batch:batch`.

    A form that makes no sense is an order without an action.
    """
    name, _, target = form.get("do", "").partition(":")
    try:
        if name == "undo-batch":
            return Order(Review.Action.UNDO, batch=UUID(target))
        action = Review.Action(name)
        ids = [UUID(target)] if target else [UUID(text) for text in form.getlist("photo")]
    except ValueError:
        return Order()
    seen = {identifier: form.get(f"seen-{identifier}", "") for identifier in ids}
    return Order(action, ids, seen, form.get(f"label-{target}" if target else "label", ""))


def carry_out(request: HttpRequest, order: Order, cases: list[Case]) -> UUID | None:
    """Tells the person what was done and what was not; returns the batch, if anything was done."""
    if order.action is None:
        messages.error(request, "That is no action of this page. Nothing was changed.")
        return None
    if order.batch is None and not order.ids:
        messages.warning(request, "No photo is selected.")
        return None
    by_id = {copy.id: case for case in cases for copy in case.copies}
    chosen = (
        [by_id[identifier] for identifier in order.ids if identifier in by_id]
        if order.batch is None
        else [case for case in cases if case.last and case.last.batch == order.batch]
    )
    try:
        label = label_of(order.text) if order.action == Review.Action.CHANGE else ""
        decided = decide(order.action, chosen, order.seen, request.user, label, order.batch)
    except BadLabelError as error:
        messages.error(request, f"{error} Nothing was changed.")
        return None
    except OperationalError:
        messages.error(request, BUSY)
        return None
    gone = len(set(order.ids) - by_id.keys())
    _tell(request, order.action, decided, gone)
    return decided.batch if decided.done else None


def _tell(request: HttpRequest, action: Review.Action, decided: Decided, gone: int) -> None:
    if decided.done:
        messages.success(request, f"{_photos(len(decided.done))} {action.label}.")
    if decided.changed_meanwhile:
        changed = ", ".join(sorted({_who(case) for case in decided.changed_meanwhile}))
        number = _photos(len(decided.changed_meanwhile))
        messages.warning(request, f"Not changed, because they are not as this page showed them: {number} ({changed}).")
    if decided.impossible:
        why = (
            "there is nothing to undo"
            if action == Review.Action.UNDO
            else "no visitor said a breed that can be a label"
        )
        messages.warning(request, f"Not changed, because {why}: {_photos(len(decided.impossible))}.")
    if not (decided.done or decided.changed_meanwhile or decided.impossible or gone):
        messages.warning(request, "Nothing was changed: these photos were reviewed again, or withdrawn, since then.")
    if gone:
        messages.warning(request, f"Withdrawn by the visitor meanwhile: {_photos(gone)}.")


def _who(case: Case) -> str:
    return f"{case.last.get_action_display()} by {case.last.by_name}" if case.last else "the visitor's word has changed"


def _photos(number: int) -> str:
    return f"{number} photo{'' if number == 1 else 's'}"
