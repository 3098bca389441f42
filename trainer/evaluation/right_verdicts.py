"""When a verdict counts as right."""

from dogbreed.answers.breeds import known_breed
from dogbreed.answers.verdict import Verdict


def is_right(verdict: Verdict, target: int, label_names: list[str]) -> bool:
    """Whether the photo's breed is among those that a promise is made of."""
    if verdict.kind == "group":
        breed = known_breed(label_names[target])
        return breed is not None and breed.group == verdict.group
    return verdict.promised is not None and target in verdict.breeds
