"""`manage.py predict PHOTO|FOLDER… [--format table|json|csv]`"""

import csv
import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from dogbreed.answers.naming import KIND_NAMES
from dogbreed.commands import DogbreedCommand
from dogbreed.model.classifier import Classifier
from trainer.prediction import PhotoAnswer, find_photo_files, predict

RUNNERS_UP = 3


class Command(DogbreedCommand):
    help = "Identifies the breed in photos and in all photos of folders. Does not need PyTorch."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("photos", type=Path, nargs="+", metavar="PHOTO|FOLDER")
        parser.add_argument("--bundle", type=Path, default=settings.DOGBREED_BUNDLE)
        parser.add_argument("--format", choices=["table", "json", "csv"], default="table")

    def handle(self, *args: Any, **options: Any) -> None:
        files = find_photo_files(options["photos"])
        classifier = Classifier.load(options["bundle"], settings.DOGBREED_PRECISION, settings.DOGBREED_ENGINE)
        write = {"table": self._table, "json": self._json, "csv": self._csv}[options["format"]]
        failed = 0
        for number, file in enumerate(files):
            answer = predict(classifier, file, settings.DOGBREED_MAX_PIXELS)
            write(answer, number == 0)
            failed += bool(answer.error)
        if failed:
            raise CommandError(f"{failed} of {len(files)} photos could not be read.")

    def _table(self, answer: PhotoAnswer, first: bool) -> None:
        if answer.error:
            self.stderr.write(f"{answer.path}: {answer.error}")
            return
        best, *others = answer.ranked[: 1 + RUNNERS_UP]
        rest = ", ".join(f"{other.name} {other.probability:.0%}" for other in others)
        verdict = f"{KIND_NAMES[answer.kind]:<19}  " if answer.kind else ""
        self.stdout.write(f"{verdict}{best.probability:6.1%}  {best.name:<32}  {answer.path}  (then {rest})")

    def _json(self, answer: PhotoAnswer, first: bool) -> None:
        """One JSON object per line, so that results can be read while later photos are processed."""
        self.stdout.write(json.dumps(answer.as_json(), ensure_ascii=False))

    def _csv(self, answer: PhotoAnswer, first: bool) -> None:
        writer = csv.writer(self.stdout, lineterminator="\n")
        if first:
            writer.writerow(["path", "breed", "name", "probability", "verdict", "shortlist", "error"])
        if answer.error:
            writer.writerow([answer.path, "", "", "", "", "", answer.error])
        else:
            best = answer.ranked[0]
            shortlist = " ".join(answer.shortlist or [])
            probability = f"{best.probability:.6f}"
            writer.writerow([answer.path, best.breed, best.name, probability, answer.kind, shortlist, ""])
