"""`manage.py api_key`"""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError

from api.keys import OFF, draw_key
from api.models import ApiKey
from dogbreed.commands import DogbreedCommand


class Command(DogbreedCommand):
    help = "Creates, lists and revokes the API keys of clients. DOGBREED_API_KEYS says whether they are used."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        create = actions.add_parser("create", help="make a key and print it; it cannot be printed again")
        create.add_argument("name", help="whose key it is")
        create.add_argument(
            "--rate", default="", help="photos in a time, such as 1000/day (default: DOGBREED_THROTTLE)"
        )
        actions.add_parser("list", help="print the name, rate and date of each key")
        revoke = actions.add_parser("revoke", help="accept a key no longer")
        revoke.add_argument("name", help="whose key it is")

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        match action:
            case "create":
                self._create(options["name"], options["rate"])
            case "list":
                self._list()
            case "revoke":
                self._revoke(options["name"])

    def _create(self, name: str, rate: str) -> None:
        row = ApiKey(name=name, rate=rate)
        key = draw_key(row)
        try:
            row.full_clean()
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        row.save()
        self.stdout.write(key)
        self.stderr.write("Copy the key now: it is not stored, and cannot be printed again.")
        if settings.DOGBREED_API_KEYS == OFF:
            self.stderr.write("Keys are not used yet. Set DOGBREED_API_KEYS to optional or required.")

    def _list(self) -> None:
        for row in ApiKey.objects.all():
            state = row.rate or "default rate"
            self.stdout.write(f"{row.name}  {state}  {row.created:%Y-%m-%d}{'' if row.active else '  revoked'}")

    def _revoke(self, name: str) -> None:
        if not ApiKey.objects.filter(name=name).update(active=False):
            raise CommandError(f"There is no key of {name!r}. See: manage.py api_key list.")
        self.stdout.write(f"The key of {name} is no longer accepted.")
