"""The outcome of every candidate: a log that survives being killed, and lists for people."""

import csv
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from trainer.collecting.sources import Candidate
from trainer.files import whole_file
from trainer.photos.manifest import MANIFEST_FILE

FOLDER = ".collect"
LOG_FILE = "log.jsonl"
FAILED_FILE = "failed.csv"
ATTRIBUTION_FILE = "ATTRIBUTION.md"
MANIFEST_COLUMNS = [
    "path", "breed", "url", "page", "source", "licence", "licence_url", "author", "title", "sha256", "width", "height",
]  # fmt: skip
FAILED_COLUMNS = ["breed", "url", "outcome", "reason", "licence"]

Verdict = Literal["kept", "duplicate", "refused", "failed"]


@dataclass(frozen=True)
class Outcome:
    """The outcome of one candidate of a breed; a kept one has a relative path, a digest and a size in pixels."""

    breed: str
    candidate: Candidate
    outcome: Verdict
    reason: str = ""
    path: str = ""
    sha256: str = ""
    width: int = 0
    height: int = 0

    def row(self) -> dict[str, object]:
        return {**asdict(self), **asdict(self.candidate)}


def append(out: Path, outcome: Outcome) -> None:
    with (out / FOLDER / LOG_FILE).open("a", encoding="utf-8") as log:
        log.write(json.dumps(asdict(outcome), ensure_ascii=False) + "\n")


def read_log(out: Path) -> dict[tuple[str, str], Outcome]:
    """The last outcome for every (breed, url). An incomplete last line of a killed process is removed."""
    path = out / FOLDER / LOG_FILE
    if not path.is_file():
        return {}
    data = path.read_bytes()
    whole = data[: data.rfind(b"\n") + 1]
    if len(whole) < len(data):
        path.write_bytes(whole)
    outcomes = {}
    for line in whole.decode("utf-8").split("\n")[:-1]:
        entry = json.loads(line)
        outcome = Outcome(**{**entry, "candidate": Candidate(**entry["candidate"])})
        outcomes[outcome.breed, outcome.candidate.url] = outcome
    return outcomes


def write_lists(out: Path, outcomes: Iterable[Outcome], searches: dict[str, str]) -> None:
    """Writes `manifest.csv`, `failed.csv` and `ATTRIBUTION.md`; `searches`: breeds with the reasons of failed ones."""
    rows = [outcome.row() for outcome in outcomes]
    kept = [row for row in rows if row["outcome"] == "kept"]
    failed = [row for row in rows if row["outcome"] != "kept"]
    failed += [{"breed": breed, "outcome": "search failed", "reason": why} for breed, why in searches.items()]
    _write_csv(out / MANIFEST_FILE, MANIFEST_COLUMNS, kept)
    _write_csv(out / FAILED_FILE, FAILED_COLUMNS, failed)
    write_attribution(out)


def _write_csv(path: Path, columns: list[str], rows: list[dict[str, object]]) -> None:
    with whole_file(path) as unfinished, unfinished.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def write_attribution(out: Path) -> int:
    """Writes the authors of those photos of the manifest that still exist; returns their number.

    If cleaning converted a photo to JPEG, only its extension has changed.
    """
    with (out / MANIFEST_FILE).open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if _is_there(out / row["path"])]
    lines = ["# Attribution", "", f"{len(rows)} photos, each with its licence.", ""]
    for row in rows:
        title = _plain(row["title"]) or Path(row["path"]).stem
        where = row["page"] or row["url"]
        licence = f"[{_plain(row['licence'])}]({row['licence_url']})" if row["licence_url"] else _plain(row["licence"])
        author = _plain(row["author"]) or "unknown author"
        lines.append(f"- `{row['path']}`: [{title}]({where}) by {author}, {licence or 'licence unknown'}")
    with whole_file(out / ATTRIBUTION_FILE) as unfinished:
        unfinished.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return len(rows)


def _is_there(path: Path) -> bool:
    return path.is_file() or path.with_suffix(".jpg").is_file()


def _plain(text: str) -> str:
    """A text of other people in one line, escaped for Markdown."""
    return "".join(f"\\{letter}" if letter in "\\`*_[]<>" else letter for letter in " ".join(text.split()))
