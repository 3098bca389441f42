"""Splits that depend on a seed and on photos' names alone, never on the order of files."""

import hashlib


def rank(seed: int, purpose: str, photo_id: str) -> str:
    """The key that shuffles photos: it depends on the seed and the photo's id alone, never on the order of files."""
    return hashlib.sha256(f"{seed}:{purpose}:{photo_id}".encode()).hexdigest()


def split_breed(photo_ids: list[str], fraction: float, seed: int, purpose: str) -> tuple[list[str], list[str]]:
    """Splits one breed's photos into (kept, taken out), `fraction` of them taken out, at least one on either side.

    Args:
        photo_ids: unique ids, in any order. With a single photo nothing is taken out.
        fraction: in 0..1, exclusive.
        purpose: names the split, so that two splits with one seed are independent.
    """
    ordered = sorted(photo_ids, key=lambda photo_id: rank(seed, purpose, photo_id))
    taken = min(max(round(len(ordered) * fraction), 1), len(ordered) - 1)
    return sorted(ordered[taken:]), sorted(ordered[:taken])
