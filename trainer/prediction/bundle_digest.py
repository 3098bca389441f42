"""The identity of a bundle, for those who must know that two are the same."""

import hashlib

from dogbreed.model.bundle import CONFIG_FILE, Bundle
from dogbreed.model.file_digests import sha256


def bundle_digest(bundle: Bundle) -> str:
    """SHA-256 of the files that decide the rows."""
    files = (bundle.path / CONFIG_FILE, bundle.network, bundle.int8_network, bundle.weights)
    return hashlib.sha256("".join(sha256(file) for file in files if file).encode()).hexdigest()
