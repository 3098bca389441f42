"""A file that takes far more work than its pixels explain."""


class ExcessError(Exception):
    """What a file has too much of, in words that follow "has": "800,000 chunks"."""


def refuse_above(most: int, count: int, what: str) -> None:
    """Raises `ExcessError` if there are more than `most` of something."""
    if count > most:
        raise ExcessError(f"more than {most:,} {what}")
