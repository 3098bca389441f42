"""`manage.py models [--delete DIGEST]`"""

from argparse import ArgumentParser
from contextlib import suppress
from typing import Any

from django.db import Error

from api.model_answers import agreement, answers_of
from dogbreed.commands import DogbreedCommand
from dogbreed.model.bundle import BundleError, read_bundle
from dogbreed.model.promotion import delete, name_of
from dogbreed.model.serving_source import ServingSource, serving_source
from dogbreed.model.store import Change, Served, Store, not_followed, served_bundle


class Command(DogbreedCommand):
    help = "Says which model bundle is served, which ones were, and why."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--delete",
            metavar="DIGEST",
            help="delete a bundle that is not served; the beginning of its digest is enough",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        source = serving_source()
        if options["delete"]:
            change = delete(source, options["delete"])
            self.stdout.write(f"Deleted: {change.names[0]}.")
            return
        store = Store(source.store)
        served = store.read()
        self._say_served(source, store, served)
        for digest in store.digests():
            self.stdout.write(f"Stored: {_described(store, digest)}{self._answered(digest)}")
        for change in served.history:
            self.stdout.write(_line(change))

    def _say_served(self, source: ServingSource, store: Store, served: Served) -> None:
        configured = _configured(source)
        if served.bundle is None:
            self.stdout.write(f"Served: that of DOGBREED_BUNDLE ({source.configured}): {configured}")
        else:
            self.stdout.write(f"Served: {_described(store, served.bundle)}, promoted")
            self.stdout.write(f"Not served: that of DOGBREED_BUNDLE ({source.configured}): {configured}")
            if sentence := not_followed(source, served):
                self.stderr.write(sentence)
        if served.trial:
            share = f"{served.trial.share:.1%} of photos"
            self.stdout.write(f"On trial: {_described(store, served.trial.bundle)}, {share}")
            with suppress(BundleError):
                self._say_agreement(served.trial.bundle, served_bundle(source, served).digest)

    def _say_agreement(self, trial: str, served: str) -> None:
        try:
            found = agreement(trial, served)
        except Error as error:
            self.stderr.write(f"The stored answers cannot be read: {error}")
            return
        same = f"the same breed for {found.breed}, the same verdict for {found.verdict}"
        self.stdout.write(f"Both answered {found.photos} stored photos: {same}.")

    def _answered(self, digest: str) -> str:
        try:
            found = answers_of(digest)
        except Error:  # the tables are missing, or the database does not answer
            return ""
        return f", {found['answers']} stored answers ({found['right']} of {found['judged']} judged ones right)"


def _configured(source: ServingSource) -> str:
    try:
        bundle = read_bundle(source.configured)
    except BundleError as error:
        return str(error)
    return f"{name_of(bundle)} ({bundle.digest[:12]})"


def _described(store: Store, digest: str) -> str:
    try:
        return f"{name_of(store.read_bundle(digest))} ({digest[:12]})"
    except BundleError as error:
        return str(error)


def _line(change: Change) -> str:
    old, new = (f"{name} ({(digest or 'configured')[:12]})" if name else "" for name, digest in _ends(change))
    facts = [
        f"{change.when}  {change.who}  {change.action}",
        f"{old} -> {new}" if new else old,
        f"{change.share:.1%} of photos" if change.share else "",
        f"compared on {change.photos} photos: {change.outcome}".replace("_", " ") if change.outcome else "",
        "without a comparison" if change.without_comparison else "",
        "although it is worse" if change.although_worse else "",
        change.reason,
    ]
    return "  ".join(filter(None, facts))


def _ends(change: Change) -> tuple[tuple[str, str | None], tuple[str, str | None]]:
    return (change.names[0], change.old), (change.names[1], change.new)
