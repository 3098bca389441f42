"""Photos that show the same thing twice: every pair within a distance, and the groups that pairs add up to."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

# Of the 256 bits of a perceptual hash, how many may differ. Seen by eye among all 52 million pairs of 10,222 photos
# of dogs: the 64 pairs up to 56 bits all were one photo, cut, coloured or compressed anew. Of the 33 pairs from
# 57 to 76 two thirds were one photo or two of one moment. From 78 on, hardly any were: dogs in one pose, no more.
SAME_PHOTO = 56  # so sure that one of the two may be put away
SAME_SCENE = 76  # sure enough to keep them on one side of a split, where a pair too many costs nothing

BLOCK = 2**20  # pairs that are compared at once


@dataclass(frozen=True)
class Pair:
    """Positions of two photos, the first one lower, and how many bits of their hashes differ."""

    first: int
    second: int
    distance: int


def near_pairs(fingerprints: Sequence[bytes | None], limit: int) -> list[Pair]:
    """All pairs that differ in at most `limit` bits: exact, by comparing every one with every other.

    Args:
        fingerprints: 32 bytes each, or None for a photo that is near no other.
    """
    known = np.array([index for index, bits in enumerate(fingerprints) if bits is not None], np.int64)
    if not len(known):
        return []
    words = np.frombuffer(b"".join(filter(None, fingerprints)), np.uint64).reshape(len(known), -1)
    rows = max(1, BLOCK // len(known))
    pairs = []
    for start in range(0, len(known), rows):
        block = words[start : start + rows]
        distances = np.zeros((len(block), len(words) - start), np.uint16)
        for word in range(words.shape[1]):
            distances += np.bitwise_count(block[:, None, word] ^ words[None, start:, word])
        for first, second in np.argwhere(distances <= limit):
            if first < second:
                pair = known[start + first], known[start + second]
                pairs.append(Pair(int(pair[0]), int(pair[1]), int(distances[first, second])))
    return pairs


def groups_of(count: int, pairs: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Positions that pairs connect, directly or through others; single ones are left out."""
    if not pairs:
        return []
    first, second = np.array(pairs).T
    _, labels = connected_components(coo_matrix((np.ones(len(pairs)), (first, second)), (count, count)), directed=False)
    members: dict[int, list[int]] = {}
    for position in sorted({*first.tolist(), *second.tolist()}):
        members.setdefault(int(labels[position]), []).append(position)
    return sorted(members.values())


def duplicate_groups(hashes: Sequence[str], fingerprints: Sequence[bytes | None], limit: int) -> list[list[int]]:
    """Groups of photos of the very same bytes, or of fingerprints within `limit` bits."""
    pairs = [(pair.first, pair.second) for pair in near_pairs(fingerprints, limit)]
    seen: dict[str, int] = {}
    for position, digest in enumerate(hashes):
        pairs.append((seen.setdefault(digest, position), position))
    return groups_of(len(hashes), [pair for pair in pairs if pair[0] != pair[1]])
