"""Which of several photos of the same thing is kept, and which breeds share a photo."""

import re
from dataclasses import dataclass
from pathlib import Path

from trainer.photos.inspection import PhotoFacts
from trainer.photos.near_duplicates import SAME_PHOTO, near_pairs

# As file managers name copies: "dog copy 2", "Copy of dog", "dog - Kopie", "dog (1)".
COPY = re.compile(r"(?<![a-z])(copy|kopie|kopia|copie|copia)(?![a-z])|\(\d+\)$")


@dataclass(frozen=True)
class Duplicate:
    """`path` shows what `of` shows too; `distance` in bits of their hashes, None if the bytes are identical."""

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
    """Every photo that duplicates a kept one of its folder, or one in the folder of another breed.

    Of two in one folder the one with more pixels is kept, then the one that looks more like the original (see
    `_originality`). A photo that only resembles one that is not kept is not reported.
    """
    best_first = sorted(
        photos, key=lambda path: (-photos[path].width * photos[path].height, *_originality(path), str(path))
    )
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
        # The closest one gives the reason; identical bytes come first.
        found += [min(within or others, key=lambda duplicate: duplicate.distance or -1)] if others else []
    return found


def _originality(path: Path) -> tuple[bool, int, int]:
    """Sorts originals before their copies: a name without "copy" and the like, then the older file, then the shorter
    name."""
    return bool(COPY.search(path.stem.strip().lower())), path.stat().st_mtime_ns, len(path.name)
