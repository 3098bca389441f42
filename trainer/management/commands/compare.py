"""`manage.py compare OLD NEW --data DIR… OUT`"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from dogbreed.commands import DogbreedCommand
from dogbreed.model.bundle import read_bundle
from dogbreed.model.comparison_result import COMPARISON_FILE, Outcome
from dogbreed.model.engines import ENGINES
from dogbreed.model.precision import PRECISIONS
from trainer.comparing.compare import compare_bundles
from trainer.comparing.comparison_page import PAGE_FILE
from trainer.comparing.measuring import SLOWER
from trainer.comparing.photo_sets import photo_sets
from trainer.console import progress_bar

WORSE = 3  # the exit status, unlike 1, with which an error ends
SAID: dict[Outcome, str] = {
    "worse": "The new bundle is WORSE.",
    "no_different": "The new bundle is no different.",
    "better": "The new bundle is better.",
}


class Command(DogbreedCommand):
    help = (
        "Says whether a new bundle is worse than, no different from, or better than an old one, on the same photos. "
        f"The exit status is 0, {WORSE} if it is worse, and 1 after an error. An interrupted comparison continues."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("old", type=Path, help="the bundle that is served")
        parser.add_argument("new", type=Path, help="the bundle that may replace it")
        parser.add_argument("out", type=Path, help="folder to make for the results")
        parser.add_argument(
            "--data",
            type=Path,
            action="append",
            required=True,
            help="organized data, of which the test part is used, or a folder with one folder per breed; repeat it for "
            "several sets. Neither bundle may have been trained on the photos",
        )
        parser.add_argument("--not-a-dog", type=Path, help="photos without dogs, in one folder or one per kind")
        parser.add_argument("--other-breeds", type=Path, help="photos of dogs of breeds that neither model knows")
        parser.add_argument("--no-photos", action="store_true", help="leave the photos out of the page")
        parser.add_argument(
            "--allow-missing", action="store_true", help="a new bundle that lacks breeds is not worse for that"
        )
        parser.add_argument(
            "--slower",
            type=float,
            default=SLOWER,
            metavar="TIMES",
            help=f"how many times the old bundle's time the new one may take (default: {SLOWER:g})",
        )
        parser.add_argument(
            "--precision",
            choices=["auto", *PRECISIONS],
            help="default: int8 if both bundles have it, otherwise float32; every processor computes these alike",
        )
        parser.add_argument("--engine", choices=list(ENGINES), default="openvino")

    def handle(self, *args: Any, **options: Any) -> None:
        data = options["data"] if isinstance(options["data"], list) else [options["data"]]
        sets = photo_sets(data, options["not_a_dog"], options["other_breeds"])
        out: Path = options["out"]
        result = compare_bundles(
            read_bundle(options["old"]),
            read_bundle(options["new"]),
            sets,
            out,
            progress_bar,
            allow_missing=options["allow_missing"],
            photos=not options["no_photos"],
            slower=options["slower"],
            precision=options["precision"],
            engine=options["engine"],
        )
        self.stdout.write(f"Compared on {result.photos:,} photos. {SAID[result.outcome]}")
        for reason in result.reasons:
            self.stdout.write(f"- {reason}")
        self.stdout.write(f"The page: {out / PAGE_FILE}\nResults: {out / COMPARISON_FILE}")
        if result.outcome == "worse":
            raise CommandError("The new bundle is worse, so it should not replace the old one.", returncode=WORSE)
