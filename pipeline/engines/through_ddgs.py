"""Bing and DuckDuckGo through the package `ddgs`, which knows their pages; paged and watched by us.

Why not `ddgs.DDGS().images(max_results=…)`: the number does not reach Bing, and a refusal looks like an empty answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from ddgs.engines.bing_images import BingImages
from ddgs.engines.duckduckgo_images import DuckduckgoImages
from ddgs.exceptions import DDGSException
from ddgs.results import ImagesResult

from pipeline.engines.client import number, told
from pipeline.engines.query import Query, Way
from pipeline.errors import EngineError
from pipeline.wanted import Wanted

_MOST: Final = 1000
_REFUSALS: Final = frozenset({202, 401, 403, 418, 429, 503})
_ROBOT: Final = ("captcha", "unusual traffic", "are you a robot", "challenge-platform", "verify you are human")
_BING_SIZES: Final = {"small": "small", "medium": "medium", "large": "large"}
_BING_LICENCES: Final = {"cc": "licenseType-Any", "commercial": "license-L2_L3_L5_L6", "public": "licenseType-Public"}
_DUCK_LICENCES: Final = {"cc": "any", "commercial": "ShareCommercially", "public": "Public"}


class _Watched:
    """What a ddgs engine throws away: how the server answered last."""

    http_client: Any
    status = 0
    text = ""

    def request(self, *args: Any, **kwargs: Any) -> str | None:
        """As the engine's own; the answer is kept."""
        answer = self.http_client.request(*args, **kwargs)
        self.status, self.text = answer.status_code, answer.text
        return answer.text if answer.status_code == 200 else None


class _Bing(_Watched, BingImages):
    asked = Query("")

    def build_payload(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """ddgs has no filters for Bing: these are the ones of its own page."""
        payload = super().build_payload(*args, **kwargs)
        filters = [f"imagesize-{_BING_SIZES[self.asked.size]}"] if self.asked.size else []
        filters += ["face-face"] if self.asked.face_only else []
        filters += [_BING_LICENCES[self.asked.licence]] if self.asked.licence else []
        payload["adlt"] = self.asked.safe
        if filters:
            payload["qft"] = "".join(f"+filterui:{one}" for one in filters)
        return payload


class _Duck(_Watched, DuckduckgoImages):
    _known: tuple[str, str] | None = None

    def _get_vqd(self, query: str) -> str:
        """Once a search, not once a page."""
        if self._known is None or self._known[0] != query:
            self._known = (query, super()._get_vqd(query))
        return self._known[1]


def bing(query: Query, way: Way) -> Iterator[list[Wanted]]:
    """Bing's images, 35 a page. Raises EngineError."""
    engine = _Bing(proxy=way.proxy or None, timeout=int(way.timeout_s), verify=str(way.ca) if way.ca else True)
    engine.asked = query
    return _pages(engine, "Bing", "bing", query, {})


def duckduckgo(query: Query, way: Way) -> Iterator[list[Wanted]]:
    """DuckDuckGo's images, 100 a page. Raises EngineError."""
    engine = _Duck(proxy=way.proxy or None, timeout=int(way.timeout_s), verify=str(way.ca) if way.ca else True)
    more = {"size": query.size.capitalize()} if query.size else {}
    if query.licence:
        more["license_image"] = _DUCK_LICENCES[query.licence]
    return _pages(engine, "DuckDuckGo", "duckduckgo", query, more)


def _pages(engine: Any, label: str, name: str, query: Query, more: dict[str, str]) -> Iterator[list[Wanted]]:
    """Until a page brings nothing new: past its end an engine may repeat the last page for ever."""
    seen: set[str] = set()
    page = 0
    safe = {"strict": "on"}.get(query.safe, query.safe)
    while len(seen) < _MOST:
        page += 1
        try:
            results: Sequence[ImagesResult] = engine.search(query.text, safesearch=safe, page=page, **more) or ()
        except DDGSException as e:
            raise _refused(engine, label, e) from e
        except Exception as e:  # lxml, json and the engine's own code meet a page that is none of results
            raise _refused(engine, label, e) from e
        if not results:
            _check(engine, label)
            return
        found = [one for one in (_wanted(result, name, query) for result in results) if one is not None]
        fresh = [one for one in found if one.url not in seen]
        seen.update(one.url for one in fresh)
        if not fresh:
            return
        yield fresh


def _check(engine: Any, label: str) -> None:
    """Nothing came: is it the end, or a refusal?"""
    if engine.status != 200 or any(word in engine.text.lower() for word in _ROBOT):
        raise _refused(engine, label, None)


def _refused(engine: Any, label: str, error: Exception | None) -> EngineError:
    text = engine.text.lower()
    if engine.status in _REFUSALS or any(word in text for word in _ROBOT) or "vqd" in str(error):
        words = f"{label} blocks this machine for now: try later, through a proxy, or with another engine"
        return EngineError(words, blocked=True)
    if engine.status in (0, 200) and error is not None and not text:
        return EngineError(f"{label} cannot be reached: check the network or the proxy")
    if engine.status not in (0, 200):
        return EngineError(f"{label} answers {engine.status}: try again later, or another engine")
    return EngineError(f"{label} answers in a form that ddgs does not know: upgrade ddgs, or try another engine")


def _wanted(result: ImagesResult, name: str, query: Query) -> Wanted | None:
    url = told(result.image)
    if not url:
        return None
    return Wanted(
        url,
        page_url=told(result.url),
        title=told(result.title),
        engine=name,
        query=query.text,
        thumbnail_url=told(result.thumbnail),
        width=number(result.width),
        height=number(result.height),
    )
