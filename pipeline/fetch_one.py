"""One address to one file, or to words that say why not: hops, retries, caps, first bytes."""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
import zlib
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final
from urllib.parse import urljoin, urlsplit

import aiohttp
from yarl import URL

from pipeline import addresses
from pipeline.addresses import Network, Target
from pipeline.errors import DecodeError, TooLargeError, UnavailableError, UndecodableError, UnsupportedError
from pipeline.fetch_net import ForbiddenHostError
from pipeline.sniff import describe_foreign, looks_like_image

AGENT: Final = "Moue/0.1 (collects photos for mouth-expression data sets; run by the person at this address)"
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_TRY_AGAIN: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_SNIFFED: Final = 4096
_CHUNK: Final = 64 * 1024
_NO_AI: Final = re.compile(r"\bno(image)?ai\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """What a fetch may take. Times in seconds, sizes in bytes.

    max_inflated: of a compressed body. total_s: one image with its hops, waits and retries. per_host: requests at once
    to one host. longest_wait_s: a server that asks for a longer one (Retry-After) is given up. proxy, ca, allow: see
    `fetch_net.open_session`. obey_noai: leave what its owner keeps from AI (`X-Robots-Tag: noai`).
    """

    max_bytes: int = 25 * 1024 * 1024
    max_inflated: int = 25 * 1024 * 1024
    redirects: int = 5
    total_s: float = 30.0
    connect_s: float = 10.0
    parallel: int = 32
    per_host: int = 8
    retries: int = 2
    longest_wait_s: float = 15.0
    proxy: str = ""
    ca: Path | None = None
    allow: tuple[Network, ...] = ()
    obey_noai: bool = True
    agent: str = AGENT


@dataclass(slots=True)
class Saved:
    """A body on the disk. head: its first bytes."""

    path: Path
    size: int = 0
    head: bytes = b""
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)


class _TryAgainError(Exception):
    """It may work in a moment. wait_s: as the server asks, else None."""

    def __init__(self, message: str, wait_s: float | None = None) -> None:
        super().__init__(message)
        self.wait_s = wait_s


async def fetch_one(
    session: aiohttp.ClientSession, url: str, page_url: str, path: Path, limits: FetchLimits
) -> tuple[Saved, str]:
    """Fetch `url` into the file `path`; also the address where it was in the end.

    Raises DecodeError's children, whose words are the outcome's reason; nothing stays at `path` then.
    """
    try:
        async with asyncio.timeout(limits.total_s):
            return await _with_retries(session, url, page_url, path, limits)
    except TimeoutError as e:
        _remove(path)
        raise UnavailableError(f"the server took longer than {limits.total_s:g} s") from e
    except BaseException:
        _remove(path)
        raise


async def _with_retries(
    session: aiohttp.ClientSession, url: str, page_url: str, path: Path, limits: FetchLimits
) -> tuple[Saved, str]:
    for attempt in range(limits.retries + 1):
        try:
            return await _follow(session, url, page_url, path, limits)
        except _TryAgainError as e:
            wait = 0.5 * 2**attempt if e.wait_s is None else e.wait_s
            if attempt == limits.retries or wait > limits.longest_wait_s:
                raise UnavailableError(str(e)) from e
            await asyncio.sleep(wait)
    raise AssertionError("the last attempt returns or raises")


async def _follow(
    session: aiohttp.ClientSession, url: str, page_url: str, path: Path, limits: FetchLimits
) -> tuple[Saved, str]:
    """Every hop is checked as if it were the first."""
    headers = _referer(page_url)
    for _ in range(limits.redirects + 1):
        target = addresses.parse(url, limits.allow)
        try:
            async with session.get(URL(target.url, encoded=True), headers=headers, allow_redirects=False) as answer:
                if answer.status in _REDIRECTS:
                    url = _next_hop(target, answer)
                    continue
                _accept(answer, limits)
                return await _save(answer, path, limits), target.url
        except (aiohttp.ClientError, OSError) as e:
            raise _told(e) from e
    raise UnavailableError(f"the address leads on more than {limits.redirects} times")


def _next_hop(target: Target, answer: aiohttp.ClientResponse) -> str:
    place = answer.headers.get("Location", "")
    if not place:
        raise UnavailableError(f"the server answers {answer.status} and does not say where to look")
    try:
        return urljoin(target.url, place)
    except ValueError as e:
        raise UnavailableError("the server sends to an address that cannot be read") from e


def _accept(answer: aiohttp.ClientResponse, limits: FetchLimits) -> None:
    """Refuse by status and headers, before a byte of the body is read."""
    if answer.status in _TRY_AGAIN:
        raise _TryAgainError(f"the server answers {answer.status}", retry_after(answer.headers.get("Retry-After")))
    if answer.status != 200:
        raise UnavailableError(f"the server answers {answer.status}")
    if limits.obey_noai and any(_NO_AI.search(told) for told in answer.headers.getall("X-Robots-Tag", ())):
        raise UnavailableError("its owner does not want it used for AI (X-Robots-Tag)")
    size = answer.content_length
    if size is not None and size > limits.max_bytes:
        raise TooLargeError(f"the file has {size:,} bytes, more than the cap of {limits.max_bytes:,}")


async def _save(answer: aiohttp.ClientResponse, path: Path, limits: FetchLimits) -> Saved:
    saved = Saved(path)
    with path.open("wb") as stream:
        async for chunk in _bounded(answer, limits):
            if len(saved.head) < _SNIFFED:
                before = len(saved.head)
                saved.head += chunk[: _SNIFFED - before]
                if before < 16 <= len(saved.head):
                    _sniff(saved.head)  # a web page is left after its first bytes
            saved.size += len(chunk)
            saved.digest.update(chunk)
            stream.write(chunk)
    if not saved.size:
        raise UndecodableError("the file is empty")
    _sniff(saved.head)
    return saved


async def _bounded(answer: aiohttp.ClientResponse, limits: FetchLimits) -> AsyncIterator[bytes]:
    """The body in pieces, inflated where it is compressed, never more than the caps."""
    coding = answer.headers.get("Content-Encoding", "identity").strip().lower()
    if coding not in ("", "identity", "gzip", "x-gzip", "deflate"):
        raise UnsupportedError(f"the server sends it compressed ({coding[:20]}) although it was asked not to")
    inflate = None if coding in ("", "identity") else zlib.decompressobj(zlib.MAX_WBITS | 32)
    received = made = 0
    async for chunk in answer.content.iter_chunked(_CHUNK):
        received += len(chunk)
        if received > limits.max_bytes:
            raise TooLargeError(f"the file has more bytes than the cap of {limits.max_bytes:,}")
        while chunk:
            piece = chunk
            if inflate is not None:
                try:
                    piece = inflate.decompress(chunk, _CHUNK * 4)
                except zlib.error as e:
                    raise UndecodableError("what the server compressed is damaged") from e
            made += len(piece)
            if made > limits.max_inflated:
                raise TooLargeError(f"it unpacks to more than {limits.max_inflated:,} bytes")
            yield piece
            chunk = inflate.unconsumed_tail if inflate is not None else b""


def _sniff(head: bytes) -> None:
    """By its content, never by its name or by what the server says. Raises UnsupportedError."""
    foreign = describe_foreign(head)
    if foreign:
        raise UnsupportedError(f"this is {foreign}, not a photo")
    if not looks_like_image(head, ""):
        raise UnsupportedError("not an image that Moue reads")


def _told(error: Exception) -> DecodeError | _TryAgainError:
    """An error of the net in words."""
    for one in (error, error.__cause__, getattr(error, "os_error", None)):
        if isinstance(one, ForbiddenHostError):
            return UnavailableError(str(one))
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientSSLError):
        return UnavailableError("the server's certificate is not to be trusted")
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return UnavailableError("its host is not known")
    if isinstance(error, TimeoutError):
        return _TryAgainError("the server does not answer in time")
    if isinstance(error, aiohttp.ClientPayloadError | aiohttp.ServerDisconnectedError | ConnectionResetError):
        return _TryAgainError("the connection was cut")
    if isinstance(error, aiohttp.ClientConnectionError):
        return _TryAgainError("the server cannot be reached")
    if isinstance(error, aiohttp.ClientError):
        return UnavailableError("the server's answer is not HTTP that can be read")
    if isinstance(error, OSError) and error.errno is not None:
        return UnavailableError(f"it could not be saved: {error.strerror}")
    return UnavailableError("the connection failed")


def retry_after(told: str | None) -> float | None:
    """Seconds that a server asks to wait (RFC 9110, 10.2.3), None where it does not."""
    if not told:
        return None
    if told.strip().isdigit():
        return float(told)
    try:
        return max(0.0, parsedate_to_datetime(told).timestamp() - time.time())
    except (TypeError, ValueError, OverflowError):
        return None


def _referer(page_url: str) -> dict[str, str]:
    """The page's origin only: some servers want one, none needs to know more."""
    try:
        parts = urlsplit(page_url)
        if parts.scheme in ("http", "https") and parts.hostname and parts.hostname.isascii():
            return {"Referer": f"{parts.scheme}://{parts.hostname}/"}
    except ValueError:
        pass
    return {}


def _remove(path: Path) -> None:
    with suppress(FileNotFoundError):
        path.unlink()
