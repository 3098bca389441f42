"""What is said of a breed that was taught."""

from collections.abc import Iterator

from dogbreed.answers.breeds import display_name
from trainer.teaching.lesson_results import Learned

WHEREVER = 0.1


def summary(learned: Learned) -> Iterator[str]:
    """Sentences: what was learned, what to expect of it, and what is wrong with the photos."""
    breed, name = learned.breed, learned.breed.name or display_name(learned.label)
    closest = ", ".join(map(display_name, breed.closest))
    yield f"{name} ({learned.label}), from {breed.photos} photos. Closest to: {closest}."
    yield f"  Each photo answered from the others: {breed.recall} are {name}."
    yield (
        f"  Reference photos that would be answered with it: {breed.false_alarms} of trained breeds, "
        f"{breed.lost.count} of which were right before; {breed.other_false_alarms} of other breeds."
    )
    yield f"  {_naming(learned)}"
    if learned.seems_mixed:
        yield (
            f"  Only {breed.recall} photos are recognised by the others. They may show several breeds, or a breed that "
            "looks too much like one that is known. Check them, or add photos."
        )


def _naming(learned: Learned) -> str:
    naming = learned.naming
    if naming.breed <= 1:
        return f"Named alone {_where(naming.probably)} as probable, and {_where(naming.breed)} as certain."
    if naming.probably <= 1:
        return f"Named alone {_where(naming.probably)}, as probable. So few photos do not justify more."
    return "Never named alone: these photos do not justify it. It is listed first where it is most likely."


def _where(least: float) -> str:
    """The answer is hardly ever less probable than `WHEREVER`, so that a lower threshold excludes nothing."""
    return f"from {least:.0%} on" if least >= WHEREVER else "wherever it is the answer"
