"""Sources of photos: each one turns a breed into candidates, page by page."""

import csv
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlencode

from bs4 import BeautifulSoup

from trainer.collecting.breed_lists import WantedBreed

OPENVERSE_URL = "https://api.openverse.org"
WIKIMEDIA_URL = "https://commons.wikimedia.org"
OPENVERSE_PAGE = 20  # the limit for anonymous users
WIKIMEDIA_PAGE = 50
WIKIMEDIA_WIDTH = 1280  # one of the widths that Wikimedia caches; originals are far larger than training needs

GetJson = Callable[[str], Awaitable[Any]]  # the JSON at an address, or None


@dataclass(frozen=True)
class Candidate:
    """A photo as a source describes it; `page` is the web page that shows it."""

    url: str
    source: str
    licence: str
    licence_url: str = ""
    author: str = ""
    title: str = ""
    page: str = ""


class Source(Protocol):
    def candidates(self, breed: WantedBreed, get_json: GetJson) -> AsyncIterator[Candidate]:
        """All candidates for a breed, best first."""


@dataclass(frozen=True)
class Openverse:
    """https://api.openverse.org/v1/: openly licensed images of many collections.

    A search ends after a few hundred results, so there is one search per licence.
    """

    licences: tuple[str, ...]
    base_url: str = OPENVERSE_URL

    async def candidates(self, breed: WantedBreed, get_json: GetJson) -> AsyncIterator[Candidate]:
        for search in breed.searches:
            for licence in self.licences:
                page, pages = 1, 1
                while page <= pages:
                    query = {"q": search, "license": licence, "page_size": OPENVERSE_PAGE, "page": page}
                    answer = await get_json(f"{self.base_url}/v1/images/?{urlencode(query)}")
                    results = _list(answer, "results")
                    for result in results:
                        if isinstance(result.get("url"), str):
                            yield self._candidate(result)
                    pages = int(answer.get("page_count") or 0) if results else 0
                    page += 1

    def _candidate(self, result: dict[str, Any]) -> Candidate:
        def text(key: str) -> str:
            return str(result.get(key) or "")

        licence = f"CC {text('license')} {text('license_version')}".strip()
        return Candidate(
            text("url"),
            f"openverse/{text('source') or text('provider')}",
            licence,
            text("license_url"),
            text("creator"),
            text("title"),
            text("foreign_landing_url"),
        )


@dataclass(frozen=True)
class WikimediaCommons:
    """https://commons.wikimedia.org/w/api.php: MediaWiki's action API: a search with the metadata of each file."""

    base_url: str = WIKIMEDIA_URL

    async def candidates(self, breed: WantedBreed, get_json: GetJson) -> AsyncIterator[Candidate]:
        for search in breed.searches:
            query: dict[str, Any] = {
                "action": "query",
                "format": "json",
                "formatversion": 2,
                "maxlag": 5,  # we wait if their database lags more seconds behind
                "generator": "search",
                "gsrsearch": f"{search} filetype:bitmap",
                "gsrnamespace": 6,
                "gsrlimit": WIKIMEDIA_PAGE,
                "prop": "imageinfo",
                "iiprop": "url|mime|extmetadata",
                "iiurlwidth": WIKIMEDIA_WIDTH,
                "iiextmetadatafilter": "LicenseShortName|LicenseUrl|Artist",
            }
            more: dict[str, Any] | None = {}
            while more is not None:
                answer = await get_json(f"{self.base_url}/w/api.php?{urlencode({**query, **more})}")
                found = _list((answer or {}).get("query"), "pages")
                for page in sorted(found, key=lambda page: int(page.get("index", 0))):
                    for information in _list(page, "imageinfo"):
                        yield self._candidate(str(page.get("title", "")), information)
                more = answer.get("continue") if answer and found else None

    def _candidate(self, title: str, information: dict[str, Any]) -> Candidate:
        described = information.get("extmetadata") or {}

        def value(key: str) -> str:
            html = str((described.get(key) or {}).get("value") or "")
            return BeautifulSoup(html, "html.parser").get_text(" ", strip=True) if "<" in html else html

        return Candidate(
            str(information.get("thumburl") or information.get("url") or ""),
            "wikimedia",
            value("LicenseShortName"),
            value("LicenseUrl"),
            value("Artist"),
            title.removeprefix("File:"),
            str(information.get("descriptionurl") or ""),
        )


@dataclass(frozen=True)
class UrlFolder:
    """A folder of `<breed>.txt` with one address per line, or `<breed>.csv` with the column url and optional columns
    licence, licence_url, author, title and page."""

    folder: Path

    async def candidates(self, breed: WantedBreed, get_json: GetJson) -> AsyncIterator[Candidate]:
        for row in self._rows(breed):
            if url := row.get("url", "").strip():
                known = {key: row.get(key) or "" for key in ("licence_url", "author", "title", "page")}
                yield Candidate(url, "urls", row.get("licence") or "", **known)

    def _rows(self, breed: WantedBreed) -> list[dict[str, str]]:
        table, lines = (self.folder / f"{breed.label}.{kind}" for kind in ("csv", "txt"))
        if table.is_file():
            with table.open(encoding="utf-8-sig", newline="") as file:
                return list(csv.DictReader(file))
        if lines.is_file():
            return [{"url": line} for line in lines.read_text(encoding="utf-8-sig").splitlines()]
        return []


def _list(answer: Any, key: str) -> list[dict[str, Any]]:
    """The objects of a list in an answer; empty if the answer has another shape."""
    found = answer.get(key) if isinstance(answer, dict) else None
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []
