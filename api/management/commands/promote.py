"""`manage.py promote [NEW] [--comparison FILE] [--share SHARE]`"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from dogbreed.commands import DogbreedCommand
from dogbreed.model.promotion import Permission, promote
from dogbreed.model.serving_source import serving_source


class Command(DogbreedCommand):
    help = (
        "Checks a model bundle, copies it below DOGBREED_VAR and has it served. Running servers load it in the "
        "background and change to it without losing a request. See also: models, rollback."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "new",
            nargs="?",
            default="",
            help="a bundle's folder, or the beginning of the digest of one that was promoted before (default: the "
            "bundle that is on trial)",
        )
        parser.add_argument(
            "--comparison", type=Path, help="comparison.json of `manage.py compare` with the served bundle"
        )
        parser.add_argument(
            "--share", type=float, help="put it on trial: it answers this share of the photos, such as 0.1"
        )
        parser.add_argument("--reason", default="", help="a sentence for the history")
        override = parser.add_argument_group("against the rules", "What is overridden is kept in the history.")
        override.add_argument("--without-comparison", action="store_true", help="promote what was not compared")
        override.add_argument("--although-worse", action="store_true", help="promote what the comparison says is worse")

    def handle(self, *args: Any, **options: Any) -> None:
        share = options["share"]
        if share is not None and not 0 < share < 1:
            raise CommandError(f"--share must be above 0 and below 1, not {share:g}.")
        permission = Permission(**{name: options[name] for name in Permission.__dataclass_fields__})
        change = promote(serving_source(), options["new"], permission, share)
        old, new = change.names
        digest = (change.new or "")[:12]
        if share is None:
            self.stdout.write(f"Served from now on: {new} ({digest}), instead of {old}.")
        else:
            self.stdout.write(
                f"On trial from now on: {new} ({digest}) answers {share:.1%} of photos, {old} the others."
            )
        self.stdout.write("Running servers load it within seconds. To go back: manage.py rollback.")
