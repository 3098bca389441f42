"""`manage.py corrections`"""

from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from api.models import Review
from api.reviews.cases import all_cases
from api.reviews.exporting import MANIFEST_FILE, Exported, export
from api.reviews.review_texts import SUGGESTIONS
from dogbreed.commands import DogbreedCommand
from dogbreed.exported_corrections import WITHDRAWN_FILE
from dogbreed.model.bundle import read_bundle
from dogbreed.model.serving_source import serving_source
from dogbreed.model.store import served_path


class Command(DogbreedCommand):
    help = "Counts the photos that visitors permit to keep, and exports those that were accepted, for training."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("list", help="count the photos that wait for a review, and those that have one")
        exporting = actions.add_parser("export", help="write the accepted photos to a folder that `organize` takes")
        exporting.add_argument("out", type=Path, help="a new folder, or an earlier export, which is replaced")
        exporting.add_argument(
            "--bundle",
            type=Path,
            help="the model that will be trained further; breeds that it does not know get a folder of their own "
            "(default: the served one)",
        )
        exporting.add_argument("--data", type=Path, help="your own photos, named as the first source in sources.toml")

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        if action == "list":
            self._list()
        else:
            labels = set(read_bundle(options["bundle"] or served_path(serving_source())).config.label_names)
            self._report(options["out"], export(options["out"], labels, options["data"]))

    def _list(self) -> None:
        counts = Counter(
            f"waiting, {SUGGESTIONS[case.suggestion].lower()}" if case.state == Review.State.WAITING else case.state
            for case in all_cases()
        )
        for state, number in sorted(counts.items()):
            self.stdout.write(f"{state.replace('_', ' ')}: {number}")
        self.stdout.write(f"photos: {counts.total()}")

    def _report(self, out: Path, exported: Exported) -> None:
        folders = Counter(row.path.partition("/")[0] for row in exported.rows)
        self.stdout.write(", ".join(f"{name}: {number}" for name, number in sorted(folders.items())) or "No photo.")
        self.stdout.write(f"Added since the last export: {len(exported.added)}.")
        for name, what in (("withdrawn", "Withdrawn by visitors"), ("undecided", "No longer accepted as it was")):
            for item in getattr(exported, name):
                self.stdout.write(f"{what}: {item}")
        if exported.withdrawn:
            self.stdout.write(f"Delete these from what you have organized, too. {WITHDRAWN_FILE} lists them.")
        for answer in exported.missing:
            self.stderr.write(f"The photo of {answer} is missing on disk and was left out.")
        self.stdout.write(f"{out / MANIFEST_FILE}: sha256 {exported.digest}")
