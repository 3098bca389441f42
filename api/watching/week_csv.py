"""The weeks as CSV: a row for each week and model."""

import csv
import io
from collections.abc import Sequence

from api.models import CountedDay
from api.watching.day_figures import NO_VERDICT
from api.watching.weeks import Share, Week, model_of, weeks_of
from dogbreed.answers.naming import KIND_NAMES

KINDS = (*KIND_NAMES, NO_VERDICT)
COLUMNS = (
    *("week", "monday", "model", "version", "answers", "judged", "right"),
    *("agreement", "agreement_low", "agreement_high", "unfamiliar", "probability_below_50"),
)
JUDGED_COLUMNS = [f"{counted}_{kind}" for kind in KINDS for counted in ("judged", "right")]
FORMULAS = ("=", "+", "-", "@")  # a spreadsheet would compute a cell that begins with one


def weeks_as_csv(days: Sequence[CountedDay]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*COLUMNS, *(f"kind_{kind}" for kind in KINDS), *JUDGED_COLUMNS])
    for model in sorted({model_of(day) for day in days}):
        for week in weeks_of(day for day in days if model_of(day) == model):
            writer.writerow([week.name, week.monday, _cell(model.name), _cell(model.version), *_numbers(week)])
    return text.getvalue()


def _numbers(week: Week) -> list[object]:
    figures = week.figures
    judged = [figures[counted][kind] for kind in KINDS for counted in ("judged", "right")]
    share = [week.answers, week.agreement.n, week.agreement.hits, *_with_interval(week.agreement)]
    return [*share, week.unfamiliar.hits, week.unsure.hits, *(figures["kind"][kind] for kind in KINDS), *judged]


def _with_interval(share: Share) -> list[str]:
    return [f"{value:.4f}" for value in (share.value, *share.interval)] if share.value is not None else ["", "", ""]


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULAS) else text
