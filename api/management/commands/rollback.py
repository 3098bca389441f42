"""`manage.py rollback [--configured]`"""

from argparse import ArgumentParser
from typing import Any

from dogbreed.commands import DogbreedCommand
from dogbreed.model.promotion import rollback
from dogbreed.model.serving_source import serving_source


class Command(DogbreedCommand):
    help = "Ends the trial of a bundle; without one, serves the bundle again that was served before."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--configured", action="store_true", help="serve the bundle that DOGBREED_BUNDLE names instead"
        )
        parser.add_argument("--reason", default="", help="a sentence for the history")

    def handle(self, *args: Any, **options: Any) -> None:
        change = rollback(serving_source(), options["configured"], options["reason"])
        old, new = change.names
        if change.action == "end trial":
            self.stdout.write(f"{old} is no longer on trial. {new} answers all photos.")
        else:
            self.stdout.write(f"Served from now on: {new}, instead of {old}.")
