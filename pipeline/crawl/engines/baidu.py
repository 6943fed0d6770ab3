"""Baidu's image search, by the JSON that its own page reads (image.baidu.com/search/acjson)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from pipeline.core.errors import EngineError
from pipeline.core.messages import message
from pipeline.core.records import Provenance
from pipeline.crawl.engines.client import as_text, as_url, get_json, number, rows
from pipeline.crawl.engines.query import EngineInfo, HttpOptions, Query
from pipeline.fetch.candidate import ImageCandidate

URL: Final = "https://image.baidu.com/search/acjson"
LABEL: Final = "Baidu"
PAGE: Final = 30
_MOST: Final = 1000
_HEADERS: Final = {
    "Referer": "https://image.baidu.com/search/index?tn=baiduimage",
    "X-Requested-With": "XMLHttpRequest",
    "Accept-Language": "zh-CN,zh;q=0.9",
}
_SIZES: Final = {"": "", "small": "1", "medium": "2", "large": "3"}
# Baidu's own disguise of an address: three signs by name, the other letters and digits by a table.
_SIGNS: Final = {"_z2C$q": ":", "_z&e3B": ".", "AzdH3F": "/"}
_SIGN: Final = re.compile("|".join([*map(re.escape, _SIGNS), "."]))
_DISGUISED: Final = str.maketrans("wkv1ju2it3hs4g5rq6fp7eo8dn9cm0bla", "abcdefghijklmnopqrstuvw1234567890")


def pages(query: Query, http: HttpOptions) -> Iterator[list[ImageCandidate]]:
    """Page by page. Raises EngineError."""
    for first in range(0, _MOST, PAGE):
        answer = get_json(LABEL, URL, _params(query, first), http, _HEADERS)
        if not isinstance(answer, dict):
            raise EngineError(message("engine_form_unknown", engine=LABEL))
        if answer.get("antiFlag") or "forbid" in as_text(answer.get("message")).lower():
            raise EngineError(message("engine_thinks_robot", engine=LABEL), blocked=True)
        cards = [one for one in rows(answer.get("data")) if one]  # the last one is empty
        found = [one for one in (_candidate(card, query) for card in cards) if one is not None]
        if found:
            yield found
        if not cards or first + PAGE >= (number(answer.get("listNum")) or _MOST):
            return


def _params(query: Query, first: int) -> dict[str, str]:
    return {
        "tn": "resultjson_com", "ipn": "rj", "ct": "201326592", "fp": "result", "cl": "2", "lm": "-1", "nc": "1",
        "ie": "utf-8", "oe": "utf-8", "word": query.text, "queryWord": query.text, "pn": str(first), "rn": str(PAGE),
        "z": _SIZES[query.size], "face": "1" if query.face_only else "0",
    }  # fmt: skip


def _candidate(one: dict[str, Any], query: Query) -> ImageCandidate | None:
    first = next(iter(rows(one.get("replaceUrl"))), {})
    urls = (first.get("ObjURL"), _plain(as_url(one.get("objURL"))), one.get("middleURL"), one.get("thumbURL"))
    url = next((one for one in map(as_url, urls) if one.startswith("http")), "")
    if not url:
        return None
    provenance = Provenance(
        url,
        page_url=as_url(first.get("FromURL")) or _plain(as_url(one.get("fromURL"))),
        title=as_text(one.get("fromPageTitleEnc")) or as_text(one.get("fromPageTitle")),
        engine="baidu",
        query=query.text,
    )
    return ImageCandidate(
        provenance,
        thumbnail_url=as_url(one.get("thumbURL")),
        width=number(one.get("width")),
        height=number(one.get("height")),
    )


def _plain(disguised: str) -> str:
    """An address without its disguise; one that has none stays as it is."""
    if "://" in disguised:
        return disguised
    return _SIGN.sub(lambda sign: _SIGNS.get(sign[0]) or sign[0].translate(_DISGUISED), disguised)


INFO: Final = EngineInfo("baidu", LABEL, pages, _MOST, frozenset({"face_only", "size"}))
