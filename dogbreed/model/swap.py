"""The served models of one process, and how others take their place while it answers.

A thread looks at the store's `served.json` once a second. Where another bundle was promoted, a second thread loads it,
golden check included, and then replaces the models in one assignment. Who has asked for them before keeps those.
"""

import hashlib
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, Thread
from typing import Generic, NamedTuple, Protocol, TypeVar

from dogbreed.model.bundle import Bundle, BundleError
from dogbreed.model.serving_source import ServingSource
from dogbreed.model.store import Served, Store, StoreError, folder_of, not_followed

RETRY_SECONDS = 60  # so that a refused bundle is not compiled again for every request
LOOK_SECONDS = 1.0

logger = logging.getLogger(__name__)


class HasBundle(Protocol):
    @property
    def bundle(self) -> Bundle: ...


Model = TypeVar("Model", bound=HasBundle)
Stat = tuple[int, int, int]


class Chosen(NamedTuple, Generic[Model]):
    """The model that answers a photo. `other` is the served one where that is not it, for comparison."""

    model: Model
    other: Model | None = None


@dataclass(frozen=True)
class ServedModels(Generic[Model]):
    """What a process answers with at one moment.

    Attributes:
        trial: answers the share `share` of photos; None if nothing is on trial.
        refused: why this is not what `served.json` asks for; empty if it is.
    """

    model: Model
    trial: Model | None = None
    share: float = 0.0
    refused: str = ""

    def choose(self, photo: bytes) -> Chosen[Model]:
        """Chooses by the photo's digest, so that the same photo always has the same model."""
        if self.trial is None or place_of(photo) >= self.share:
            return Chosen(self.model)
        return Chosen(self.trial, self.model)


def place_of(photo: bytes) -> float:
    """A number in 0..1 (1 excluded) that depends on the bytes of a photo alone; all are equally frequent."""
    return int.from_bytes(hashlib.sha256(photo).digest()[:6], "big") / 2.0**48


class Swap(Generic[Model]):
    """The models of a process. Any number of threads may ask for them.

    Args:
        load: reads, compiles and checks a bundle in a folder, with the digest that it must have, if any. It raises
            `BundleError`.
    """

    def __init__(self, load: Callable[[ServingSource, Path, str | None], Model]) -> None:
        self._load = load
        self._loading = Lock()  # one load at a time
        self._current: tuple[ServingSource, ServedModels[Model]] | None = None
        self._refusals: dict[ServingSource, tuple[float, str]] = {}  # (until when, the reason)
        self._seen: Stat | None = None  # of the pointer, when it was read the last time
        self._retry_at = 0.0
        self._follower: Thread | None = None

    def current(self, source: ServingSource) -> ServedModels[Model]:
        """The models; the first call loads them, but not one that is on trial. Raises `BundleError`."""
        current = self._current
        if current and current[0] == source:
            return current[1]
        with self._loading:
            current = self._current
            if current and current[0] == source:
                return current[1]
            until, reason = self._refusals.get(source, (0.0, ""))
            if time.monotonic() < until:
                raise BundleError(reason)
            self._seen = _stat(Store(source.store))
            try:
                models, is_all = self._first(source)
            except BundleError as error:
                self._refusals[source] = (time.monotonic() + RETRY_SECONDS, str(error))
                raise
            self._current = source, models
            if not is_all:
                self._seen = None  # a server is ready before it has loaded the bundle on trial
            return models

    def follow(self, source: ServingSource) -> None:
        """Looks for ever."""
        while True:
            time.sleep(LOOK_SECONDS)
            try:
                self.look(source)
            except Exception:
                logger.exception("Whether another model was promoted could not be seen.")

    def look(self, source: ServingSource) -> Thread | None:
        """Looks whether something else is to be served. If so, starts to load it, and returns the thread that does."""
        if self._follower and self._follower.is_alive():
            return self._follower
        stat, current = _stat(Store(source.store)), self._current
        if stat is None:  # nothing was promoted yet, or the folder cannot be reached: what is served stays
            return None
        is_refused = current is not None and current[1].refused
        if stat == self._seen and not (is_refused and time.monotonic() >= self._retry_at):
            return None
        # Not a daemon: a process that ends waits for it, because C++ code must not be cut off.
        self._follower = Thread(target=self._follow, args=(source,), name="load promoted")
        self._follower.start()
        return self._follower

    def forget(self) -> None:
        """Drops the models and the refusals."""
        if self._follower:
            self._follower.join()
        with self._loading:
            self._current, self._seen, self._follower = None, None, None
            self._refusals.clear()

    def _first(self, source: ServingSource) -> tuple[ServedModels[Model], bool]:
        """The first models of a process, and whether they are all that should be served."""
        try:
            served = Store(source.store).read()
            if sentence := not_followed(source, served):
                logger.warning(sentence)
            model = self._load(source, folder_of(source, served.bundle), served.bundle)
        except (BundleError, StoreError) as error:
            if isinstance(error, BundleError) and not served.bundle:
                raise
            model = self._load(source, source.configured, None)
            return ServedModels(model, refused=self._refuse(error, model)), True
        return ServedModels(model), served.trial is None

    def _follow(self, source: ServingSource) -> None:
        if self._current is None or self._current[0] != source:
            self._refusals.clear()
            with suppress(BundleError):
                self.current(source)
            return
        with self._loading:
            models = self._current[1]
            try:
                self._seen = _stat(Store(source.store))
                served = Store(source.store).read()
                replaced = self._replaced(source, served, models)
            except (BundleError, StoreError) as error:
                replaced = ServedModels(models.model, models.trial, models.share, self._refuse(error, models.model))
            except Exception as error:
                logger.exception("A promoted model could not be loaded.")
                replaced = ServedModels(models.model, models.trial, models.share, self._refuse(error, models.model))
            self._current = source, replaced
            _log(models, replaced)

    def _replaced(self, source: ServingSource, served: Served, now: ServedModels[Model]) -> ServedModels[Model]:
        loaded = [now.model, *([now.trial] if now.trial else [])]
        model = self._loaded(source, served.bundle, loaded)
        if served.trial is None:
            return ServedModels(model)
        try:
            trial = self._loaded(source, served.trial.bundle, loaded)
        except BundleError as error:
            return ServedModels(model, refused=self._refuse(error, model))
        return ServedModels(model, trial, served.trial.share)

    def _loaded(self, source: ServingSource, digest: str | None, loaded: list[Model]) -> Model:
        path = folder_of(source, digest)
        for model in loaded:
            if model.bundle.digest == digest or (digest is None and model.bundle.path == path):
                return model
        return self._load(source, path, digest)

    def _refuse(self, error: Exception, instead: Model) -> str:
        self._retry_at = time.monotonic() + RETRY_SECONDS
        config = instead.bundle.config
        logger.error("A promoted model is not served, but still %s %s. %s", config.name, config.version, error)
        return str(error)


def _stat(store: Store) -> Stat | None:
    try:
        found = store.pointer.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size


def _log(before: ServedModels[Model], after: ServedModels[Model]) -> None:
    if after.model is not before.model:
        config, digest = after.model.bundle.config, after.model.bundle.digest[:12]
        logger.info("From now on %s %s (%s) answers.", config.name, config.version, digest)
    if after.trial and (after.trial, after.share) != (before.trial, before.share):
        config, digest = after.trial.bundle.config, after.trial.bundle.digest[:12]
        logger.info(
            "On trial: %s %s (%s) answers %.1f%% of photos.", config.name, config.version, digest, 100 * after.share
        )
    if before.trial and not after.trial:
        logger.info("Nothing is on trial any more.")
