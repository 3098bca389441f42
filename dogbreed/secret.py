"""A secret key that is generated once and survives restarts."""

import os
from contextlib import suppress
from pathlib import Path

from django.core.management.utils import get_random_secret_key


def lasting_secret(path: Path) -> str:
    """The key in `path`, which only its owner can read. The first call generates it.

    Where the file cannot be written, each process has its own key, and sessions of the admin site end with it.
    """
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        # Linked into place, so that several processes that start at once all use the first one's key.
        beside = path.with_name(f"{path.name}.{os.getpid()}")
        if not path.exists():
            beside.touch(mode=0o600)
            beside.write_text(get_random_secret_key(), encoding="ascii")
            with suppress(FileExistsError):
                os.link(beside, path)
            beside.unlink()
        return path.read_text(encoding="ascii").strip()
    return get_random_secret_key()
