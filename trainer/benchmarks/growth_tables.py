"""The measurements of `benchmark growth` as rows of tables, and as text."""

from typing import Any

from trainer.benchmarks.growth_rate import PARTS, Point
from trainer.benchmarks.serving_tables import counted, measured_on
from trainer.tables import Row, table


def growth_tables(report: dict[str, Any]) -> str:
    """The whole report as text: for each part a table, how its costs grow, and what else is to say."""
    parts = [measured_on(report)]
    for name, part in report["parts"].items():
        sentences = [judged["sentence"] for judged in part["growth"]]
        rows = [table(point_rows(part["points"]))] if part["points"] else []
        parts.append("\n".join([PARTS[name].title, "", *rows, "", *sentences, *part["notes"]]))
    return "\n\n".join(parts)


def point_rows(points: list[Point]) -> list[Row]:
    """A row for each input. How often each status came is a text."""
    return [{key: _shown(value) for key, value in point.items()} for point in points]


def _shown(value: Any) -> float | str:
    if isinstance(value, dict):
        return counted(dict(sorted(value.items())))
    return "none" if value is None else value
