"""`manage.py evaluate BUNDLE --data DIR`"""

from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from dogbreed.commands import DogbreedCommand
from dogbreed.model.bundle import REPORT_FILE, read_bundle
from dogbreed.model.classifier import Classifier
from dogbreed.model.engines import ENGINES
from dogbreed.model.file_digests import write_digests
from dogbreed.model.precision import PRECISIONS
from trainer.bundles.parity import compare_with_pytorch
from trainer.bundles.recorded_metrics import record_metrics
from trainer.console import progress_bar
from trainer.evaluation.coaching import coach_measures
from trainer.evaluation.evaluate import Answers, ask, evaluate
from trainer.evaluation.report import METRICS_FILE, MeasuredSet, OutOfDistributionSets, report_page, write_report
from trainer.photos.folders import LabelledPhoto, photos_by_kind
from trainer.photos.parts import photos_to_measure


class Command(DogbreedCommand):
    help = (
        "Measures a bundle on labelled photos (one folder per breed, or the test part of organized data; breeds may be "
        "missing) and writes metrics.json, report.html and tables."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("bundle", type=Path)
        parser.add_argument(
            "--data",
            type=Path,
            action="append",
            required=True,
            help="organized data, or a folder with one folder per breed; repeat it for a report on several sets",
        )
        parser.add_argument("--describe", action="append", help="a sentence on the photos (default: the folder's name)")
        parser.add_argument(
            "--pretraining",
            action="append",
            choices=["seen", "unseen", "unknown"],
            help="whether the starting weights were trained on the photos (default: unknown)",
        )
        parser.add_argument(
            "--record", metavar="NAME", action="append", help="write the metrics into the bundle and its model card"
        )
        parser.add_argument("--not-a-dog", type=Path, help="photos without dogs, in one folder or one per kind")
        parser.add_argument(
            "--coach",
            type=int,
            default=0,
            metavar="N",
            help="also measure the advice for better photos, on N photos of the first --data that are made worse; "
            "photos of --not-a-dog are the scenery in which dogs are small",
        )
        parser.add_argument("--other-breeds", type=Path, help="photos of dogs of breeds that the model does not know")
        parser.add_argument("--no-photos", action="store_true", help="leave the photos out of the report")
        parser.add_argument(
            "--attach", action="store_true", help="also write the report, without photos, into the bundle"
        )
        parser.add_argument("--out", type=Path, help="folder to make for the results (default: runs/evaluation-<time>)")
        parser.add_argument(
            "--precision",
            choices=["auto", *PRECISIONS],
            help="default: int8 if the bundle has it, otherwise float32; every processor computes these alike",
        )
        parser.add_argument("--engine", choices=list(ENGINES), default="openvino")
        parser.add_argument(
            "--compare-pytorch", action="store_true", help="also run the weights in PyTorch and compare"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = datetime.now().astimezone()
        out = options["out"] or Path("runs") / f"evaluation-{now:%Y%m%d-%H%M%S}"
        if out.exists():
            raise CommandError(f"{out} exists already and is not overwritten. Name another folder with --out.")
        precision = options["precision"] or read_bundle(options["bundle"]).portable_precision
        classifier = Classifier.load(options["bundle"], precision, options["engine"])
        sets = self._sets(classifier, options)
        out_of_distribution = OutOfDistributionSets(
            self._ask(classifier, options["not_a_dog"], by_kind=True),
            self._ask(classifier, options["other_breeds"], by_kind=False),
        )
        coach = self._coach(classifier, sets[0], out_of_distribution, options["coach"])
        for number, name in enumerate(options["record"] or []):
            record_metrics(read_bundle(options["bundle"]), name, sets[number].evaluation.metrics)
        bundle = read_bundle(options["bundle"])
        measured = write_report(bundle, sets, out_of_distribution, out, not options["no_photos"], coach=coach)
        if options["attach"]:
            page = report_page(bundle, measured, sets, photos=False)
            (bundle.path / REPORT_FILE).write_text(page, encoding="utf-8")
            write_digests(bundle.path)
        for row in [measured, *measured["further_sets"]]:
            self._say(row)
        if options["compare_pytorch"]:
            self._compare(classifier, sets[0].evaluation.photos)
        self.stdout.write(f"Results: {out / METRICS_FILE}")

    def _sets(self, classifier: Classifier, options: dict[str, Any]) -> list[MeasuredSet]:
        folders = options["data"] if isinstance(options["data"], list) else [options["data"]]
        for name in ("describe", "pretraining", "record"):
            values = options[name] = _listed(options[name])
            if values and len(values) != len(folders):
                raise CommandError(
                    f"Give --{name} once for each of the {len(folders)} --data, or not at all; there are {len(values)}."
                )
        found = [photos_to_measure(folder) for folder in folders]
        names = options["record"] or [folder.resolve().name for folder in folders]
        if len(set(names)) < len(names):
            raise CommandError(
                f"The sets need different names, but they are {', '.join(names)}. Name them with --record."
            )
        sets = []
        for number, (name, photos) in enumerate(zip(names, found, strict=True)):
            described = options["describe"][number] if options["describe"] else folders[number].resolve().name
            evaluation = evaluate(classifier, photos, described, progress_bar, f"Measuring {name}")
            sets.append(MeasuredSet(name, evaluation, (options["pretraining"] or ["unknown"] * len(names))[number]))
        return sets

    def _coach(
        self, classifier: Classifier, first: MeasuredSet, outside: OutOfDistributionSets, number: int
    ) -> dict[str, Any] | None:
        if number <= 0:
            return None
        scenery = [photo for answers in outside.not_a_dog.values() for photo in answers.photos]
        measured = coach_measures(classifier, first.evaluation.photos, scenery, number, progress_bar)
        self.stdout.write(
            f"Advice on {measured['photos']} photos; {measured['advised']['value']:.1%} get any as they are"
        )
        for name, row in measured["faults"].items():
            if row["lost"]:
                right, recovered = row["right_advice"]["value"], row["recovered"]["value"]
                self.stdout.write(f"  {name:<18} lost {row['lost']:>4}, right {right:.1%}, recovered {recovered:.1%}")
        return measured

    def _ask(self, classifier: Classifier, folder: Path | None, by_kind: bool) -> dict[str, Answers]:
        answers: dict[str, Answers] = {}
        kinds = photos_by_kind(folder) if folder else {}
        if folder and not by_kind:
            kinds = {folder.resolve().name: [photo for photos in kinds.values() for photo in photos]}
        for kind, photos in kinds.items():
            answers[kind] = ask(classifier, photos, progress_bar, f"Asking about {kind}")
        return answers

    def _say(self, row: dict[str, Any]) -> None:
        self.stdout.write(
            f"{row['name']}: {row['photos']} photos of {row['breeds']} breeds; 95 % intervals in brackets"
        )
        for name, measured in row["measures"].items():
            low, high = measured["interval"]
            self.stdout.write(f"  {name.replace('_', ' '):<18} {measured['value']:.4f}  ({low:.4f} to {high:.4f})")
        self.stdout.write(f"  {row['pretraining_says']}")

    def _compare(self, classifier: Classifier, photos: list[LabelledPhoto]) -> None:
        parity = compare_with_pytorch(classifier, photos, progress_bar)
        self.stdout.write(f"{classifier.engine.name} ({classifier.engine.precision}) and PyTorch: {parity}")


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
