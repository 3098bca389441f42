"""Rows about runs as a table, as CSV and as JSON."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Literal

from trainer.runs.run_summary import RunSummary
from trainer.tables import table

Format = Literal["table", "csv", "json"]


def list_of_runs(summaries: Sequence[RunSummary], form: Format) -> str:
    """One row for each run. CSV and JSON have all attributes of `RunSummary`; unknown ones are empty, or null."""
    if form == "table":
        return table([_shown(summary) for summary in summaries])
    return list_of_rows([asdict(summary) for summary in summaries], form)


def list_of_rows(rows: Sequence[Mapping[str, Any]], form: Format) -> str:
    """The same for any rows with the same columns."""
    if form == "table":
        return table([{name: _text(value) for name, value in row.items()} for row in rows])
    if form == "json":
        return json.dumps(rows, indent=2)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().rstrip("\n")


def _shown(summary: RunSummary) -> dict[str, str]:
    return {
        "name": summary.name,
        "recipe": summary.recipe,
        "architecture": summary.architecture,
        "state": summary.state,
        "epochs": f"{summary.epochs}/{summary.planned_epochs}",
        "val_loss": "" if summary.val_loss is None else f"{summary.val_loss:.4f}",
        "val_acc": _percent(summary.val_acc1),
        "test_acc": _percent(summary.test_acc1),
        "time": str(timedelta(seconds=round(summary.seconds))),
        "findings": str(summary.findings or ""),
        "started": f"{datetime.fromisoformat(summary.started):%Y-%m-%d %H:%M}",
    }


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"


def _text(value: Any) -> str:
    return "" if value is None else str(value)
