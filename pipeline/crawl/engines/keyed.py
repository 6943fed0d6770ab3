"""Engines that are asked with a key of one's own: Google's images through SerpApi or Serper, and Brave's index.

Modelled on their public documentation (serpapi.com/google-images-api, serper.dev, api-dashboard.search.brave.com). A
key comes from the environment alone and goes to its service alone: it is in no job, no log and no error.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode

from pipeline.core.errors import EngineError, UsageError
from pipeline.core.messages import Message, message
from pipeline.core.records import Provenance
from pipeline.crawl.engines import google
from pipeline.crawl.engines.client import JsonRequest, as_text, as_url, ask_json, fields, number, rows
from pipeline.crawl.engines.query import EngineInfo, HttpOptions, Query
from pipeline.fetch.candidate import ImageCandidate

SERPAPI_URL: Final = "https://serpapi.com/search.json"
SERPER_URL: Final = "https://google.serper.dev/images"
BRAVE_URL: Final = "https://api.search.brave.com/res/v1/images/search"
PAGE: Final = 100
BRAVE_MOST: Final = 200
_MOST: Final = 1000


@dataclass(frozen=True, slots=True)
class _Service:
    """request: of one page, from 0. found: where the results stand in its answer. candidate: of one result."""

    name: str
    label: str
    variable: str
    request: Callable[[Query, int, str], JsonRequest]
    found: str
    candidate: Callable[[dict[str, Any], str, str], ImageCandidate | None]
    pages: int
    filters: frozenset[str]

    def info(self) -> EngineInfo:
        most = BRAVE_MOST if self.pages == 1 else _MOST
        return EngineInfo(
            self.name, self.label, partial(_pages, self), most, self.filters, obstacle=partial(_obstacle, self)
        )


def _obstacle(service: _Service) -> Message | None:
    try:
        _key(service)
    except UsageError as e:
        return e.message
    return None


def _key(service: _Service) -> str:
    """Raises UsageError where the environment has none, or what cannot be one; its text is never told."""
    key = os.environ.get(service.variable, "").strip()
    if not key:
        raise UsageError(message("engine_needs_key", engine=service.label, variable=service.variable))
    if not key.isascii() or not key.isprintable() or " " in key:
        raise UsageError(message("engine_key_malformed", engine=service.label, variable=service.variable))
    return key


def _pages(service: _Service, query: Query, http: HttpOptions) -> Iterator[list[ImageCandidate]]:
    """One request a page, until one is empty. Raises EngineError, UsageError."""
    for page in range(service.pages):
        answer = fields(ask_json(service.label, service.request(query, page, _key(service)), http))
        found = answer.get(service.found)
        if not isinstance(found, list):
            if _found_nothing(answer):
                return
            raise EngineError(message("engine_form_unknown", engine=service.label))
        given = [one for row in rows(found) if (one := service.candidate(row, service.name, query.text)) is not None]
        if given:
            yield given
        if not found:
            return


def _found_nothing(answer: Mapping[str, Any]) -> bool:
    """SerpApi says so by an error of its own, with a 200; Serper and Brave may leave the list out."""
    return "any results" in as_text(answer.get("error")) or ("error" not in answer and "message" not in answer)


def _refusals(label: str, variable: str, more: Mapping[int, str]) -> dict[int, Message]:
    codes = {401: "engine_key_refused", 403: "engine_key_refused", 402: "engine_key_unpaid", 429: "engine_key_used_up"}
    return {status: message(code, engine=label, variable=variable) for status, code in {**codes, **more}.items()}


def _serpapi(query: Query, page: int, key: str) -> JsonRequest:
    params = {"engine": "google_images", "q": query.text, "ijn": str(page), **google.filters(query), "api_key": key}
    refusals = _refusals(SERPAPI.label, SERPAPI.variable, {})
    return JsonRequest(f"{SERPAPI_URL}?{urlencode(params)}", refusals=refusals, secret=True)


def _serper(query: Query, page: int, key: str) -> JsonRequest:
    asked = {"q": query.text, "num": PAGE, "page": page + 1, **google.filters(query)}
    headers = {"X-API-KEY": key, "Content-Type": "application/json"}
    refusals = _refusals(SERPER.label, SERPER.variable, {400: "engine_key_used_up"})  # "Not enough credits"
    return JsonRequest(SERPER_URL, headers, json.dumps(asked).encode(), refusals, secret=True)


def _brave(query: Query, page: int, key: str) -> JsonRequest:
    safe = "off" if query.safe == "off" else "strict"  # there is no moderate one for images
    params = {"q": query.text, "count": str(BRAVE_MOST), "safesearch": safe, "spellcheck": "0"}
    refusals = _refusals(BRAVE.label, BRAVE.variable, {422: "engine_key_refused"})
    return JsonRequest(f"{BRAVE_URL}?{urlencode(params)}", {"X-Subscription-Token": key}, None, refusals, secret=True)


def _serpapi_candidate(row: dict[str, Any], engine: str, query: str) -> ImageCandidate | None:
    size = (row.get("original_width"), row.get("original_height"))
    return _candidate(row.get("original"), row.get("link"), row.get("title"), row.get("thumbnail"), size, engine, query)


def _serper_candidate(row: dict[str, Any], engine: str, query: str) -> ImageCandidate | None:
    size = (row.get("imageWidth"), row.get("imageHeight"))
    return _candidate(
        row.get("imageUrl"), row.get("link"), row.get("title"), row.get("thumbnailUrl"), size, engine, query
    )


def _brave_candidate(row: dict[str, Any], engine: str, query: str) -> ImageCandidate | None:
    image, small = fields(row.get("properties")), fields(row.get("thumbnail"))
    size = (image.get("width"), image.get("height"))
    return _candidate(image.get("url"), row.get("url"), row.get("title"), small.get("src"), size, engine, query)


def _candidate(
    url: object, page: object, title: object, small: object, size: tuple[object, object], engine: str, query: str
) -> ImageCandidate | None:
    if not as_url(url).startswith("http"):
        return None
    told = Provenance(as_url(url), page_url=as_url(page), title=as_text(title), engine=engine, query=query)
    return ImageCandidate(told, thumbnail_url=as_url(small), width=number(size[0]), height=number(size[1]))


_GOOGLE: Final = frozenset({"safe", "face_only", "size", "licence"})
SERPAPI: Final = _Service(
    "serpapi", "Google (SerpApi)", "SERPAPI_KEY", _serpapi, "images_results", _serpapi_candidate, _MOST // PAGE, _GOOGLE
)
SERPER: Final = _Service(
    "serper", "Google (Serper)", "SERPER_KEY", _serper, "images", _serper_candidate, _MOST // PAGE, _GOOGLE
)
BRAVE: Final = _Service(
    "brave", "Brave", "BRAVE_KEY", _brave, "results", _brave_candidate, 1, frozenset({"safe"})
)  # fmt: skip
INFOS: Final = tuple(one.info() for one in (SERPAPI, SERPER, BRAVE))
