"""What the pages of the queue show of a photo."""

from collections.abc import Iterable
from dataclasses import dataclass

from api.models import Prediction
from api.reviews.cases import Case
from api.reviews.review_texts import SUGGESTIONS, accept_text, percent, reasons, said_name
from dogbreed.answers.breeds import display_name

TOP = 5


@dataclass(frozen=True)
class Row:
    """One breed of the model's answer. `is_said` marks the visitor's."""

    name: str
    percent: str
    probability: float
    is_said: bool


@dataclass(frozen=True)
class Card:
    case: Case
    answer: Prediction
    top: list[Row]
    verdict: str
    said: str
    reasons: list[str]
    suggestion: str
    accept: str  # the text of the button, or "" where nothing was said
    label: str  # that was given, as a name


def cards_of(cases: Iterable[Case]) -> list[Card]:
    """In the same order. A photo that was withdrawn a moment ago is left out."""
    cases = list(cases)
    answers = Prediction.objects.in_bulk([case.id for case in cases])
    return [_card(case, answers[case.id]) for case in cases if case.id in answers]


def _card(case: Case, answer: Prediction) -> Card:
    return Card(
        case=case,
        answer=answer,
        top=_top(answer, case.said),
        verdict=(answer.verdict or {}).get("text", ""),
        said=said_name(case.said),
        reasons=reasons(case),
        suggestion=SUGGESTIONS[case.suggestion],
        accept=accept_text(case) if case.said else "",
        label=display_name(case.last.label) if case.last and case.last.label else "",
    )


def _top(answer: Prediction, said: str) -> list[Row]:
    """The most probable breeds, and the visitor's too if it is not among them."""
    rows = [(row["breed"], row["probability"]) for row in answer.ranked]
    shown = rows[:TOP] + [row for row in rows[TOP:] if row[0] == said]
    return [Row(display_name(breed), percent(value), value, breed == said) for breed, value in shown]
