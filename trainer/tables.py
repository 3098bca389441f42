"""Tables of measurements as plain text, without the libraries that only training needs."""

from collections.abc import Mapping, Sequence

Row = Mapping[str, float | str]


def table(rows: Sequence[Row]) -> str:
    """One line per row below the column names, text aligned left and numbers right."""
    cells = [
        [name.replace("_", " ") for name in rows[0]],
        *([cell_text(value) for value in row.values()] for row in rows),
    ]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    to_the_left = [isinstance(value, str) for value in rows[0].values()]
    lines = [
        "  ".join(
            cell.ljust(width) if left else cell.rjust(width)
            for cell, width, left in zip(line, widths, to_the_left, strict=True)
        ).rstrip()
        for line in cells
    ]
    rule = "  ".join("-" * width for width in widths)
    return "\n".join([lines[0], rule, *lines[1:]])


def cell_text(value: float | str) -> str:
    """A value as a table shows it: four digits of a measurement."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
