"""Google's images in one's own Chrome, in a window that one watches: scrolled and clicked at a person's pace.

Google answers no program any more, so the pages are read where they are shown. Results are found by how they stand
on the page (pictures of a thumbnail's size that can be clicked; then a larger picture from another host), never by
class names, which change every few weeks. Where Google asks for a person, the search waits for somebody's answer.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from pipeline.core.errors import EngineError
from pipeline.core.messages import message
from pipeline.core.records import Provenance
from pipeline.crawl.engines import window
from pipeline.crawl.engines.client import as_text, as_url, number
from pipeline.crawl.engines.query import EngineInfo, HttpOptions, Query
from pipeline.crawl.engines.window import Stopped, Window
from pipeline.fetch.candidate import ImageCandidate

LABEL: Final = "Google"
URL: Final = "https://www.google.com/search"
BATCH: Final = 10
_MOST: Final = 500
_SCROLLS: Final = 3
"""So often it is scrolled to the end without anything new before the search is at its end."""
_SIZES: Final = {"small": "isz:i", "medium": "isz:m", "large": "isz:l"}
_LICENCES: Final = {"cc": "il:cl", "commercial": "il:ol"}
_POLL_S: Final = 0.2


def filters(query: Query) -> dict[str, str]:
    """The parameters of Google's own address for what is filtered by."""
    kinds = [
        *(["itp:face"] if query.face_only else []),
        *(one for one in (_SIZES.get(query.size), _LICENCES.get(query.licence)) if one),
    ]
    safe = {"strict": "active", "off": "off"}.get(query.safe)
    return {**({"safe": safe} if safe else {}), **({"tbs": ",".join(kinds)} if kinds else {})}


def pages(query: Query, http: HttpOptions) -> Iterator[list[ImageCandidate]]:
    """Results by tens, as they are opened. Raises EngineError.

    The window lives in a thread of its own: its library may share none with other engines.
    """
    found: queue.Queue[list[ImageCandidate] | EngineError | None] = queue.Queue(maxsize=1)
    left = threading.Event()
    thread = threading.Thread(target=_search, args=(query, http, left, found), name="moue-browser", daemon=True)
    thread.start()
    try:
        while True:
            try:
                page = found.get(timeout=_POLL_S)
            except queue.Empty:
                if not thread.is_alive() and found.empty():
                    raise EngineError(
                        message("browser_failed", engine=LABEL, why=message("browser_thread_ended"))
                    ) from None
                continue
            if isinstance(page, EngineError):
                raise page
            if page is None:
                return
            yield page
    finally:
        left.set()
        thread.join()


def _search(query: Query, http: HttpOptions, left: threading.Event, found: queue.Queue[Any]) -> None:
    def give(what: object) -> None:
        while not (left.is_set() or http.stop.is_set()):
            try:
                return found.put(what, timeout=_POLL_S)
            except queue.Full:
                continue
        raise Stopped

    try:
        try:
            with window.opened(LABEL, http, left) as shown:
                for page in _results(shown, query):
                    give(page)
            give(None)
        except EngineError as e:
            give(e)
    except Stopped:
        if http.stop.is_set() and not left.is_set():
            found.queue.clear()
            found.put(EngineError(message("engine_left", engine=LABEL)))


def _results(shown: Window, query: Query) -> Iterator[list[ImageCandidate]]:
    shown.go_to(f"{URL}?{urlencode({'q': query.text, 'udm': '2', **filters(query)})}", _is_for_a_person)
    batch: list[ImageCandidate] = []
    opened, idle = 0, 0
    seen: set[str] = set()
    while opened < _MOST and idle < _SCROLLS:
        tile = shown.next_tile()
        if tile is None:
            if batch:
                yield batch
                batch = []
            idle += 1
            shown.scroll()
            continue
        idle = 0
        opened += 1
        one = _candidate(shown.open_tile(tile), query)
        if one is not None and one.url not in seen:
            seen.add(one.url)
            batch.append(one)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _is_for_a_person(url: str) -> bool:
    """Whether this is no page of results but one that only a person can answer: a consent, or a test for robots."""
    parts = urlsplit(url)
    return parts.path.startswith("/sorry") or (parts.hostname or "").startswith("consent.")


def _candidate(told: dict[str, Any] | None, query: Query) -> ImageCandidate | None:
    if told is None or not as_url(told.get("image")).startswith(("http://", "https://")):
        return None
    origin = Provenance(
        as_url(told["image"]), page_url=as_url(told.get("page")), title=as_text(told.get("title")), engine="google",
        query=query.text,
    )  # fmt: skip
    return ImageCandidate(origin, width=number(told.get("width")), height=number(told.get("height")))


INFO: Final = EngineInfo(
    "google", LABEL, pages, _MOST, frozenset({"safe", "face_only", "size", "licence"}), obstacle=window.obstacle
)
