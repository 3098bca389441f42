"""Which breeds are to be taught, by the options of the command."""

import csv
from pathlib import Path
from typing import Any

from dogbreed.answers.taught import checked_group, checked_label, checked_name
from trainer.teaching.taught_photos import Lesson, TeachingError

COLUMNS = {"breed", "name", "group", "aliases"}


def lessons_of(options: dict[str, Any]) -> list[Lesson]:
    """The lessons that the options name, with checked labels, names and groups.

    Raises:
        TeachingError: an option is missing or wrong.
    """
    folders = _folders(options["breed"], options["photos"], options["folder"])
    own = options["name"] or options["group"] or options["alias"]
    if own and len(folders) > 1:
        raise TeachingError("--name, --group and --alias are for one breed. Name several with --catalogue FILE.csv.")
    rows = _read_catalogue(options["catalogue"]) if options["catalogue"] else {}
    lessons = []
    for label, folder in folders:
        row = rows.get(label, {})
        aliases = options["alias"] or list(filter(None, row.get("aliases", "").split("|")))
        lessons.append(
            _checked(
                label, folder, options["name"] or row.get("name"), options["group"] or row.get("group", ""), aliases
            )
        )
    return lessons


def _folders(labels: list[str], photos: list[Path], folder: Path | None) -> list[tuple[str, Path]]:
    if folder is None:
        if not labels or len(labels) != len(photos):
            raise TeachingError(
                "Give --photos FOLDER for each --breed LABEL, or --folder with one folder for each breed."
            )
        return list(zip(labels, photos, strict=True))
    if labels or photos:
        raise TeachingError("Give either --folder, or --breed and --photos.")
    if not folder.is_dir():
        raise TeachingError(f"There is no folder {folder}.")
    found = [(path.name, path) for path in sorted(folder.iterdir()) if path.is_dir() and not path.name.startswith(".")]
    if not found:
        raise TeachingError(f"{folder} has no folders. It needs one folder of photos for each breed.")
    return found


def _read_catalogue(path: Path) -> dict[str, dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, restval="")
            rows = list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise TeachingError(f"{path} cannot be read as CSV: {error}.") from error
    unknown = set(reader.fieldnames or []) - COLUMNS
    if unknown or "breed" not in (reader.fieldnames or []):
        raise TeachingError(f"{path} must have the column breed, and may have name, group and aliases, and no others.")
    return {row["breed"]: row for row in rows}


def _checked(label: str, folder: Path, name: str | None, group: str, aliases: list[str]) -> Lesson:
    try:
        names = tuple(checked_name(alias) for alias in aliases)
        return Lesson(checked_label(label), folder, checked_name(name) if name else None, checked_group(group), names)
    except ValueError as error:
        raise TeachingError(str(error)) from error
