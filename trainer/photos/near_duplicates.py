"""Photos that show the same thing: all pairs within a distance, and the groups that these pairs form."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

# How many of the 256 bits of a perceptual hash may differ. Checked by eye among all 52 million pairs of 10,222 photos
# of dogs: all 64 pairs up to 56 bits were the same photo, cropped, recoloured or recompressed. Of the 33 pairs from
# 57 to 76 bits two thirds were the same photo or taken at the same moment. From 78 bits on hardly any were: they show
# different dogs in the same pose.
SAME_PHOTO = 56  # certain enough to put one of the two away
SAME_SCENE = 76  # certain enough to keep both in one part of a split, where a wrong pair does no harm

BLOCK = 2**20  # pairs compared at once


@dataclass(frozen=True)
class Pair:
    """Positions of two photos, the lower one first, and how many bits of their hashes differ."""

    first: int
    second: int
    distance: int


def near_pairs(fingerprints: Sequence[bytes | None], limit: int) -> list[Pair]:
    """All pairs that differ in at most `limit` bits, found exactly by comparing all with all.

    Args:
        fingerprints: 32 bytes each, or None for a photo to leave out.
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
    """Groups of photos with identical bytes, or with fingerprints within `limit` bits."""
    pairs = [(pair.first, pair.second) for pair in near_pairs(fingerprints, limit)]
    seen: dict[str, int] = {}
    for position, digest in enumerate(hashes):
        pairs.append((seen.setdefault(digest, position), position))
    return groups_of(len(hashes), [pair for pair in pairs if pair[0] != pair[1]])
