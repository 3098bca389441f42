"""Digests of a bundle's files, in the format of `sha256sum`."""

import hashlib
from pathlib import Path

from dogbreed.model.bundle import sha256

DIGESTS_FILE = "SHA256SUMS"
SIGNATURE_SUFFIX = ".sig"


def digest_lines(bundle: Path) -> str:
    """What `DIGESTS_FILE` has to contain: one line for each other file of a bundle that is not a signature."""
    names = sorted(path.name for path in bundle.iterdir() if path.is_file())
    listed = [name for name in names if name != DIGESTS_FILE and not name.endswith(SIGNATURE_SUFFIX)]
    return "".join(f"{sha256(bundle / name)}  {name}\n" for name in listed)


def digest_of_bundle(bundle: Path) -> str:
    """The hexadecimal SHA-256 of `digest_lines`: two bundles have the same one if all their files are the same."""
    return hashlib.sha256(digest_lines(bundle).encode()).hexdigest()
