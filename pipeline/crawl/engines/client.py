"""JSON from an engine, politely: a contact in the User-Agent, Retry-After obeyed, no cookies."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode, urljoin

import aiohttp
from yarl import URL

from pipeline.core.errors import EngineError, UnavailableError
from pipeline.core.messages import Message, message
from pipeline.crawl.engines.query import HttpOptions
from pipeline.fetch import addresses
from pipeline.fetch.addresses import LONGEST_URL
from pipeline.fetch.request import retry_after
from pipeline.fetch.session import NET_ERRORS, CheckedResolver, open_session
from pipeline.files.charset.halves import without_halves

MOST_BYTES: Final = 16 * 1024 * 1024
MOST_REDIRECTS: Final = 5
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_POLL_S: Final = 0.2
_BLOCKED: Final = frozenset({401, 403, 418, 451})
_BUSY: Final = frozenset({429, 503})
_BUSY_WORDS: Final = frozenset({"maxlag", "ratelimited"})  # MediaWiki says so with a 200


@dataclass(frozen=True, slots=True)
class JsonRequest:
    """One request for JSON. headers: for the engine alone. body: sent by POST where it is there.

    refusals: what an answer of such a status means here; any other is judged as from an engine without a key.
    secret: whether a key goes with it. Then no redirect is followed, and no error has a cause: the causes' texts hold
    the address, and so perhaps the key.
    """

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)
    refusals: Mapping[int, Message] = field(default_factory=dict)
    secret: bool = False


def get_json(label: str, url: str, params: Mapping[str, str], http: HttpOptions, headers: Mapping[str, str]) -> Any:
    """The answer to a GET, decoded. Raises as `ask_json`."""
    return ask_json(label, JsonRequest(f"{url}?{urlencode(params)}", headers), http)


def ask_json(label: str, request: JsonRequest, http: HttpOptions) -> Any:
    """The answer, decoded. Raises EngineError naming `label`: no answer, blocked, not JSON, or `http.stop` was set."""
    return asyncio.run(_unless_stopped(label, _ask(label, request, http), http))


async def _unless_stopped(label: str, asking: Coroutine[Any, Any, Any], http: HttpOptions) -> Any:
    """Drops a request on its way, and the wait before the next one, once `http.stop` is set."""
    task = asyncio.create_task(asking)
    while not task.done():
        if http.stop.is_set():
            task.cancel()
            await asyncio.wait({task})
            raise EngineError(message("engine_left", engine=label))
        await asyncio.wait({task}, timeout=_POLL_S)
    return task.result()


async def _ask(label: str, request: JsonRequest, http: HttpOptions) -> Any:
    url = request.url
    session = open_session(
        proxy=http.proxy, ca=http.ca, allow=(), parallel=2, connect_s=http.timeout_s, agent=http.agent
    )
    async with session:
        redirects = 0
        attempt = 0
        while attempt <= http.retries:
            lost: Exception | None = None
            wait: float | None = None
            refusal: Message | None = None
            more = request.headers if redirects == 0 else {}  # for the engine, not for where it sends
            asked = session.request(
                "GET" if request.body is None else "POST", URL(url, encoded=True), data=request.body,
                headers={"Accept": "application/json", **more}, allow_redirects=False,
            )  # fmt: skip
            try:
                async with asyncio.timeout(http.timeout_s), asked as answer:
                    if answer.status in REDIRECTS and not request.secret:
                        redirects += 1
                        url = checked_redirect(label, url, answer.headers.get("Location", ""), redirects)
                        continue
                    if not _is_busy(answer):
                        return await _read(label, answer, request.refusals)
                    wait, refusal = retry_after(answer.headers.get("Retry-After")), request.refusals.get(answer.status)
            except NET_ERRORS as e:
                lost = e
            wait = 1.0 * 2**attempt if wait is None else wait
            if attempt == http.retries or wait > http.longest_wait_s:
                if lost is not None:
                    cause = None if request.secret else lost
                    raise EngineError(message("engine_unreachable", engine=label)) from cause
                raise EngineError(refusal or message("engine_asks_for_rest", engine=label), blocked=True)
            await asyncio.sleep(wait)
            attempt += 1
    raise AssertionError("the last attempt returns or raises")


def checked_redirect(label: str, url: str, location: str, redirects: int) -> str:
    """Where an engine sends, by the same rules as any URL of a stranger. Raises EngineError.

    location: the header as it came, relative to `url`. redirects: so many so far, this one included.
    """
    if redirects > MOST_REDIRECTS or not location:
        raise EngineError(message("engine_redirects", engine=label))
    try:
        return addresses.parse(urljoin(url, location)).url
    except (UnavailableError, ValueError) as e:
        why = e if isinstance(e, UnavailableError) else message("host_unreadable")
        raise EngineError(message("engine_redirect_refused", engine=label, why=why)) from e


def check_name(url: str, seconds: float) -> None:
    """Raises EngineError where the URL's host is a name that leads to an address that is not public, or nowhere."""
    target = addresses.parse(url)
    if target.literal is None:
        try:
            asyncio.run(CheckedResolver((), seconds).resolve(target.host, target.port))
        except OSError as e:
            raise EngineError(message("engine_host_refused", host=target.host, why=_lookup_problem(e))) from e


def _lookup_problem(error: OSError) -> OSError | Message:
    """The system's own answer (`[Errno -2] Name or service not known`) in words of ours."""
    if not isinstance(error, socket.gaierror) or any(isinstance(one, Message) for one in error.args):
        return error
    return message("host_lookup_failed" if error.errno == socket.EAI_AGAIN else "host_unknown")


def _is_busy(answer: aiohttp.ClientResponse) -> bool:
    return answer.status in _BUSY or answer.headers.get("MediaWiki-API-Error") in _BUSY_WORDS


async def _read(label: str, answer: aiohttp.ClientResponse, refusals: Mapping[int, Message]) -> Any:
    if answer.status in refusals:
        raise EngineError(refusals[answer.status], blocked=True)
    if answer.status in _BLOCKED:
        raise EngineError(message("engine_blocks_status", engine=label, status=answer.status), blocked=True)
    if answer.status != 200:
        raise EngineError(message("engine_answers_status", engine=label, status=answer.status))
    data = bytearray()
    async for chunk in answer.content.iter_chunked(65536):
        data += chunk
        if len(data) > MOST_BYTES:
            raise EngineError(message("engine_answers_too_much", engine=label, most=MOST_BYTES))
    return decoded(label, bytes(data))


def decoded(label: str, data: bytes) -> Any:
    """JSON, also with the `\\'` that no JSON has and Baidu writes. Raises EngineError."""
    text = data.decode("utf-8", "replace")
    for one in (text, text.replace("\\'", "'")):
        try:
            return json.loads(one, strict=False)
        except (ValueError, RecursionError):
            continue
    blocked = "captcha" in text.lower() or text.lstrip()[:1] == "<"
    said = message("engine_answers_page" if blocked else "engine_answers_no_json", engine=label)
    raise EngineError(said, blocked=blocked)


def as_text(value: object) -> str:
    """A stranger's field as text on one line; "" for what is none."""
    return " ".join(without_halves(value).split())[:1000] if isinstance(value, str) else ""


def as_url(value: object) -> str:
    """A stranger's field as an address; "" for what is none or too long, for half of one leads elsewhere."""
    text = without_halves(value).strip() if isinstance(value, str) else ""
    return text if len(text) <= LONGEST_URL else ""


def fields(value: object) -> dict[str, Any]:
    """A stranger's object; an empty one for what is none."""
    return value if isinstance(value, dict) else {}


def rows(value: object) -> list[dict[str, Any]]:
    """The objects in a stranger's list; none for what is no list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def number(value: object) -> int:
    """A stranger's field as pixels; 0 for what is none."""
    try:
        return max(0, int(str(value)))
    except ValueError:
        return 0
