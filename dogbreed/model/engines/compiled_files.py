"""Networks that were compiled before, in files: to read one takes less than a quarter of the time of compiling it."""

import hashlib
import logging
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

KEPT = 8  # files; the oldest are deleted. A server needs two for each bundle
SUFFIX = ".compiled"
DIGEST_BYTES = 32

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class CompiledFiles:
    """A folder of compiled networks. Several processes may use it at once.

    A file that is not as it was written, such as one that a killed process or a full disk left behind, is not used.

    Attributes:
        folder: need not exist. Where it cannot be written, nothing is kept.
        bundle: the digest of the bundle whose network it is.
    """

    folder: Path
    bundle: str

    def read(self, how: str) -> bytes | None:
        """The network that was compiled in this way; None if there is none.

        Args:
            how: everything else that decides what the compiler makes: versions, processor, options.
        """
        with suppress(OSError):
            stored = self._path(how).read_bytes()
            digest, content = stored[:DIGEST_BYTES], stored[DIGEST_BYTES:]
            if content and hashlib.sha256(content).digest() == digest:
                return content
        return None

    def write(self, how: str, content: bytes) -> None:
        """Keeps a compiled network, and deletes the oldest ones."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self.folder, delete=False) as file:
                unfinished = Path(file.name)
                try:
                    file.write(hashlib.sha256(content).digest() + content)
                    file.close()
                    unfinished.replace(self._path(how))
                finally:
                    unfinished.unlink(missing_ok=True)
            self._delete_oldest()
        except OSError as error:
            logger.info("The compiled model is not kept, so the next start takes longer: %s", error)

    def _path(self, how: str) -> Path:
        return self.folder / (hashlib.sha256(f"{self.bundle} {how}".encode()).hexdigest()[:32] + SUFFIX)

    def _delete_oldest(self) -> None:
        """Deletes also what killed processes left behind: it counts like a file of its age."""
        by_age: list[tuple[float, Path]] = []
        for path in self.folder.iterdir():
            with suppress(FileNotFoundError):  # another process has deleted it
                by_age.append((path.stat().st_mtime, path))
        for _, path in sorted(by_age)[:-KEPT]:
            path.unlink(missing_ok=True)
