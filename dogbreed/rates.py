"""Rates such as `60/min`, as Django REST framework reads them."""

from django.core.exceptions import ValidationError

PERIODS = {"s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "hour": 3600, "d": 86400, "day": 86400}


def is_rate(text: str) -> bool:
    """Whether it is a number, which is not 0, per period."""
    count, _, period = text.partition("/")
    return count.isdecimal() and int(count) > 0 and period in PERIODS


def check_rate(text: str) -> None:
    """A validator of Django's."""
    if not is_rate(text):
        raise ValidationError(f"The rate must be such as 60/min or 1000/day, got {text!r}.")
