"""Photos and lists in object stores and wherever else fsspec reaches: `s3://`, `gs://`, `https://`, `memory://`, …"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dogbreed.errors import DogbreedError
from trainer.prediction import packages
from trainer.prediction.packages import MissingPackageError

PACKAGES = {"s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "az": "adlfs", "abfs": "adlfs"}
S3 = ("s3", "s3a")
WEB = ("http", "https")
NOT_THERE = (FileNotFoundError, PermissionError, IsADirectoryError)


class StoreError(DogbreedError):
    """A store does not answer, or a URL names nothing in it."""


def is_url(name: str) -> bool:
    return "://" in name


def photos_at(url: str, suffixes: set[str]) -> Iterator[str]:
    """The URL itself if it names one object; otherwise the URLs of all photos below it, sorted.

    S3 is asked for one page of names after the other. Of other stores, one folder at a time is in memory.

    Raises:
        MissingPackageError: the store needs a package that is not installed.
        StoreError: the store does not answer, or has no such object or folder.
    """
    store, place = _open(url)
    with _reported(url):
        if place and store.isfile(place):
            yield url
            return
        if not _is_s3(url) and not store.exists(place):
            raise StoreError(f"There is no {url}. Name a photo, or a folder of photos.")
        for name in _s3_names(store, place) if _is_s3(url) else _names(store, place):
            if f".{name.rpartition('.')[2].lower()}" in suffixes:
                yield str(store.unstrip_protocol(name))


def read(url: str, most: int) -> bytes:
    """The bytes of an object, but not many more than `most`: a caller refuses what is longer.

    Raises:
        OSError: there is no such object, or it may not be read. An error of one web address is this error too.
        StoreError: the store does not answer.
    """
    store, place = _open(url)
    try:
        with store.open(place, "rb") as file:
            return bytes(file.read(most + 1))
    except NOT_THERE:
        raise
    except Exception as error:  # each store has its own
        if url.startswith(WEB):  # one of many servers
            raise OSError(None, _said(error)) from error
        raise _unreachable(url, error) from error


def lines(url: str) -> Iterator[str]:
    """The lines of a text file in UTF-8. Raises as `photos_at`."""
    store, place = _open(url)
    with _reported(url), store.open(place, "r", encoding="utf-8", errors="surrogateescape", newline="") as file:
        yield from file


def _open(url: str) -> tuple[Any, str]:
    """The file system of a URL, and the place in it. Threads get a connection each."""
    protocol = url.partition("://")[0]
    try:
        # Listings are not kept: those of millions of photos would fill the memory.
        store, place = packages.fsspec().core.url_to_fs(url, use_listings_cache=False)
    except ImportError as error:
        raise packages.missing(f"{protocol}://", PACKAGES.get(protocol, str(error))) from error
    except ValueError as error:
        raise StoreError(f"{url} cannot be opened: {error}. Name a file, a folder, or a URL such as s3://….") from error
    return store, str(place)


def _is_s3(url: str) -> bool:
    return url.startswith(tuple(f"{protocol}://" for protocol in S3))


def _s3_names(store: Any, place: str) -> Iterator[str]:
    bucket, key, _ = store.split_path(place)
    prefix, more = f"{key.rstrip('/')}/" if key else "", dict[str, str]()
    while True:
        page = store.call_s3("list_objects_v2", Bucket=bucket, Prefix=prefix, **more)
        yield from (f"{bucket}/{item['Key']}" for item in page.get("Contents", []))
        if not page.get("IsTruncated"):
            return
        more = {"ContinuationToken": page["NextContinuationToken"]}


def _names(store: Any, folder: str) -> Iterator[str]:
    entries = sorted((item["name"], item["type"] == "directory") for item in store.ls(folder, detail=True))
    for name, is_folder in entries:
        if is_folder and name.rstrip("/") != folder.rstrip("/"):
            yield from _names(store, name)
        elif not is_folder:
            yield name


@contextmanager
def _reported(url: str) -> Iterator[None]:
    try:
        yield
    except (StoreError, MissingPackageError):
        raise
    except Exception as error:  # each store has its own
        raise _unreachable(url, error) from error


def _unreachable(url: str, error: Exception) -> StoreError:
    return StoreError(
        f"{url} cannot be read ({_said(error)}). Check the address, your credentials and the connection, and start the "
        "same command again."
    )


def _said(error: Exception) -> str:
    return str(error) or type(error).__name__
