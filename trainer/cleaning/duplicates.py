"""Which of several photos of the same thing stays, and which breeds share one."""

from dataclasses import dataclass
from pathlib import Path

from trainer.photos.inspection import PhotoFacts
from trainer.photos.near_duplicates import SAME_PHOTO, near_pairs


@dataclass(frozen=True)
class Duplicate:
    """`path` shows what `of` shows already; `distance` in bits of their hashes, None of the very same bytes."""

    path: Path
    of: Path
    distance: int | None

    @property
    def reason(self) -> str:
        if self.distance is None:
            return f"exact duplicate: of {self.of.parent.name}/{self.of.name}"
        return f"near-duplicate: {self.distance} of 256 bits differ from {self.of.parent.name}/{self.of.name}"

    @property
    def within_a_breed(self) -> bool:
        return self.path.parent == self.of.parent


def find_duplicates(photos: dict[Path, PhotoFacts]) -> list[Duplicate]:
    """Every photo that one which stays makes superfluous, or that lies in the folder of another breed as well.

    Of two in one folder the one with more pixels stays; nothing is said of what only resembles one that goes.
    """
    best_first = sorted(photos, key=lambda path: (-photos[path].width * photos[path].height, str(path)))
    near: dict[int, dict[int, int | None]] = {}
    for pair in near_pairs([photos[path].fingerprint for path in best_first], SAME_PHOTO):
        near.setdefault(pair.second, {})[pair.first] = pair.distance
    seen: dict[str, list[int]] = {}
    for position, path in enumerate(best_first):
        for earlier in seen.setdefault(photos[path].sha256, []):
            near.setdefault(position, {})[earlier] = None
        seen[photos[path].sha256].append(position)
    found: list[Duplicate] = []
    gone: set[int] = set()
    for position, path in enumerate(best_first):
        alike = near.get(position, {})
        others = [Duplicate(path, best_first[at], bits) for at, bits in alike.items() if at not in gone]
        within = [duplicate for duplicate in others if duplicate.within_a_breed]
        if within:
            gone.add(position)
        # The closest one names the reason: the very same bytes before anything else.
        found += [min(within or others, key=lambda duplicate: duplicate.distance or -1)] if others else []
    return found
