"""`manage.py prune`"""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone

from api.models import Prediction
from api.pruning import orphans, prune
from api.watching.counting import close_days, count_days
from dogbreed.commands import DogbreedCommand

KEPT_FOREVER = "Nothing to delete: answers are kept forever because DOGBREED_KEEP_DAYS is 0. Set it, or pass --days."


class Command(DogbreedCommand):
    help = (
        "Deletes old stored answers, with their feedback and photos, and photos that no answer has. First it counts "
        "the answers, as count_weeks does."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--days",
            type=int,
            default=settings.DOGBREED_KEEP_DAYS,
            help="delete answers older than this many days (default: DOGBREED_KEEP_DAYS)",
        )
        parser.add_argument(
            "--no-input", "--noinput", action="store_false", dest="interactive", help="do not ask for confirmation"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        count_days()
        self._prune_orphans(options["interactive"])
        if options["days"] < 1:
            if not options["interactive"]:  # a timer runs also where answers are kept forever
                self.stdout.write(KEPT_FOREVER)
                return
            raise CommandError(KEPT_FOREVER)
        until = timezone.now() - timedelta(days=options["days"])
        old = Prediction.objects.filter(created__lt=until)
        found = old.count()
        question = f"Delete {found} stored answers that are older than {options['days']} days? [y/N] "
        if found and options["interactive"] and not _confirmed(question):
            raise CommandError("Nothing was deleted.")
        if found:
            close_days(until)
        deleted = prune(old)
        self.stdout.write(f"Deleted: {deleted} stored answers.")

    def _prune_orphans(self, interactive: bool) -> None:
        """Asks first: with the settings of another database, every photo would be without an answer."""
        found = orphans()
        if not found or (interactive and not _confirmed(f"Delete {len(found)} photos that no answer has? [y/N] ")):
            return
        for path in found:
            path.unlink(missing_ok=True)
        self.stdout.write(f"Deleted: {len(found)} photos that no answer has.")


def _confirmed(question: str) -> bool:
    try:
        return input(question).strip().lower() in ("y", "yes")
    except EOFError as error:
        raise CommandError("Nothing was deleted, because there is no terminal to ask at. Pass --no-input.") from error
