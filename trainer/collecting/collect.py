"""Collects photos breed by breed. It can be killed at any moment and run again, and ends with the same photos."""

import asyncio
import hashlib
import json
import shutil
from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from dogbreed.errors import DogbreedError
from dogbreed.photos.decoding import PhotoError, open_photo
from dogbreed.photos.formats import format_of
from trainer.collecting.breed_lists import WantedBreed
from trainer.collecting.fetching import Fetcher, FetchError, Manners
from trainer.collecting.licences import refusal
from trainer.collecting.records import FOLDER, Outcome, append, read_log, write_lists
from trainer.collecting.sources import Candidate, Source
from trainer.files import whole_file
from trainer.photos.reading import MAX_PIXELS
from trainer.progress import Progress, ProgressBar, silent

AT_ONCE = 16  # simultaneous downloads from all hosts together
BROKEN_ATTEMPTS = 2  # a body may have been cut off in transit


class CollectError(DogbreedError):
    """Another process is collecting into the same folder."""


@dataclass(frozen=True)
class Wanted:
    breeds: list[WantedBreed]
    per_breed: int
    licences: tuple[str, ...] | None  # None for any licence, also an unknown one
    retry_failed: bool = False


@dataclass
class Collected:
    """Counts of candidates by outcome and of photos by breed, and the reasons of failed searches by breed."""

    verdicts: Counter[str] = field(default_factory=Counter)
    photos: Counter[str] = field(default_factory=Counter)
    searches: dict[str, str] = field(default_factory=dict)


def collect(wanted: Wanted, source: Source, out: Path, manners: Manners, progress: ProgressBar = silent) -> Collected:
    """Writes `out/<breed>/<photo>`, `manifest.csv`, `failed.csv` and `ATTRIBUTION.md`.

    Continues where an earlier call stopped or was killed.

    Raises:
        CollectError: another process is collecting into the folder.
    """
    (out / FOLDER / "searches").mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(out / FOLDER / ".lock", timeout=0):
            return asyncio.run(_Collection(wanted, source, out, manners, progress).run())
    except Timeout as error:
        raise CollectError(f"Another process is collecting into {out}. Wait until it is done.") from error


@dataclass(frozen=True)
class _Downloaded:
    """A downloaded photo in the folder for unfinished ones."""

    place: Path
    sha256: str
    width: int
    height: int


class _Collection:
    def __init__(self, wanted: Wanted, source: Source, out: Path, manners: Manners, progress: ProgressBar) -> None:
        self.wanted = wanted
        self.source = source
        self.out = out
        self.progress = progress
        self.fetcher = Fetcher(manners)
        self.places = asyncio.Semaphore(AT_ONCE)
        self.settled = read_log(out)
        self.paths = {its.sha256: its.path for its in self.settled.values() if its.outcome == "kept"}
        self.urls = {its.candidate.url: its.path for its in self.settled.values() if its.outcome == "kept"}
        self.unfinished = out / FOLDER / "unfinished"
        self.searches: dict[str, str] = {}

    async def run(self) -> Collected:
        shutil.rmtree(self.unfinished, ignore_errors=True)  # left by a run that was stopped
        self.unfinished.mkdir()
        try:
            for breed in self.wanted.breeds:  # in order: a photo found for two breeds always goes to the first one
                with self.progress(breed.name) as collecting:
                    await self._collect_breed(breed, collecting)
                self._write_lists()
        finally:
            await self.fetcher.close()
        collected = Collected(searches=self.searches)
        collected.verdicts = Counter(its.outcome for its in self.settled.values())
        collected.photos = Counter(its.breed for its in self.settled.values() if its.outcome == "kept")
        return collected

    def _write_lists(self) -> None:
        order = {breed.label: number for number, breed in enumerate(self.wanted.breeds)}
        outcomes = sorted(self.settled.values(), key=lambda its: order.get(its.breed, len(order)))
        write_lists(self.out, outcomes, self.searches)

    async def _collect_breed(self, breed: WantedBreed, progress: Progress) -> None:
        """Downloads in parallel, but records candidates in their order, so that the result is always the same.

        No more downloads run than photos are still missing; the next candidate is tried when one fails.
        """
        kept, seen = 0, set()
        under_way: deque[tuple[Candidate, asyncio.Task[_Downloaded | Outcome]]] = deque()
        candidates = self.source.candidates(breed, self._search)
        more = True
        try:
            while True:
                while more and kept + len(under_way) < self.wanted.per_breed:
                    try:
                        candidate = await anext(candidates)
                    except StopAsyncIteration:
                        more = False
                    except FetchError as error:
                        self.searches[breed.label] = str(error)
                        more = False
                    else:
                        if candidate.url not in seen:
                            seen.add(candidate.url)
                            task = asyncio.create_task(self._obtain(breed.label, candidate))
                            under_way.append((candidate, task))
                if not under_way:
                    return
                candidate, task = under_way.popleft()
                kept += self._settle(breed.label, candidate, await task)
                progress(kept, self.wanted.per_breed)
        finally:
            for _, task in under_way:
                task.cancel()

    async def _search(self, url: str) -> Any:
        """The answer to a search, stored at the first request so that a growing collection does not change it."""
        path = self.out / FOLDER / "searches" / f"{hashlib.sha256(url.encode()).hexdigest()[:32]}.json"
        if path.is_file():
            return json.loads(path.read_text(encoding="utf-8"))
        answer = await self.fetcher.get_json(url)
        with whole_file(path) as unfinished:
            unfinished.write_text(json.dumps(answer), encoding="utf-8")
        return answer

    async def _obtain(self, breed: str, candidate: Candidate) -> "_Downloaded | Outcome":
        before = self.settled.get((breed, candidate.url))
        if before and not (self.wanted.retry_failed and before.outcome == "failed"):
            return before
        allowed = self.wanted.licences
        if allowed is not None and (why := refusal(candidate.licence, candidate.licence_url, allowed)):
            return Outcome(breed, candidate, "refused", why)
        if candidate.url in self.urls:
            return Outcome(breed, candidate, "duplicate", f"of {self.urls[candidate.url]}")
        for attempt in range(1, BROKEN_ATTEMPTS + 1):
            try:
                async with self.places:
                    data = await self.fetcher.get(candidate.url)
                    return await asyncio.to_thread(self._keep_aside, candidate, data)
            except FetchError as error:
                return Outcome(breed, candidate, "failed", str(error))
            except PhotoError as error:
                if error.code != "broken_image" or attempt == BROKEN_ATTEMPTS:
                    return Outcome(breed, candidate, "failed", f"{error.code.replace('_', ' ')}: {error.problem}")
        raise AssertionError("unreachable: the last attempt returns")

    def _keep_aside(self, candidate: Candidate, data: bytes) -> _Downloaded:
        """Decodes the downloaded bytes and writes them to the folder for unfinished photos."""
        photo = open_photo(data, MAX_PIXELS)
        place = self.unfinished / _name(candidate, data)
        place.write_bytes(data)
        return _Downloaded(place, hashlib.sha256(data).hexdigest(), photo.width, photo.height)

    def _settle(self, breed: str, candidate: Candidate, result: "_Downloaded | Outcome") -> bool:
        """Moves a photo to its place and records the outcome of the candidate; returns whether it is kept."""
        if isinstance(result, _Downloaded):
            result = self._place(breed, candidate, result)
        if self.settled.get((breed, candidate.url)) != result:
            append(self.out, result)
            self.settled[breed, candidate.url] = result
        return result.outcome == "kept"

    def _place(self, breed: str, candidate: Candidate, downloaded: _Downloaded) -> Outcome:
        if downloaded.sha256 in self.paths:
            downloaded.place.unlink()
            return Outcome(breed, candidate, "duplicate", f"of {self.paths[downloaded.sha256]}")
        path = f"{breed}/{downloaded.place.name}"
        (self.out / breed).mkdir(exist_ok=True)
        downloaded.place.replace(self.out / path)
        self.paths[downloaded.sha256] = self.urls[candidate.url] = path
        size = downloaded.width, downloaded.height
        return Outcome(breed, candidate, "kept", "", path, downloaded.sha256, *size)


def _name(candidate: Candidate, data: bytes) -> str:
    """A file name that depends on the address, with an extension that depends on the content."""
    known = format_of(data)
    suffix = {"JPEG": "jpg"}.get(known.name, known.name.lower()) if known else "bin"
    source = candidate.source.split("/")[0]
    return f"{source}-{hashlib.sha256(candidate.url.encode()).hexdigest()[:16]}.{suffix}"
