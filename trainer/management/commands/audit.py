"""`manage.py audit DATA [--bundle B]`, `audit DATA --apply CSV`, `audit DATA --undo`"""

from argparse import ArgumentParser
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from dogbreed.commands import DogbreedCommand
from dogbreed.model.bundle import read_bundle
from dogbreed.model.serving_source import serving_source
from dogbreed.model.store import served_path
from trainer.auditing.apply import COMMAND, apply
from trainer.auditing.audit import FINDINGS_FILE, PAGE_FILE, audit
from trainer.auditing.features import Extractor, extractor_of_bundle, extractor_of_weights
from trainer.auditing.findings import KINDS
from trainer.console import progress_bar
from trainer.networks.weights import read_weights, weighting
from trainer.photos.quarantine import JOURNAL, QUARANTINE, undo
from trainer.recipes.recipe_files import read_recipe


class Command(DogbreedCommand):
    help = (
        "Looks for wrong labels, near-duplicates and unusual photos, and writes a page and a CSV of suggestions. "
        "Nothing in the data changes until you edit the CSV and --apply it; --undo reverts that."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("data", type=Path, help="labelled photos, organized or in any layout that organize reads")
        parser.add_argument("--out", type=Path, help="folder to make (default: runs/audit-<time>)")
        parser.add_argument("--apply", type=Path, metavar="CSV", help="do what the column action of an audit.csv says")
        parser.add_argument("--undo", action="store_true", help="revert what --apply did")
        labels = parser.add_argument_group(
            "labels", "The model whose features are compared; best is one that was not trained on these photos."
        )
        labels.add_argument("--bundle", type=Path, help="a model bundle (default: the served one)")
        labels.add_argument(
            "--weights", help="instead of a bundle: imagenet (downloaded) or a file, for the network of --recipe"
        )
        labels.add_argument("--recipe", default="mobilenet_v2", help="for --weights (default: mobilenet_v2)")
        labels.add_argument("--no-labels", action="store_true", help="do not check labels: much faster")
        labels.add_argument("--cache", type=Path, default=settings.DOGBREED_CACHE, help="folder for cached features")

    def handle(self, *args: Any, **options: Any) -> None:
        data: Path = options["data"]
        if not data.is_dir():
            raise CommandError(f"There is no folder {data}. Name a folder of labelled photos.")
        if options["undo"]:
            count = undo(data, COMMAND)
            self.stdout.write(f"{count} changes reverted. Journal: {data / QUARANTINE / JOURNAL}")
        elif options["apply"]:
            self._apply(data, options["apply"])
        else:
            self._audit(data, options)

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
            self.stderr.write(f"Skipped, because the file is gone or has changed since the audit: {path}")
        if len(applied.skipped) > 10:
            self.stderr.write(f"… and {len(applied.skipped) - 10} more")
        self.stdout.write(
            f"{applied.dropped} photos dropped, {applied.relabelled} relabelled, {len(applied.skipped)} skipped. "
            f"Revert with --undo. Journal: {data / QUARANTINE / JOURNAL}"
        )


def _extractor(options: dict[str, Any]) -> Extractor | None:
    if options["no_labels"]:
        return None
    if options["weights"] is None:
        return extractor_of_bundle(read_bundle(options["bundle"] or served_path(serving_source())))
    recipe = read_recipe(options["recipe"])
    pretrained = read_weights(weighting(options["weights"]), recipe.architecture)
    if pretrained is None:
        raise CommandError("Random weights cannot tell breeds apart. Give --weights imagenet or a file.")
    return extractor_of_weights(recipe, pretrained)
