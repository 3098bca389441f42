"""`manage.py sign BUNDLE [--key PRIVATE_KEY] [--new-digests]`"""

from argparse import ArgumentParser
from getpass import getpass
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from dogbreed.commands import DogbreedCommand
from dogbreed.model.bundle import read_bundle
from dogbreed.model.file_digests import DIGESTS_FILE, SIGNATURE_FILE, write_digests
from dogbreed.model.signatures import sign


class Command(DogbreedCommand):
    help = "Signs the list of a bundle's files (SHA256SUMS), so that servers with DOGBREED_BUNDLE_KEY accept it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("bundle", type=Path, help="a bundle's folder")
        parser.add_argument(
            "--key", type=Path, help="a private key: openssl genpkey -algorithm ed25519 -out private.pem"
        )
        parser.add_argument(
            "--new-digests",
            action="store_true",
            help="first list the files as they are now: for a bundle that you changed, or of an earlier version",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path, key = options["bundle"], options["key"]
        if key is None and not options["new_digests"]:
            raise CommandError("Give --key to sign the bundle, or --new-digests to list its files anew.")
        if options["new_digests"]:
            if not path.is_dir():
                raise CommandError(f"There is no folder {path}.")
            write_digests(path)
        bundle = read_bundle(path)
        if not bundle.is_listed:
            raise CommandError(f"{path} has no {DIGESTS_FILE}: it is of an earlier version. Add --new-digests.")
        if key is not None:
            sign(path, key, lambda: getpass(f"Password of {key}: "))
        written = SIGNATURE_FILE if key else DIGESTS_FILE
        self.stdout.write(f"Written: {path / written}. Digest of the bundle: {bundle.digest}.")
