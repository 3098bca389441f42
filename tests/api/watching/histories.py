"""Counted days that are made up, for what needs many weeks."""

from datetime import date, timedelta

import numpy as np

from api.models import CountedDay

MONDAY = date(2026, 6, 1)
BREEDS = [f"breed_{number}" for number in range(30)]


def week(
    number: int,
    answers: int,
    not_a_dog: float = 0.02,
    right: float = 0.9,
    version: str = "1",
    days: int = 7,
    favourite: float = 0.0,
) -> list[CountedDay]:
    """The days of a week: a tenth of the answers is judged. `favourite`: the share of answers of one breed, beyond
    its usual one."""
    random = np.random.default_rng([number, answers])
    return [
        _day(random, MONDAY + timedelta(weeks=number, days=day), answers // days, not_a_dog, right, version, favourite)
        for day in range(days)
    ]


def _day(
    random: np.random.Generator, day: date, answers: int, not_a_dog: float, right: float, version: str, favourite: float
) -> CountedDay:
    others, judged = int(random.binomial(answers, not_a_dog)), answers // 10
    breeds = random.integers(len(BREEDS), size=answers)
    breeds[random.random(answers) < favourite] = 0
    figures = {
        "kind": {"breed": answers - others, "not_a_dog": others},
        "judged": {"breed": judged},
        "right": {"breed": int(random.binomial(judged, right))},
        "unfamiliar": {"dogs": int(random.binomial(answers, 0.05))},
        "breed": {BREEDS[breed]: int((breeds == breed).sum()) for breed in set(breeds.tolist())},
        "probability": {"0.9": answers - answers // 4, "below": answers // 4},
        "side": {"256": answers},
    }
    return CountedDay(day=day, model_name="tiny", model_version=version, answers=answers, figures=figures)
