"""Bing and DuckDuckGo through the package `ddgs`, which knows their pages; paged and watched by us.

Why not `ddgs.DDGS().images(max_results=…)`: the number does not reach Bing, and a refusal looks like an empty answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ddgs.engines.bing_images import BingImages
from ddgs.engines.duckduckgo_images import DuckduckgoImages
from ddgs.exceptions import DDGSException
from ddgs.http_client import HttpClient, Response
from ddgs.results import ImagesResult

from pipeline.core.errors import EngineError
from pipeline.core.messages import message
from pipeline.core.records import Provenance
from pipeline.crawl.engines.client import REDIRECTS, as_text, as_url, check_name, checked_redirect, number
from pipeline.crawl.engines.query import HttpOptions, Query
from pipeline.fetch.candidate import ImageCandidate
from pipeline.fetch.request import retry_after
from pipeline.fetch.session import check_proxy

_MOST: Final = 1000
_BUSY: Final = frozenset({429, 503})
_REFUSALS: Final = frozenset({202, 401, 403, 418, 429, 503})
_ROBOT: Final = ("captcha", "unusual traffic", "are you a robot", "challenge-platform", "verify you are human")
_BING_SIZES: Final = {"small": "small", "medium": "medium", "large": "large"}
_BING_LICENCES: Final = {"cc": "licenseType-Any", "commercial": "license-L2_L3_L4", "public": "license-L1"}
_DUCK_LICENCES: Final = {"cc": "any", "commercial": "ShareCommercially", "public": "Public"}


class _Client:
    """ddgs's client, and what its engines throw away: how the server answered last, and whether it asks for a rest."""

    def __init__(self, client: HttpClient, http: HttpOptions) -> None:
        self._client, self._http = client, http
        self.status = 0  # none came
        self.text = ""
        self.refused: EngineError | None = None
        client.client.follow_redirects = False  # it would follow to anywhere, this machine's own ports among it

    def request(self, *args: Any, **kwargs: Any) -> Response:
        """As the client's own, several times if need be. Raises DDGSException."""
        for attempt in range(self._http.retries + 1):
            self.status, self.text = 0, ""
            last = attempt == self._http.retries
            wait: float | None = None
            try:
                answer = self._followed(*args, **kwargs)
            except DDGSException:
                if last:
                    raise
            else:
                self.status, self.text = answer.status_code, answer.text
                if last or self.status not in _BUSY:
                    return answer
                wait = retry_after(_header(answer, "retry-after"))
                if wait is not None and wait > self._http.longest_wait_s:
                    return answer
            if self._http.stop.wait(1.0 * 2**attempt if wait is None else wait):
                raise DDGSException("the search was stopped")
        raise AssertionError("the last attempt returns or raises")

    def _followed(self, method: str, url: str, **kwargs: Any) -> Response:
        """The client's answer, through redirects that lead to public addresses. Raises DDGSException.

        The client looks each name up again by itself, so a name server that answers otherwise the second time is not
        noticed here (the fetcher of photos pins what it checked).
        """
        answer = self._client.request(method, url, **kwargs)
        redirects = 0
        while answer.status_code in REDIRECTS:
            redirects += 1
            try:
                url = checked_redirect("the engine", url, _header(answer, "location") or "", redirects)
                if not self._http.proxy:
                    check_name(url, self._http.timeout_s)
            except EngineError as e:
                self.status, self.refused = answer.status_code, e
                raise DDGSException(str(e)) from e
            answer = self._client.request("GET", url)
        return answer


def _header(answer: Response, name: str) -> str | None:
    headers: Mapping[str, str] = answer._resp.headers  # ddgs hands on no headers
    return next((value for key, value in headers.items() if key.lower() == name), None)


class _Bing(BingImages):
    asked = Query("")

    def extract_results(self, html_text: str) -> list[ImagesResult]:
        """One card whose size ddgs cannot read costs all sizes, not the page."""
        try:
            return super().extract_results(html_text)
        except (ValueError, IndexError):
            return super().extract_results(html_text.replace("img_info", ""))

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


class _Duck(DuckduckgoImages):
    _known: tuple[str, str] | None = None

    def _get_vqd(self, query: str) -> str:
        """Once a search, not once a page."""
        if self._known is None or self._known[0] != query:
            self._known = (query, super()._get_vqd(query))
        return self._known[1]


def bing(query: Query, http: HttpOptions) -> Iterator[list[ImageCandidate]]:
    """Bing's images, 35 a page. Raises EngineError."""
    engine = _Bing(**_client_options(http))
    engine.asked = query
    return _pages(engine, http, "Bing", "bing", query, {})


def duckduckgo(query: Query, http: HttpOptions) -> Iterator[list[ImageCandidate]]:
    """DuckDuckGo's images, 100 a page. Raises EngineError."""
    engine = _Duck(**_client_options(http))
    more = {"size": query.size.capitalize()} if query.size else {}
    if query.licence:
        more["license_image"] = _DUCK_LICENCES[query.licence]
    return _pages(engine, http, "DuckDuckGo", "duckduckgo", query, more)


def _client_options(http: HttpOptions) -> dict[str, Any]:
    proxy = check_proxy(http.proxy).replace("socks5://", "socks5h://")  # names are looked up by the proxy here, too
    return {"proxy": proxy or None, "timeout": max(1, int(http.timeout_s)), "verify": str(http.ca) if http.ca else True}


def _pages(
    engine: Any, http: HttpOptions, label: str, name: str, query: Query, more: dict[str, str]
) -> Iterator[list[ImageCandidate]]:  # fmt: skip
    """Until a page brings nothing new: past its end an engine may repeat the last page for ever."""
    client = engine.http_client = _Client(engine.http_client, http)
    seen: set[str] = set()
    page = 0
    safe = {"strict": "on"}.get(query.safe, query.safe)
    while len(seen) < _MOST:
        page += 1
        try:
            results: Sequence[ImagesResult] = engine.search(query.text, safesearch=safe, page=page, **more) or ()
        except Exception as e:  # lxml, json and the engine's own code meet a page that is none of results
            raise _refused(client, label, e) from e
        if not results:
            if client.status != 200 or _is_robot_check(client.text):
                raise _refused(client, label, None)
            return
        found = [one for one in (_candidate(result, name, query) for result in results) if one is not None]
        fresh = [one for one in found if one.url not in seen]
        seen.update(one.url for one in fresh)
        if not fresh:
            return
        yield fresh


def _is_robot_check(text: str) -> bool:
    text = text.lower()
    return any(word in text for word in _ROBOT)


def _refused(client: _Client, label: str, error: Exception | None) -> EngineError:
    """In words for a person: not reached, refused, failing, or changed."""
    if client.refused is not None:
        return EngineError(str(client.refused).replace("the engine", label))
    if not client.status:
        return EngineError(message("engine_unreachable", engine=label))
    without_token = client.status == 200 and "vqd" in str(error)
    if client.status in _REFUSALS or _is_robot_check(client.text) or without_token:
        return EngineError(message("engine_blocks", engine=label), blocked=True)
    if client.status != 200:
        return EngineError(message("engine_answers_status", engine=label, status=client.status))
    return EngineError(message("engine_form_unknown_to_ddgs", engine=label))


def _candidate(result: ImagesResult, name: str, query: Query) -> ImageCandidate | None:
    url = as_url(result.image)
    if not url:
        return None
    provenance = Provenance(
        url,
        page_url=as_url(result.url),
        title=as_text(result.title),
        engine=name,
        query=query.text,
    )
    return ImageCandidate(
        provenance,
        thumbnail_url=as_url(result.thumbnail),
        width=number(result.width),
        height=number(result.height),
    )
