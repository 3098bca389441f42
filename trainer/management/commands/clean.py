"""`manage.py clean DIR [--undo]`"""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from trainer.cleaning.clean import COMMAND, REPORT_FILE, Cleaned, CleanError, clean
from trainer.cleaning.examination import Limits
from trainer.console import progress_bar
from trainer.photos.quarantine import JOURNAL, QUARANTINE, QuarantineError, undo


class Command(BaseCommand):
    help = (
        "Makes photos fit to train on, in place: broken files, duplicates and what is too small or too narrow go to a "
        "quarantine, all else becomes upright RGB JPEGs with plain names. Nothing is deleted: --undo brings all back."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="folder with one folder of photos a breed")
        parser.add_argument("--undo", action="store_true", help="bring back what cleaning has put away and changed")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
        parser.add_argument("--min-side", type=int, default=64, help="pixels of the shorter side (default: 64)")
        parser.add_argument(
            "--max-aspect", type=float, default=4.0, help="longer side by shorter side, at most (default: 4)"
        )
        parser.add_argument("--workers", type=int, help="processes (default: one a core)")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        try:
            if options["undo"]:
                count = undo(folder, COMMAND)
                self.stdout.write(f"{count} changes taken back. Journal: {folder / QUARANTINE / JOURNAL}")
                return
            self._clean(folder, options)
        except (CleanError, QuarantineError) as error:
            raise CommandError(str(error)) from error

    def _clean(self, folder: Path, options: dict[str, Any]) -> None:
        limits = Limits(options["min_side"], options["max_aspect"])
        started = time.monotonic()
        with progress_bar("Examining files") as progress:
            cleaned = clean(folder, limits, progress, options["workers"], options["dry_run"])
        self._report(cleaned, time.monotonic() - started)
        if options["dry_run"]:
            self.stdout.write("Nothing was changed.")
        else:
            self.stdout.write(f"Take it back with --undo. Report: {folder / QUARANTINE / REPORT_FILE}")

    def _report(self, cleaned: Cleaned, seconds: float) -> None:
        for (action, reason), count in sorted(cleaned.counts.items()):
            self.stdout.write(f"{count:6}  {action}, {reason}")
        self.stdout.write(
            f"{cleaned.files} files, {len(cleaned.rows)} of them noted above; {cleaned.files / seconds:.0f} a second."
        )
