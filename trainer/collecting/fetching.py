"""Polite downloads from many hosts at once: each host has its own rate limit, and private hosts are refused."""

import asyncio
import ipaddress
import json
import random
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, TypeVar

import httpx

from dogbreed.errors import DogbreedError

PRODUCT = "Dogbreed/0.1"
REDIRECTS = 5
BACKOFF = 1.0  # seconds before the second attempt; twice as long before each further one
TOO_BUSY = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}


Answer = TypeVar("Answer")


class FetchError(DogbreedError):
    """An address cannot be downloaded; the message says why."""


class TransientError(FetchError):
    """Another attempt may succeed; `wait` is in seconds, None if the host did not give it."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


@dataclass(frozen=True)
class Manners:
    """The limits on requests and answers. Times are in seconds."""

    contact: str  # where the operators of a host can reach the user
    per_host: int = 4  # simultaneous requests
    interval: float = 0.1  # between the starts of two requests
    api_interval: float = 1.0  # the same for searches; Openverse allows anonymous users one per second
    attempts: int = 5
    longest_wait: float = 300.0  # if a host asks for a longer wait, the photo is skipped
    longest_download: float = 120.0
    max_bytes: int = 30_000_000
    allow_private: bool = False  # addresses that are not on the public internet


@dataclass
class Host:
    """The connections to one host, and when the next request may start (seconds of the monotonic clock)."""

    client: httpx.AsyncClient
    places: asyncio.Semaphore
    next_start: float = 0.0


@dataclass
class Fetcher:
    """Downloads addresses. Use one fetcher for all downloads, so that the limits per host hold."""

    manners: Manners
    hosts: dict[str, Host] = field(default_factory=dict)

    async def close(self) -> None:
        for host in self.hosts.values():
            await host.client.aclose()

    async def get_json(self, url: str) -> Any:
        """The JSON answer to a search.

        Raises:
            FetchError: there is no answer, or no JSON, after all attempts.
        """

        async def once() -> Any:
            data = await self._once(url, self.manners.api_interval)
            try:
                answer = json.loads(data)
            except ValueError as error:
                raise TransientError(f"no JSON: {error}") from error
            failure = answer.get("error") if isinstance(answer, dict) else None
            if isinstance(failure, dict) and failure.get("code") in ("maxlag", "ratelimited"):  # MediaWiki's
                raise TransientError(f"busy: {failure['code']}", wait=5.0)
            return answer

        return await self._with_patience(once)

    async def get(self, url: str) -> bytes:
        """The bytes at an address, at most `max_bytes`.

        Raises:
            FetchError: the address does not exist or has too many bytes, or there is no answer after all attempts.
        """
        return await self._with_patience(lambda: self._once(url, self.manners.interval))

    async def _with_patience(self, once: Callable[[], Awaitable[Answer]]) -> Answer:
        for attempt in range(1, self.manners.attempts + 1):
            try:
                return await once()
            except TransientError as error:
                wait = error.wait if error.wait is not None else BACKOFF * 2 ** (attempt - 1) * random.uniform(0.5, 1)
                if attempt == self.manners.attempts or wait > self.manners.longest_wait:
                    raise FetchError(f"{error} ({attempt} attempts)") from error
                await asyncio.sleep(wait)
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def _once(self, url: str, interval: float) -> bytes:
        try:
            async with asyncio.timeout(self.manners.longest_download):
                for _ in range(REDIRECTS + 1):
                    result = await self._request(url, interval)
                    if isinstance(result, bytes):
                        return result
                    url = result
        except TimeoutError as error:
            raise TransientError(f"not done in {self.manners.longest_download:g} s") from error
        raise FetchError(f"more than {REDIRECTS} redirects")

    async def _request(self, url: str, interval: float) -> bytes | str:
        """The body, or the address of a redirect."""
        try:
            parsed = httpx.URL(url)
        except (httpx.InvalidURL, ValueError) as error:
            raise FetchError(f"not an address: {url}") from error
        if parsed.scheme not in ("http", "https") or not parsed.host:
            raise FetchError(f"not a web address: {url}")
        address = await self._address(parsed)
        host = self._host(parsed.host)
        # Connect to the checked address: the name may resolve to another one a moment later.
        request = host.client.build_request(
            "GET",
            parsed.copy_with(host=address),
            headers={"Host": parsed.netloc.decode("ascii")},
            extensions={"sni_hostname": parsed.raw_host.decode("ascii")},
        )
        async with _turn(host, interval):
            try:
                response = await host.client.send(request, stream=True)
                try:
                    return await self._read(response, parsed, host)
                finally:
                    await response.aclose()
            except httpx.TransportError as error:
                raise TransientError(f"{type(error).__name__}: {error}".rstrip(": ")) from error

    async def _read(self, response: httpx.Response, url: httpx.URL, host: Host) -> bytes | str:
        status = response.status_code
        if status in TOO_BUSY or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            wait = _retry_after(response.headers.get("Retry-After"))
            if wait is not None and wait <= self.manners.longest_wait:
                host.next_start = max(host.next_start, time.monotonic() + wait)  # for all requests to it
            raise TransientError(f"status {status}" + (f", asks to wait {wait:.0f} s" if wait else ""), wait)
        if response.is_redirect and "Location" in response.headers:
            return str(url.join(response.headers["Location"]))
        if status != HTTPStatus.OK:
            raise FetchError(f"status {status}")
        limit = self.manners.max_bytes
        if int(response.headers.get("Content-Length") or 0) > limit:
            raise FetchError(f"too large: {response.headers['Content-Length']} bytes, the limit is {limit}")
        body = bytearray()
        async for piece in response.aiter_bytes(65536):
            body += piece
            if len(body) > limit:  # whatever the header said
                raise FetchError(f"too large: more than {limit} bytes")
        return bytes(body)

    async def _address(self, url: httpx.URL) -> str:
        """An IP address of a host without any private address.

        Raises:
            FetchError: the host has a private address. A list of photos from the web must not give access to hosts
                that only this machine can reach.
        """
        try:
            found = await asyncio.get_running_loop().getaddrinfo(url.host, url.port or 0, type=socket.SOCK_STREAM)
        except OSError as error:
            raise TransientError(f"no such host: {url.host}") from error
        addresses = [str(entry[4][0]) for entry in found]
        private = [address for address in addresses if not ipaddress.ip_address(address.split("%")[0]).is_global]
        if private and not self.manners.allow_private:
            raise FetchError(f"{url.host} is not on the public internet ({private[0]})")
        return addresses[0]

    def _host(self, name: str) -> Host:
        """Each host has its own client, so that a connection made for one name is not used for another."""
        if name not in self.hosts:
            client = httpx.AsyncClient(
                headers={"User-Agent": f"{PRODUCT} ({self.manners.contact}) httpx/{httpx.__version__}"},
                timeout=httpx.Timeout(30, connect=10),
                trust_env=False,
            )
            self.hosts[name] = Host(client, asyncio.Semaphore(self.manners.per_host))
        return self.hosts[name]


@asynccontextmanager
async def _turn(host: Host, interval: float) -> AsyncIterator[None]:
    """Waits for a free connection, for the end of the host's pause, and for `interval` since the last request began."""
    async with host.places:
        while (wait := host.next_start - time.monotonic()) > 0:
            await asyncio.sleep(wait)
        host.next_start = time.monotonic() + interval
        yield


def _retry_after(header: str | None) -> float | None:
    """Seconds, from a number or a date (RFC 9110, 10.2.3); None for anything else."""
    if not header:
        return None
    try:
        return max(float(header), 0.0)
    except ValueError:
        pass
    try:
        when = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max((when.replace(tzinfo=when.tzinfo or UTC) - datetime.now(UTC)).total_seconds(), 0.0)
