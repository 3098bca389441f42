"""`manage.py export SOURCE OUT`"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dogbreed.bundle import NETWORK_FILE, BundleError, read_bundle
from trainer.export import export_bundle, export_run
from trainer.run import Run, TrainingError


class Command(BaseCommand):
    help = "Writes a model bundle from a training run's best epoch so far, or once more from another bundle."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", type=Path, help="folder of a training run, or a bundle")
        parser.add_argument("out", type=Path, help="bundle folder to make")

    def handle(self, *args: Any, **options: Any) -> None:
        source, out = options["source"], options["out"]
        try:
            is_bundle = (source / NETWORK_FILE).is_file()
            bundle = export_bundle(read_bundle(source), out) if is_bundle else export_run(Run(source), out)
        except (BundleError, TrainingError, FileExistsError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"OpenVINO agrees with PyTorch. Bundle: {bundle.path}")
