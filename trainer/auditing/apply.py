"""Applies the edited CSV of an audit: drops photos and changes labels, reversibly."""

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from dogbreed.errors import DogbreedError
from dogbreed.model.file_digests import sha256
from trainer.auditing.findings import DROP, LOOK, RELABEL
from trainer.photos.layouts import LABELS_FILE, is_plain_name
from trainer.photos.manifest import MANIFEST_FILE
from trainer.photos.quarantine import QUARANTINE, Journal, changing

COMMAND = "audit"
NOTHING = {"", "keep", LOOK}


class ApplyError(DogbreedError):
    """A CSV cannot be applied; the message says which line is wrong."""


@dataclass
class Applied:
    dropped: int = 0
    relabelled: int = 0
    skipped: list[str] = field(default_factory=list)  # missing, or changed since the audit


def apply(data: Path, table: Path) -> Applied:
    """Applies the column `action` of an audit's CSV: `drop` or `relabel:<breed>`; `keep`, `look` and empty do nothing.

    Lists in the data (Kaggle's labels.csv, the manifest of organized data) are updated.

    Raises:
        ApplyError: the CSV has an unknown action, or two contradictory ones for a photo.
        QuarantineError: another process is changing the data.
    """
    actions = _read_actions(table)
    applied = Applied()
    with changing(data, COMMAND) as journal:
        todo = {}
        for path, (action, digest) in actions.items():
            if (data / path).is_file() and (not digest or sha256(data / path) == digest):
                todo[path] = action
            else:
                applied.skipped.append(path)
        labels_in_list = (data / LABELS_FILE).is_file()
        places = {} if labels_in_list else _places(data, todo)
        _update_list(journal, data / LABELS_FILE, todo, places, by_id=True)
        _update_list(journal, data / MANIFEST_FILE, todo, places, by_id=False)
        for path, action in todo.items():
            if action == DROP:
                journal.put_away(data / path, "dropped by the audit")
                applied.dropped += 1
                continue
            if path in places:
                journal.move(data / path, data / places[path], "relabelled by the audit")
            applied.relabelled += 1
    return applied


def _read_actions(table: Path) -> dict[str, tuple[str, str]]:
    """The action and the SHA-256 for every path with an action."""
    try:
        rows = pd.read_csv(table, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as error:
        raise ApplyError(f"{table} cannot be read as CSV: {error}.") from error
    if not {"path", "action"} <= set(rows.columns):
        raise ApplyError(f"{table} needs the columns path and action, but has {', '.join(rows.columns)}.")
    actions: dict[str, tuple[str, str]] = {}
    for number, row in enumerate(rows.to_dict("records"), start=2):
        path, action = str(row["path"]), str(row["action"]).strip()
        if action in NOTHING:
            continue
        breed = action.removeprefix(RELABEL)
        if action != DROP and (breed == action or not is_plain_name(breed)):
            raise ApplyError(f"Line {number} of {table}: {action!r} is not drop, relabel:<breed>, keep or look.")
        if Path(path).is_absolute() or ".." in Path(path).parts or QUARANTINE in Path(path).parts:
            raise ApplyError(f"Line {number} of {table}: the path {path!r} is not inside the data.")
        other = actions.get(path, (action, ""))[0]
        if other != action and DROP not in (other, action):
            raise ApplyError(f"Line {number} of {table}: {path} has two actions, {other} and {action}.")
        actions[path] = (DROP if DROP in (other, action) else action, str(row.get("sha256", "")))
    return actions


def _places(data: Path, actions: dict[str, str]) -> dict[str, str]:
    """The new paths of relabelled photos: the folder of the new breed, with an unused name."""
    places: dict[str, str] = {}
    for path, action in actions.items():
        if action == DROP:
            continue
        old = Path(path)
        folder = old.parent.parent / action.removeprefix(RELABEL)
        candidate, number = folder / old.name, 2
        while (data / candidate).exists() or str(candidate) in places.values():
            candidate, number = folder / f"{old.stem}-{number}{old.suffix}", number + 1
        places[path] = str(candidate)
    return places


def _update_list(journal: Journal, path: Path, actions: dict[str, str], places: dict[str, str], by_id: bool) -> None:
    """Rewrites labels.csv (`by_id`) or a manifest without the dropped photos and with the new labels."""
    if not path.is_file():
        return
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    if not {"id" if by_id else "path", "breed"} <= set(rows.columns):
        return
    wanted = {Path(name).stem if by_id else name: action for name, action in actions.items()}
    keys = rows["id"] if by_id else rows["path"]
    todo = keys.map(wanted).fillna("")
    relabelled = todo.str.startswith(RELABEL)
    rows.loc[relabelled, "breed"] = todo[relabelled].str.removeprefix(RELABEL)
    if not by_id:
        rows["path"] = rows["path"].replace(places)
    if (todo != "").any():
        unfinished = journal.root / QUARANTINE / f"{path.name}.unfinished"
        rows[todo != DROP].to_csv(unfinished, index=False, lineterminator="\n")
        journal.replace(path, unfinished, path, f"{path.name} as it was")
