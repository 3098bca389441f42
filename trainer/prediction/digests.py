"""A set of names that takes 16 bytes each."""

from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

RECENT = 100_000  # names in a set of Python, before they are sorted in


class Digests:
    """Remembers which of millions of names were added, by 128-bit digests in a sorted array.

    Two different names have the same digest with a probability of about n² / 2^129: never, for any number of photos.
    """

    def __init__(self) -> None:
        self._sorted: NDArray[np.bytes_] = np.empty(0, "S16")
        self._recent: set[bytes] = set()

    def add(self, name: str) -> bool:
        """Whether the name is new."""
        digest = blake2b(name.encode("utf-8", "surrogateescape"), digest_size=16).digest()
        if digest in self._recent or self._is_sorted_in(digest):
            return False
        self._recent.add(digest)
        if len(self._recent) == RECENT:
            self._sort_in()
        return True

    def __len__(self) -> int:
        return len(self._sorted) + len(self._recent)

    def _is_sorted_in(self, digest: bytes) -> bool:
        if not len(self._sorted):
            return False
        sought = np.array(digest, "S16")
        place = int(np.searchsorted(self._sorted, sought))
        return place < len(self._sorted) and bool(self._sorted[place] == sought)

    def _sort_in(self) -> None:
        new = np.sort(np.array(list(self._recent), "S16"))
        self._sorted = np.insert(self._sorted, np.searchsorted(self._sorted, new), new)
        self._recent = set()
