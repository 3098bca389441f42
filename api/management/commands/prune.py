"""`manage.py prune`"""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone

from api.models import Prediction
from api.pruning import prune
from dogbreed.commands import DogbreedCommand


class Command(DogbreedCommand):
    help = "Deletes old stored answers, with their feedback and photos."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--days",
            type=int,
            default=settings.DOGBREED_KEEP_DAYS,
            help="delete answers older than this many days (default: DOGBREED_KEEP_DAYS)",
        )
        parser.add_argument("--yes", action="store_true", help="do not ask for confirmation")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["days"] < 1:
            raise CommandError(
                "Nothing to delete: answers are kept forever because DOGBREED_KEEP_DAYS is 0. Set it, or pass --days."
            )
        old = Prediction.objects.filter(created__lt=timezone.now() - timedelta(days=options["days"]))
        found = old.count()
        question = f"Delete {found} stored answers that are older than {options['days']} days? [y/N] "
        if found and not options["yes"] and input(question).strip().lower() not in ("y", "yes"):
            raise CommandError("Nothing was deleted.")
        deleted = prune(old)
        self.stdout.write(f"Deleted: {deleted} stored answers.")
