"""`manage.py audit DATA [--bundle B]`, `audit DATA --apply CSV`, `audit DATA --undo`"""

from argparse import ArgumentParser
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from dogbreed.model.bundle import BundleError, read_bundle
from dogbreed.photos.decoding import PhotoError
from trainer.auditing.apply import COMMAND, ApplyError, apply
from trainer.auditing.audit import FINDINGS_FILE, PAGE_FILE, AuditError, audit
from trainer.auditing.features import Extractor, extractor_of_bundle, extractor_of_weights
from trainer.auditing.findings import KINDS
from trainer.console import progress_bar
from trainer.networks.network import NetworkError
from trainer.networks.weights import WeightsError, read_weights, weighting
from trainer.photos.quarantine import JOURNAL, QUARANTINE, QuarantineError, undo
from trainer.recipes.recipe import RecipeError
from trainer.recipes.recipe_files import read_recipe

EXPECTED_ERRORS = (
    ApplyError,
    AuditError,
    BundleError,
    FileExistsError,
    NetworkError,
    PhotoError,
    QuarantineError,
    RecipeError,
    WeightsError,
)


class Command(BaseCommand):
    help = (
        "Looks for wrong labels, near-duplicates and odd photos, and writes a page and a CSV of suggestions. The data "
        "are not touched, until you have edited the CSV and --apply it; --undo takes that back."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("data", type=Path, help="labelled photos in any layout that organize reads, or organized")
        parser.add_argument("--out", type=Path, help="folder to make (default: runs/audit-<time>)")
        parser.add_argument("--apply", type=Path, metavar="CSV", help="do what the column action of an audit.csv says")
        parser.add_argument("--undo", action="store_true", help="take back what --apply has done")
        labels = parser.add_argument_group(
            "labels", "Whose features tell breeds apart; best one that has not seen them."
        )
        labels.add_argument(
            "--bundle", type=Path, default=settings.DOGBREED_BUNDLE, help="a model (default: the one that is served)"
        )
        labels.add_argument(
            "--weights", help="instead of a bundle: imagenet (downloaded) or a file, for the network of --recipe"
        )
        labels.add_argument("--recipe", default="mobilenet_v2", help="for --weights (default: mobilenet_v2)")
        labels.add_argument("--no-labels", action="store_true", help="leave labels alone: much quicker")
        labels.add_argument("--cache", type=Path, default=settings.DOGBREED_CACHE, help="where features are kept")

    def handle(self, *args: Any, **options: Any) -> None:
        data: Path = options["data"]
        if not data.is_dir():
            raise CommandError(f"Expected a folder of labelled photos at {data}, but there is none.")
        try:
            if options["undo"]:
                count = undo(data, COMMAND)
                self.stdout.write(f"{count} changes taken back. Journal: {data / QUARANTINE / JOURNAL}")
            elif options["apply"]:
                self._apply(data, options["apply"])
            else:
                self._audit(data, options)
        except EXPECTED_ERRORS as error:
            raise CommandError(str(error)) from error

    def _audit(self, data: Path, options: dict[str, Any]) -> None:
        now = datetime.now().astimezone()
        out = options["out"] or Path("runs") / f"audit-{now:%Y%m%d-%H%M%S}"
        findings = audit(data, _extractor(options), out, options["cache"], progress_bar)
        counts = Counter(finding.kind for finding in findings)
        for kind, title in KINDS.items():
            if counts[kind]:
                self.stdout.write(f"{counts[kind]:6}  {title}")
        self.stdout.write(f"Page: {out / PAGE_FILE}")
        self.stdout.write(f"To edit and --apply: {out / FINDINGS_FILE}")

    def _apply(self, data: Path, table: Path) -> None:
        applied = apply(data, table)
        for path in applied.skipped[:10]:
            self.stderr.write(f"Skipped, not the file any more that was audited: {path}")
        if len(applied.skipped) > 10:
            self.stderr.write(f"… and {len(applied.skipped) - 10} more")
        self.stdout.write(
            f"{applied.dropped} photos dropped, {applied.relabelled} relabelled, {len(applied.skipped)} skipped. "
            f"Take it back with --undo. Journal: {data / QUARANTINE / JOURNAL}"
        )


def _extractor(options: dict[str, Any]) -> Extractor | None:
    if options["no_labels"]:
        return None
    if options["weights"] is None:
        return extractor_of_bundle(read_bundle(options["bundle"]))
    recipe = read_recipe(options["recipe"])
    pretrained = read_weights(weighting(options["weights"]), recipe.architecture)
    if pretrained is None:
        raise AuditError("Random weights tell no breeds apart: expected --weights imagenet or a file.")
    return extractor_of_weights(recipe, pretrained)
