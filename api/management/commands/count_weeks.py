"""`manage.py count_weeks`"""

from argparse import ArgumentParser
from typing import Any

from api.models import CountedDay
from api.watching.counting import count_days
from dogbreed.commands import DogbreedCommand


class Command(DogbreedCommand):
    help = (
        'Counts the stored answers for the admin site\'s page "Week by week". `prune` does it too, before it deletes.'
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--again", action="store_true", help="count all days again, except those whose answers were deleted"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        count_days(again=options["again"])
        counted = CountedDay.objects.values("day").distinct()
        self.stdout.write(f"Counted: {counted.count()} days with answers.")
