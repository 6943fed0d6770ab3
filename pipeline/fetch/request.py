"""One address to one file, or to words that say why not: redirects, retries, what the net's errors mean."""

from __future__ import annotations

import asyncio
import re
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp_socks import ProxyConnectionError, ProxyError, ProxyTimeoutError
from yarl import URL

from pipeline.core.errors import DecodeError, MoueError, UnavailableError
from pipeline.core.messages import Message, message
from pipeline.fetch import addresses
from pipeline.fetch.addresses import Network, Target
from pipeline.fetch.body import Caps, Saved, refuse_by_head, save
from pipeline.fetch.session import NET_ERRORS, ForbiddenHostError

_AGENT: Final = "Moue/0.1 (collects photos for mouth-expression data sets; contact: {who})"
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_RETRY_STATUS: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_ORIGIN: Final = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?", re.IGNORECASE)


def agent_of(contact: str) -> str:
    """The User-Agent, with somebody to write to: an address or a page, "" where nobody is named.

    Why: engines and archives ask for one, and block machines without it first.
    """
    return _AGENT.format(who=" ".join(contact.split()).encode("ascii", "replace").decode() or "not given")


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """What a fetch may take. Times in seconds, sizes in bytes.

    max_inflated: of a compressed body. total_s: one image with its redirects, waits and retries. per_host: requests at
    once to one host. longest_wait_s: a server that asks for a longer one (Retry-After) is given up. proxy, ca, allow:
    see `session.open_session`. obey_noai: leave what its owner keeps from AI (`X-Robots-Tag: noai`).
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
    agent: str = agent_of("")


class _RetryError(Exception):
    """It may work in a moment. wait_s: as the server asks, else None. host: which wants a rest as a whole, or ""."""

    def __init__(self, message: Message, wait_s: float | None = None, host: str = "") -> None:
        super().__init__(message)
        self.message, self.wait_s, self.host = message, wait_s, host


class HostBackoff:
    """Which hosts have asked to be left alone, and until when: 429 is about the host, not about one file."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}

    def back_off(self, host: str, seconds: float) -> None:
        self._until[host] = max(self._until.get(host, 0.0), time.monotonic() + seconds)

    def remaining(self, host: str) -> float:
        """Seconds for which the host is not to be asked."""
        seconds = self._until.get(host, 0.0) - time.monotonic()
        if seconds <= 0:
            self._until.pop(host, None)
        return max(0.0, seconds)


async def fetch_one(
    session: aiohttp.ClientSession, url: str, page_url: str, path: Path, limits: FetchLimits, backoff: HostBackoff
) -> tuple[Saved, str]:
    """Fetch `url` into the file `path`; also the address where it was in the end.

    Raises DecodeError's children, whose words are the outcome's reason, and StorageError where the disk refuses;
    nothing stays at `path` then.
    """
    try:
        async with asyncio.timeout(limits.total_s):
            return await _with_retries(session, url, page_url, path, limits, backoff)
    except TimeoutError as e:
        _remove(path)
        raise UnavailableError(message("server_too_slow", n=limits.total_s)) from e
    except MoueError:
        _remove(path)
        raise
    except Exception as e:  # a stranger's bytes find what a library forgot; the others must go on
        _remove(path)
        raise UnavailableError(message("fetch_failed", why=type(e).__name__)) from e
    except BaseException:
        _remove(path)
        raise


async def _with_retries(
    session: aiohttp.ClientSession, url: str, page_url: str, path: Path, limits: FetchLimits, backoff: HostBackoff
) -> tuple[Saved, str]:
    for attempt in range(limits.retries + 1):
        try:
            return await _follow(session, url, page_url, path, limits)
        except _RetryError as e:
            wait = 0.5 * 2**attempt if e.wait_s is None else e.wait_s
            if e.host and wait <= limits.longest_wait_s:
                backoff.back_off(e.host, wait)
            if attempt == limits.retries or wait > limits.longest_wait_s:
                raise UnavailableError(e.message) from e
            await asyncio.sleep(wait)
    raise AssertionError("the last attempt returns or raises")


async def _follow(
    session: aiohttp.ClientSession, url: str, page_url: str, path: Path, limits: FetchLimits
) -> tuple[Saved, str]:
    """Through redirects, each checked as if it were the first address."""
    headers = _referer(page_url)
    caps = Caps(limits.max_bytes, limits.max_inflated)
    for _ in range(limits.redirects + 1):
        target = addresses.parse(url, limits.allow)
        try:
            async with session.get(URL(target.url, encoded=True), headers=headers, allow_redirects=False) as answer:
                if answer.status in _REDIRECTS:
                    url = _redirect_url(target, answer)
                    continue
                _accept(target, answer)
                refuse_by_head(answer, caps, obey_noai=limits.obey_noai)
                return await save(answer, path, caps), target.url
        except NET_ERRORS as e:
            raise _described(e) from e
    raise UnavailableError(message("too_many_redirects", n=limits.redirects))


def _redirect_url(target: Target, answer: aiohttp.ClientResponse) -> str:
    location = answer.headers.get("Location", "")
    if not location:
        raise UnavailableError(message("redirect_nowhere", status=answer.status))
    try:
        return urljoin(target.url, location)
    except ValueError as e:
        raise UnavailableError(message("redirect_unreadable")) from e


def _accept(target: Target, answer: aiohttp.ClientResponse) -> None:
    """Refuse by status."""
    if answer.status in _RETRY_STATUS:
        wait = retry_after(answer.headers.get("Retry-After"))
        raise _RetryError(
            message("server_answers", status=answer.status), wait, target.host if answer.status == 429 else ""
        )
    if answer.status != 200:
        raise UnavailableError(message("server_answers", status=answer.status))


_DESCRIPTIONS: Final[tuple[tuple[type[Exception], Message, bool], ...]] = (
    (aiohttp.ClientProxyConnectionError, message("proxy_unreachable"), True),
    (ProxyConnectionError, message("proxy_unreachable"), True),
    (ProxyTimeoutError, message("proxy_unreachable"), True),
    (ProxyError, message("proxy_in_the_way"), False),
    (aiohttp.ClientConnectorCertificateError, message("certificate_untrusted"), False),
    (aiohttp.ClientSSLError, message("tls_untrusted"), False),
    (aiohttp.ClientConnectorDNSError, message("host_unknown"), False),
    (TimeoutError, message("server_silent"), True),
    (aiohttp.ClientPayloadError, message("connection_cut"), True),
    (aiohttp.ServerDisconnectedError, message("connection_cut"), True),
    (ConnectionResetError, message("connection_cut"), True),
    (aiohttp.ClientConnectionError, message("server_unreachable"), True),
    (aiohttp.ClientError, message("not_http"), False),
)
"""The net's errors, the special ones before those that they are kinds of; True: it may work in a moment."""


def _described(error: Exception) -> DecodeError | _RetryError:
    """An error of the net in words."""
    cause = getattr(error, "os_error", None)
    for one in (error, error.__cause__, cause):
        if isinstance(one, ForbiddenHostError):
            return UnavailableError(one.message)
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return UnavailableError(message("proxy_answers", status=error.status))
    if isinstance(error, aiohttp.ClientConnectorDNSError) and getattr(cause, "errno", None) == socket.EAI_AGAIN:
        return _RetryError(message("host_lookup_failed"))
    found = ((reason, soon) for kind, reason, soon in _DESCRIPTIONS if isinstance(error, kind))
    reason, soon = next(found, (message("connection_failed"), True))
    return _RetryError(reason) if soon else UnavailableError(reason)


def retry_after(header: str | None) -> float | None:
    """Seconds that a server asks to wait (RFC 9110, 10.2.3), None where it does not."""
    if not header:
        return None
    if re.fullmatch(r"[0-9]{1,9}", header.strip(), re.ASCII):
        return float(header)
    try:
        return max(0.0, parsedate_to_datetime(header).timestamp() - time.time())
    except (TypeError, ValueError, OverflowError):
        return None


def _referer(page_url: str) -> dict[str, str]:
    """The page's origin only: some servers want one, none needs to know more."""
    try:
        parts = urlsplit(page_url)
    except ValueError:
        return {}
    origin = f"{parts.scheme}://{parts.netloc}"
    return {"Referer": f"{origin}/"} if _ORIGIN.fullmatch(origin) else {}


def _remove(path: Path) -> None:
    with suppress(FileNotFoundError):
        path.unlink()
