"""Changes of what is served: `manage.py promote`, `rollback` and `models`."""

import getpass
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from dogbreed.errors import DogbreedError
from dogbreed.model.bundle import Bundle, BundleError, read_bundle
from dogbreed.model.classifier import Classifier
from dogbreed.model.comparison_result import COMPARISON_FILE, ComparisonResult
from dogbreed.model.serving_source import ServingSource
from dogbreed.model.signatures import check_signature
from dogbreed.model.store import Action, Change, OnTrial, Served, Store, served_bundle


class PromotionError(DogbreedError):
    """A bundle may not be served, or there is nothing to go back to; the message says why and what to do."""


@dataclass(frozen=True)
class Permission:
    """Why a bundle may be served.

    Attributes:
        comparison: what `manage.py compare` wrote about the served bundle and the new one.
        without_comparison, although_worse: rules that an operator overrides on purpose; this is recorded.
    """

    comparison: Path | None = None
    without_comparison: bool = False
    although_worse: bool = False
    reason: str = ""


def promote(source: ServingSource, new: str, permission: Permission, share: float | None = None) -> Change:
    """Copies a bundle into the store, checks it, and has it served: for all photos, or on trial for a share of them.

    Args:
        new: a folder, or the beginning of a digest of a bundle in the store. Empty: the bundle that is on trial.

    Raises:
        PromotionError: the comparison does not permit it, or the bundle is served already.
        BundleError: the bundle is damaged, not signed as demanded, or does not reproduce its golden outputs here.
        StoreError: the store cannot be written, or the bundle has links.
    """
    store = Store(source.store)
    with store.locked():
        served = store.read()
        old = _old(source, served)
        bundle = _found(store, served, new)
        _refuse_what_is_served(served, old, bundle, share)
        allowed = _allowed(served, old, bundle, permission)
        kept = _kept(store, old) if share is None else None
        with store.adding(bundle) as copy:
            check_signature(copy, source.key)
            Classifier.load(copy, source.precision, source.engine, compiled=source.compiled)
        trial = None if share is None else OnTrial(bundle=bundle.digest, share=share)
        change = _change("trial" if trial else "promote", old, bundle, share=share, **allowed)
        if trial:
            update: dict[str, Any] = {"trial": trial}
        else:
            previous = [*served.previous, *([kept] if kept else [])]
            update = {"bundle": bundle.digest, "previous": previous, "trial": None}
        _write(store, source, served, change, update)
    return change


def rollback(source: ServingSource, to_configured: bool = False, reason: str = "") -> Change:
    """Ends the trial if there is one, and otherwise has the bundle served that was served before.

    Args:
        to_configured: serve the bundle of DOGBREED_BUNDLE instead.

    Raises:
        PromotionError: nothing was served before.
        BundleError: the earlier bundle is damaged, missing, or not signed as demanded.
    """
    store = Store(source.store)
    with store.locked():
        served = store.read()
        old = _old(source, served)
        if to_configured:
            if served.bundle is None and served.trial is None:
                raise PromotionError("The bundle of DOGBREED_BUNDLE is served already.")
            new = read_bundle(source.configured)
            check_signature(new.path, source.key)
            change = _change("configured", old, None, reason=reason, new_name=name_of(new))
            update: dict[str, Any] = {"bundle": None, "previous": [], "trial": None}
        elif served.trial:
            change = _change("end trial", _named(store, served.trial.bundle), old, reason=reason)
            update = {"trial": None}
        elif served.previous:
            bundle = store.read_bundle(served.previous[-1])
            check_signature(bundle.path, source.key)
            change = _change("rollback", old, bundle, reason=reason)
            update = {"bundle": bundle.digest, "previous": served.previous[:-1]}
        else:
            raise PromotionError("No bundle was served before this one. See: manage.py models.")
        _write(store, source, served, change, update)
    return change


def delete(source: ServingSource, beginning: str) -> Change:
    """Deletes a bundle from the store.

    Raises:
        StoreError: the store has no such bundle.
        PromotionError: it is served or on trial.
    """
    store = Store(source.store)
    with store.locked():
        served, digest = store.read(), store.find(beginning)
        if digest == served.bundle or (served.trial and digest == served.trial.bundle):
            raise PromotionError(f"{digest[:12]} is served. Roll back or promote another bundle first.")
        change = _change("delete", _named(store, digest), None, new_name="")
        previous = [each for each in served.previous if each != digest]
        _write(store, source, served, change, {"previous": previous})  # first: a rollback must not find half of it
        store.delete(digest)
    return change


def name_of(bundle: Bundle | None) -> str:
    return f"{bundle.config.name} {bundle.config.version}" if bundle else "none"


def _old(source: ServingSource, served: Served) -> Bundle | None:
    """None if the server has no bundle that can be read: it is not compared with anything then."""
    try:
        return served_bundle(source, served)
    except BundleError:
        return None


def _named(store: Store, digest: str | None) -> Bundle | None:
    """A bundle of the store, if only to name it: it may be damaged or missing."""
    try:
        return store.read_bundle(digest) if digest else None
    except BundleError:
        return None


def _found(store: Store, served: Served, new: str) -> Bundle:
    if not new:
        if served.trial is None:
            raise PromotionError("Name the bundle to promote: none is on trial.")
        return store.read_bundle(served.trial.bundle)
    return read_bundle(Path(new)) if Path(new).is_dir() else store.read_bundle(store.find(new))


def _refuse_what_is_served(served: Served, old: Bundle | None, new: Bundle, share: float | None) -> None:
    if old and old.digest == new.digest and (served.trial is None or share is not None):
        raise PromotionError(f"{name_of(new)} ({new.digest[:12]}) is served already.")


def _allowed(served: Served, old: Bundle | None, new: Bundle, permission: Permission) -> dict[str, Any]:
    """The fields of a `Change` that say why the bundle may be served. Raises `PromotionError` if it may not."""
    fields: dict[str, Any] = {"reason": permission.reason}
    if permission.comparison is None:
        if served.trial and served.trial.bundle == new.digest:  # its comparison was shown when the trial began
            return fields
        if not permission.without_comparison:
            raise PromotionError(
                "Show that the new bundle is not worse: manage.py compare OLD NEW --data PHOTOS OUT, and here "
                "--comparison OUT/comparison.json. To promote it all the same: --without-comparison."
            )
        return {**fields, "without_comparison": True}
    result = read_comparison(permission.comparison)
    if old is None or (result.old, result.new) != (old.digest, new.digest):
        raise PromotionError(
            f"{permission.comparison} compares other bundles ({result.old[:12]} and {result.new[:12]}) than the served "
            f"one ({old.digest[:12] if old else 'none'}) and {new.path} ({new.digest[:12]}). Compare these two."
        )
    fields |= {"outcome": result.outcome, "photos": result.photos}
    if result.outcome == "worse":
        if not permission.although_worse:
            raise PromotionError(
                f"{name_of(new)} is worse than {name_of(old)}: {' '.join(result.reasons)} To promote it all the same: "
                "--although-worse."
            )
        fields["although_worse"] = True
    return fields


def read_comparison(path: Path) -> ComparisonResult:
    """Reads `comparison.json`, or that in the folder `path`. Raises `PromotionError`."""
    path = path / COMPARISON_FILE if path.is_dir() else path
    try:
        return ComparisonResult.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        raise PromotionError(
            f"{path} is not a comparison by manage.py compare ({str(error).splitlines()[0]})."
        ) from error


def _kept(store: Store, old: Bundle | None) -> str | None:
    """Puts the served bundle into the store too, so that a rollback finds it: DOGBREED_BUNDLE may change."""
    if old is None:
        return None
    with store.adding(old):
        return old.digest


def _change(action: Action, old: Bundle | None, new: Bundle | None, new_name: str | None = None, **more: Any) -> Change:
    return Change(
        when=datetime.now(UTC).isoformat(timespec="seconds"),
        who=_user(),
        action=action,
        old=old.digest if old else None,
        new=new.digest if new else None,
        names=(name_of(old), name_of(new) if new_name is None else new_name),
        **more,
    )


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user has no name
        return "unknown"


def _write(store: Store, source: ServingSource, served: Served, change: Change, update: dict[str, Any]) -> None:
    configured = str(source.configured.absolute())
    store.write(served.model_copy(update={**update, "configured": configured, "history": [*served.history, change]}))
