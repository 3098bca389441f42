"""`manage.py predict PHOTO|FOLDER|LIST|URL… [--format table|json|csv | --output FILE]`"""

import csv
import json
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.core.management.base import CommandError

from dogbreed.answers.breeds import display_name
from dogbreed.answers.calibration import Kind
from dogbreed.answers.naming import KIND_NAMES
from dogbreed.commands import DogbreedCommand
from dogbreed.errors import DogbreedError
from dogbreed.model.bundle import Bundle, read_bundle
from dogbreed.model.classifier import Classifier
from dogbreed.model.serving_source import serving_source
from dogbreed.model.store import served_path
from trainer.prediction.bundle_digest import bundle_digest
from trainer.prediction.file_writing import predict_to_file
from trainer.prediction.photo_sources import check_sources, photos_of
from trainer.prediction.rows import Row, as_json, ranked
from trainer.prediction.streaming import answers
from trainer.prediction.unfinished import folder_of
from trainer.progress import Progress, ProgressBar

RUNNERS_UP = 3
SECONDS_BETWEEN_LINES = 10


class Command(DogbreedCommand):
    help = "Identifies the breed in photos, from a few to millions. Does not need PyTorch."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "photos",
            nargs="+",
            metavar="PHOTO|FOLDER|LIST|URL",
            help="a photo; a folder of photos; a list of names (.txt or .lst: one a line; .csv: the column `path`); or "
            "a URL of any of these, such as s3://bucket/folder",
        )
        parser.add_argument("--bundle", type=Path, help="a model bundle (default: the served one)")
        written = parser.add_mutually_exclusive_group()
        written.add_argument("--format", choices=["table", "json", "csv"], default="table", help="of what is printed")
        written.add_argument(
            "--output",
            type=Path,
            metavar="FILE",
            help="write a row for each photo to a new .parquet, .csv or .jsonl file; after an interruption the same "
            "command continues",
        )
        parser.add_argument("--no-probabilities", action="store_true", help="leave all classes out of --output")
        parser.add_argument(
            "--ray",
            metavar="ADDRESS",
            help="answer on the Ray cluster at this address, on the one that is found (`auto`), or here (`local`)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        bundle = read_bundle(options["bundle"] or served_path(serving_source()))
        if options["output"]:
            self._write(bundle, options)
        elif options["ray"] or options["no_probabilities"]:
            raise CommandError("--ray and --no-probabilities need --output.")
        else:
            self._print(bundle, options["photos"], options["format"])

    def _print(self, bundle: Bundle, sources: list[str], form: str) -> None:
        check_sources(sources)
        names = photos_of(sources)
        names = chain([next(names)], names)  # where there are no photos, nothing is loaded
        write = {"table": self._table, "json": self._json, "csv": self._csv}[form]
        failed = number = 0
        for number, row in enumerate(_answers(bundle, names), start=1):
            write(row, number == 1, bundle.config.label_names)
            failed += row["error"] is not None
        if failed:
            raise CommandError(f"{failed} of {number} photos could not be read.")

    def _write(self, bundle: Bundle, options: dict[str, Any]) -> None:
        output: Path = options["output"]

        def answering(names: Iterator[str]) -> Iterator[Row]:
            return _answers_from_ray(options["ray"], bundle, names) if options["ray"] else _answers(bundle, names)

        try:
            with_probabilities = not options["no_probabilities"]
            written = predict_to_file(
                options["photos"], output, bundle, answering, with_probabilities, self._progress_bar()
            )
        except KeyboardInterrupt:
            raise CommandError(f"Stopped. The same command continues from {folder_of(output)}.") from None
        except DogbreedError:
            raise
        except OSError as error:
            raise CommandError(
                f"{output} cannot be written: {error}. The same command continues once it can be."
            ) from error
        if written is None:
            self.stdout.write(f"{output} was complete already.")
            return
        continued = f" {written.before:,} had been answered before an interruption." if written.before else ""
        unread = f" {written.errors:,} could not be read: see `error`." if written.errors else ""
        self.stdout.write(f"{written.photos:,} photos.{continued}{unread}\nResults: {output}")

    def _progress_bar(self) -> ProgressBar:
        """The bar on the terminal; lines on a server, where what draws the bar is not installed."""
        if find_spec("rich") and find_spec("trainer.console"):
            from trainer.console import progress_bar

            return progress_bar
        return self._progress_lines

    @contextmanager
    def _progress_lines(self, title: str) -> Iterator[Progress]:
        said = time.monotonic()

        def say(done: int, total: int) -> None:
            nonlocal said
            if time.monotonic() - said >= SECONDS_BETWEEN_LINES:
                said = time.monotonic()
                self.stderr.write(f"{title}: {done:,} of {total:,}", self.style.NOTICE)

        yield say

    def _table(self, row: Row, first: bool, label_names: list[str]) -> None:
        if row["error"] is not None:
            self.stderr.write(f"{row['path']}: {row['error']}")
            return
        (_, best), *others = ranked(row, label_names)[: 1 + RUNNERS_UP]
        rest = ", ".join(f"{display_name(label)} {probability:.0%}" for label, probability in others)
        verdict = f"{KIND_NAMES[cast(Kind, row['verdict'])]:<19}  " if row["verdict"] else ""
        self.stdout.write(f"{verdict}{best:6.1%}  {row['name']:<32}  {row['path']}  (then {rest})")

    def _json(self, row: Row, first: bool, label_names: list[str]) -> None:
        """One JSON object per line, so that results can be read while later photos are processed."""
        self.stdout.write(json.dumps(as_json(row, label_names), ensure_ascii=False))

    def _csv(self, row: Row, first: bool, label_names: list[str]) -> None:
        writer = csv.writer(self.stdout, lineterminator="\n")
        if first:
            writer.writerow(["path", "breed", "name", "probability", "verdict", "shortlist", "error"])
        probability = None if row["probability"] is None else f"{row['probability']:.6f}"
        shortlist = " ".join(row["shortlist"] or [])
        writer.writerow([row["path"], row["breed"], row["name"], probability, row["verdict"], shortlist, row["error"]])


def _answers(bundle: Bundle, names: Iterator[str]) -> Iterator[Row]:
    source = serving_source()
    classifier = Classifier.load(bundle.path, source.precision, source.engine, photos="many", compiled=source.compiled)
    yield from answers(classifier, names, settings.DOGBREED_MAX_PIXELS)


def _answers_from_ray(address: str, bundle: Bundle, names: Iterator[str]) -> Iterator[Row]:
    from trainer.prediction.ray_data import Work, answers_from_ray, ray_cluster

    work = Work(
        bundle=bundle.path.absolute(),
        digest=bundle_digest(bundle),
        precision=settings.DOGBREED_PRECISION,
        engine=settings.DOGBREED_ENGINE,
        max_pixels=settings.DOGBREED_MAX_PIXELS,
    )
    with ray_cluster(address) as ray:
        yield from answers_from_ray(ray, names, work)
