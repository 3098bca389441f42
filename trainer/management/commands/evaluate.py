"""`manage.py evaluate BUNDLE --data DIR`"""

from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dogbreed.bundle import BundleError
from dogbreed.classifier import Classifier
from dogbreed.engines import ENGINES
from trainer.console import progress_bar
from trainer.evaluation import METRICS_FILE, evaluate, record_metrics, write_evaluation
from trainer.parity import compare_with_pytorch
from trainer.photos import LabelledPhoto, PhotosError, find_photos, test_part_or_all


class Command(BaseCommand):
    help = "Measures a bundle on labelled photos: one folder a breed, or the test part of organized data."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("bundle", type=Path)
        parser.add_argument(
            "--data", type=Path, required=True, help="organized data, or a folder with one folder a breed"
        )
        parser.add_argument("--out", type=Path, help="folder to make for the results (default: runs/evaluation-<time>)")
        parser.add_argument("--precision", choices=["auto", "float32", "bfloat16"], default="float32")
        parser.add_argument("--engine", choices=list(ENGINES), default="openvino")
        parser.add_argument(
            "--compare-pytorch", action="store_true", help="also run the weights in PyTorch and compare"
        )
        parser.add_argument("--record", metavar="NAME", help="write the result into the bundle and its model card")
        parser.add_argument("--describe", help="a sentence on the photos, for --record (default: the folder's name)")

    def handle(self, *args: Any, **options: Any) -> None:
        now = datetime.now().astimezone()
        out = options["out"] or Path("runs") / f"evaluation-{now:%Y%m%d-%H%M%S}"
        try:
            photos = find_photos(test_part_or_all(options["data"]))
            classifier = Classifier.load(options["bundle"], options["precision"], options["engine"])
            with progress_bar("Measuring") as progress:
                evaluation = evaluate(
                    classifier, photos, options["describe"] or options["data"].resolve().name, progress
                )
            write_evaluation(evaluation, out)
        except (PhotosError, BundleError, FileExistsError) as error:
            raise CommandError(str(error)) from error
        m = evaluation.metrics
        self.stdout.write(f"{m.photos} photos of {m.breeds} breeds")
        self.stdout.write(f"top-1     {m.top1:.2%}  (95 %: {m.top1_interval[0]:.1%} to {m.top1_interval[1]:.1%})")
        self.stdout.write(f"top-5     {m.top5:.2%}  (95 %: {m.top5_interval[0]:.1%} to {m.top5_interval[1]:.1%})")
        self.stdout.write(f"log loss  {m.log_loss:.4f}")
        if options["compare_pytorch"]:
            self._compare(classifier, photos)
        if options["record"]:
            record_metrics(classifier.bundle, options["record"], m)
        self.stdout.write(f"Results: {out / METRICS_FILE}")

    def _compare(self, classifier: Classifier, photos: list[LabelledPhoto]) -> None:
        with progress_bar("Comparing with PyTorch") as progress:
            parity = compare_with_pytorch(classifier, photos, progress)
        self.stdout.write(f"{classifier.engine.name} ({classifier.engine.precision}) and PyTorch: {parity}")
