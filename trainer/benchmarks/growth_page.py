"""The page of `benchmark growth`: for each part how its costs grow, plots and all numbers."""

from typing import Any

from django.template.loader import render_to_string

from trainer.benchmarks.growth_plots import plots
from trainer.benchmarks.growth_rate import PARTS, Point
from trainer.benchmarks.growth_tables import point_rows
from trainer.tables import cell_text


def growth_page(report: dict[str, Any]) -> str:
    """One self-contained HTML page."""
    context = {
        "bundle": report["bundle"],
        "machine": report["machine"],
        "load": report["machine"]["load_average_before"][0],
        "parts": [
            {
                "title": PARTS[name].title,
                "sentences": [judged["sentence"] for judged in part["growth"]],
                "notes": part["notes"],
                "plots": plots(name, part["points"]),
                **_table(part["points"]),
            }
            for name, part in report["parts"].items()
        ],
    }
    return render_to_string("trainer/growth.html", context)


def _table(points: list[Point]) -> dict[str, Any]:
    rows = [[cell_text(value) for value in row.values()] for row in point_rows(points)]
    return {"columns": [name.replace("_", " ") for name in (points[0] if points else [])], "rows": rows}
