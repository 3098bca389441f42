"""`manage.py clean DIR [--undo]`"""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from dogbreed.commands import DogbreedCommand
from trainer.cleaning.clean import COMMAND, REPORT_FILE, Cleaned, clean
from trainer.cleaning.examination import Limits
from trainer.console import progress_bar
from trainer.photos.quarantine import JOURNAL, QUARANTINE, undo


class Command(DogbreedCommand):
    help = (
        "Prepares photos for training, in place. Broken files, duplicates, and photos that are too small or too narrow "
        "move to a quarantine; the rest become upright RGB JPEGs with plain names. Nothing is deleted: --undo reverts "
        "everything."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="folder with one folder of photos per breed")
        parser.add_argument("--undo", action="store_true", help="revert everything that cleaning moved or changed")
        parser.add_argument("--dry-run", action="store_true", help="report what would be done, without doing it")
        parser.add_argument("--min-side", type=int, default=64, help="minimum of the shorter side, in pixels (64)")
        parser.add_argument(
            "--max-aspect", type=float, default=4.0, help="maximum ratio of the longer to the shorter side (4)"
        )
        parser.add_argument("--workers", type=int, help="processes (default: one per core)")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        if options["undo"]:
            count = undo(folder, COMMAND)
            self.stdout.write(f"{count} changes reverted. Journal: {folder / QUARANTINE / JOURNAL}")
            return
        limits = Limits(options["min_side"], options["max_aspect"])
        started = time.monotonic()
        cleaned = clean(folder, limits, progress_bar, options["workers"], options["dry_run"])
        self._report(cleaned, time.monotonic() - started)
        if options["dry_run"]:
            self.stdout.write("Nothing was changed.")
        else:
            self.stdout.write(f"Revert with --undo. Report: {folder / QUARANTINE / REPORT_FILE}")

    def _report(self, cleaned: Cleaned, seconds: float) -> None:
        for (action, reason), count in sorted(cleaned.counts.items()):
            self.stdout.write(f"{count:6}  {action}, {reason}")
        self.stdout.write(
            f"{cleaned.files} files, {len(cleaned.rows)} listed above, {cleaned.files / seconds:.0f} per second."
        )
