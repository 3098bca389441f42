"""Digests of a bundle's files, in the format of `sha256sum`."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

DIGESTS_FILE = "SHA256SUMS"
SIGNATURE_SUFFIX = ".sig"
SIGNATURE_FILE = DIGESTS_FILE + SIGNATURE_SUFFIX

LINE = re.compile(r"([0-9a-f]{64}) [ *](.+)")


@dataclass(frozen=True)
class Examined:
    """A bundle's files, compared with its `DIGESTS_FILE`.

    Attributes:
        digest: of the bundle: see `digest_of_bundle`.
        listed: whether there is a `DIGESTS_FILE`. Bundles of earlier versions have none.
        differences: what is not as it says, in words; nothing if there is none.
    """

    digest: str
    listed: bool
    differences: list[str]


def sha256(path: Path) -> str:
    """The hexadecimal SHA-256 of a file, read in chunks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest_lines(bundle: Path) -> str:
    """What `DIGESTS_FILE` has to contain: one line for each other file of a bundle that is not a signature."""
    return _lines(_digests(bundle))


def digest_of_bundle(bundle: Path) -> str:
    """The hexadecimal SHA-256 of `digest_lines`: two bundles have the same one if all their files are the same."""
    return _digest(_digests(bundle))


def write_digests(bundle: Path) -> None:
    """Writes `DIGESTS_FILE`, after everything else in the bundle, and removes a signature of the earlier one."""
    lines, unfinished = digest_lines(bundle), bundle / f".{DIGESTS_FILE}.unfinished{SIGNATURE_SUFFIX}"
    (bundle / SIGNATURE_FILE).unlink(missing_ok=True)
    unfinished.write_text(lines, encoding="utf-8")
    unfinished.replace(bundle / DIGESTS_FILE)


def examine(bundle: Path) -> Examined:
    """Computes the digests of a bundle's files and compares them with those that it lists."""
    digests = _digests(bundle)
    if not (bundle / DIGESTS_FILE).is_file():
        return Examined(_digest(digests), listed=False, differences=[])
    try:
        text = (bundle / DIGESTS_FILE).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return Examined(_digest(digests), listed=True, differences=[f"{DIGESTS_FILE} cannot be read ({error})"])
    return Examined(_digest(digests), listed=True, differences=_differences(bundle, digests, text.splitlines()))


def _differences(bundle: Path, digests: dict[str, str], lines: list[str]) -> list[str]:
    matched = [LINE.fullmatch(line) for line in lines]
    found = [
        f"line {number} of {DIGESTS_FILE} is not a digest and a name"
        for number, match in enumerate(matched, 1)
        if not match
    ]
    listed = {match[2]: match[1] for match in matched if match}
    found += [
        f"{name} is missing" if name not in digests else f"{name} was changed"
        for name, digest in sorted(listed.items())
        if digests.get(name) != digest
    ]
    known = {*listed, DIGESTS_FILE, SIGNATURE_FILE}
    return found + [f"{name} is not listed" for name in sorted({path.name for path in bundle.iterdir()} - known)]


def _digests(bundle: Path) -> dict[str, str]:
    names = sorted(path.name for path in bundle.iterdir() if path.is_file())
    listed = [name for name in names if name != DIGESTS_FILE and not name.endswith(SIGNATURE_SUFFIX)]
    return {name: sha256(bundle / name) for name in listed}


def _lines(digests: dict[str, str]) -> str:
    return "".join(f"{digest}  {name}\n" for name, digest in digests.items())


def _digest(digests: dict[str, str]) -> str:
    return hashlib.sha256(_lines(digests).encode()).hexdigest()
