"""What `benchmark growth` varies and measures, and whether a cost grows faster than its input."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

# Noise of 5 % in two times whose inputs are as close as 48 and 80 megapixels changes the slope by this much.
NOISE = 0.1

Point = dict[str, Any]  # an input and what was measured with it; None where there was nothing to measure


@dataclass(frozen=True)
class Cost:
    """A measured cost: its key in a point, and its name as a sentence begins with it."""

    key: str
    name: str


@dataclass(frozen=True)
class Part:
    """One kind of input: its key in a point, what it counts, and which costs of it are judged."""

    title: str
    key: str
    counted: str
    quantity: str
    costs: tuple[Cost, ...]


@dataclass(frozen=True)
class Measured:
    """What was measured in a part, and sentences about it. Without points it was left out; a sentence says why."""

    points: list[Point]
    notes: list[str] = field(default_factory=list)


PARTS = {
    "photos": Part(
        "Photo size",
        "megapixels",
        "megapixels",
        "the photo",
        (Cost("in_process_ms", "The time of an answer"),),
    ),
    "clients": Part(
        "Clients",
        "clients",
        "clients",
        "the number of clients",
        (Cost("answer_p50_ms", "The median time of an answer"), Cost("answer_p99_ms", "The 99th percentile")),
    ),
    "classes": Part(
        "Classes",
        "classes",
        "classes",
        "the number of classes",
        (Cost("whole_request_ms", "The time of a request"), Cost("answer_bytes", "The size of an answer")),
    ),
    "stored": Part(
        "Stored answers",
        "stored",
        "stored answers",
        "the number of stored answers",
        (
            Cost("whole_request_ms", "The time of a request with a photo"),
            Cost("stored_answer_ms", "The time of a request for a stored answer"),
            Cost("stats_ms", "The time that a visitor usually waits for the statistics"),
            Cost("stats_refresh_ms", "The time of counting for the statistics"),
        ),
    ),
}


def growth(part: Part, points: Sequence[Point]) -> list[dict[str, Any]]:
    """For each cost that was measured its slope between the two largest inputs, and a sentence about it.

    The slope is that of the logarithm of the cost over the logarithm of the input: 1 for a cost in proportion to its
    input. It is None where it has no meaning, as with one input or with an input of zero.
    """
    measured = [cost for cost in part.costs if points and all(point[cost.key] is not None for point in points)]
    return [{"cost": cost.key, **_judged(part, cost, points)} for cost in measured]


def _judged(part: Part, cost: Cost, points: Sequence[Point]) -> dict[str, Any]:
    last = [(point[part.key], point[cost.key]) for point in points if min(point[part.key], point[cost.key]) > 0][-2:]
    if len(last) < 2:
        name = cost.name[0].lower() + cost.name[1:]
        return {"slope": None, "sentence": f"Two numbers of {part.counted} above zero would show how {name} grows."}
    (less, before), (more, after) = last
    slope = math.log(after / before) / math.log(more / less)
    faster = "faster" if slope > 1 + NOISE else "no faster"
    sentence = (
        f"{cost.name} grows {faster} than {part.quantity}: from {number(less)} to {number(more)} {part.counted}, "
        f"{more / less:.3g} times as many, it becomes {after / before:.2f} times what it was (slope {slope:.2f})."
    )
    return {"slope": slope, "sentence": sentence}


def number(value: float) -> str:
    """A number of things, as a person writes it."""
    return f"{value:,.0f}" if value >= 1000 else f"{value:g}"
