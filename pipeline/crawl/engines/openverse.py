"""Openverse: openly licensed images of many museums and Flickr, with author and licence (api.openverse.org)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from pipeline.core.errors import EngineError
from pipeline.core.messages import message
from pipeline.core.records import Provenance
from pipeline.crawl.engines.client import as_text, as_url, fields, get_json, number, rows
from pipeline.crawl.engines.query import EngineInfo, HttpOptions, Query
from pipeline.fetch.candidate import ImageCandidate

URL: Final = "https://api.openverse.org/v1/images/"
LABEL: Final = "Openverse"
PAGE: Final = 20  # the most that somebody without a key may ask for
_MOST: Final = 240  # and how deep they may go
_LICENCES: Final = {"": "", "cc": "all-cc", "commercial": "commercial", "public": ""}


def pages(query: Query, http: HttpOptions) -> Iterator[list[ImageCandidate]]:
    """Page by page. Raises EngineError."""
    for page in range(1, _MOST // PAGE + 1):
        answer = get_json(LABEL, URL, _params(query, page), http, {})
        answer = fields(answer)
        if not isinstance(answer.get("results"), list):
            raise EngineError(message("engine_form_unknown", engine=LABEL))
        found = [one for one in (_candidate(row, query) for row in rows(answer["results"])) if one is not None]
        if found:
            yield found
        if not answer["results"] or page >= number(answer.get("page_count")):
            return


def _params(query: Query, page: int) -> dict[str, str]:
    params = {"q": query.text, "page": str(page), "page_size": str(PAGE)}
    params["mature"] = "true" if query.safe == "off" else "false"
    if query.size:
        params["size"] = query.size
    if query.licence == "public":
        params["license"] = "cc0,pdm"
    elif query.licence:
        params["license_type"] = _LICENCES[query.licence]
    return params


def _candidate(one: dict[str, Any], query: Query) -> ImageCandidate | None:
    url = as_url(one.get("url"))
    if not url:
        return None
    code, version = as_text(one.get("license")), as_text(one.get("license_version"))
    name = {"cc0": "CC0", "pdm": "Public Domain Mark"}.get(code, f"CC {code.upper()}" if code else "")
    provenance = Provenance(
        url,
        page_url=as_url(one.get("foreign_landing_url")),
        title=as_text(one.get("title")),
        author=as_text(one.get("creator")),
        licence=f"{name} {version}".strip(),
        licence_url=as_url(one.get("license_url")),
        engine="openverse",
        query=query.text,
    )
    return ImageCandidate(
        provenance,
        thumbnail_url=as_url(one.get("thumbnail")),
        width=number(one.get("width")),
        height=number(one.get("height")),
    )


INFO: Final = EngineInfo(
    "openverse", LABEL, pages, _MOST, frozenset({"safe", "size", "licence"}), licensed=True
)  # fmt: skip
