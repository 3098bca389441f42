"""`manage.py teach BUNDLE OUT --breed LABEL --photos FOLDER`"""

from argparse import ArgumentParser
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from dogbreed.answers.breeds import display_name
from dogbreed.commands import DogbreedCommand
from dogbreed.model.bundle import TEACHING_FILE, Bundle, read_bundle
from trainer.prediction.packages import missing

PACKAGES = {"onnx": "onnx", "safetensors": "safetensors", "scipy": "scipy", "imagehash": "ImageHash", "rich": "rich"}
PACKAGES |= {"pandas": "pandas"}


class Command(DogbreedCommand):
    help = (
        "Teaches a bundle new breeds, from three photos each on and better from ten, in seconds: without training and "
        "without PyTorch. Writes a new bundle."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("bundle", type=Path, help="the bundle to start from; it is not changed")
        parser.add_argument("out", type=Path, nargs="?", help="bundle folder to make")
        parser.add_argument(
            "--breed", action="append", default=[], metavar="LABEL", help="such as kai_ken; may be given several times"
        )
        parser.add_argument(
            "--photos",
            action="append",
            default=[],
            type=Path,
            metavar="FOLDER",
            help="with its photos, for each --breed",
        )
        parser.add_argument("--folder", type=Path, help="instead of both: has one folder of photos for each breed")
        parser.add_argument("--name", help='of the one breed, as it is shown, such as "Kai Ken"')
        parser.add_argument("--group", default="", help="of the one breed: the kennel club's group, such as working")
        parser.add_argument("--alias", action="append", default=[], help="another name of the one breed")
        parser.add_argument(
            "--catalogue",
            type=Path,
            metavar="CSV",
            help="names of several breeds: columns breed, name, group, aliases (a|b)",
        )
        parser.add_argument(
            "--replace", action="store_true", help="teach breeds anew that the bundle was taught before"
        )
        parser.add_argument("--dry-run", action="store_true", help="only say how well it would be; write nothing")
        parser.add_argument(
            "--reference",
            type=Path,
            metavar="DATA",
            help=f"write {TEACHING_FILE} into the bundle, which teaching needs, from the organized photos that it was "
            "trained on",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        _check_packages()
        bundle = read_bundle(options["bundle"])
        if options["reference"]:
            self._write_reference(bundle, options["reference"])
            return
        if not options["out"] and not options["dry_run"]:
            raise CommandError("Name the bundle folder to make, or give --dry-run.")
        self._teach(bundle, options)

    def _write_reference(self, bundle: Bundle, data: Path) -> None:
        from trainer.console import progress_bar
        from trainer.teaching.reference_photos import write_reference_of

        reference = write_reference_of(bundle, data, progress_bar)
        trained, other = (len(seen) // reference.views for seen in (reference.trained, reference.other))
        self.stdout.write(f"{trained:,} photos of its breeds, {other:,} of other breeds: {bundle.path / TEACHING_FILE}")

    def _teach(self, bundle: Bundle, options: dict[str, Any]) -> None:
        from trainer.console import progress_bar
        from trainer.teaching.lessons import lessons_of
        from trainer.teaching.summary import summary
        from trainer.teaching.teach import teach

        out = None if options["dry_run"] else options["out"]
        taught = teach(bundle, lessons_of(options), out, options["replace"], progress_bar)
        for one in taught.learned:
            for note in one.own.notes:
                self.stderr.write(f"{display_name(one.label)}: left out: {note}")
            for line in summary(one):
                self.stdout.write(line)
        self.stdout.write(f"Bundle: {taught.bundle.path}" if taught.bundle else "Nothing was written.")


def _check_packages() -> None:
    """Raises MissingPackageError: on a server only what serves is installed."""
    for module, package in PACKAGES.items():
        if find_spec(module) is None:
            raise missing("manage.py teach", package, "Or install all that training needs: requirements/train.txt.")
    if find_spec("trainer.teaching") is None:
        raise CommandError("This copy of the program only serves. Teach on a machine that has the whole program.")
