"""Wikimedia Commons through MediaWiki's search, with author and licence (commons.wikimedia.org/w/api.php)."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any, Final

from pipeline.engines.client import get_json, number, told
from pipeline.engines.query import EngineInfo, Query, Way
from pipeline.errors import EngineError
from pipeline.wanted import Wanted

URL: Final = "https://commons.wikimedia.org/w/api.php"
LABEL: Final = "Wikimedia Commons"
PAGE: Final = 50
WIDTH: Final = 1600
"""Photos are asked for at this width: enough for any mouth, and kind to their servers."""
_MOST: Final = 1000
_TAG: Final = re.compile(r"<[^>]*>")
_SIZES: Final = {"": "", "small": " fileres:<400", "medium": " fileres:400,1000", "large": " fileres:>1000"}
_LICENCES: Final = {
    "": "", "cc": "", "commercial": "",  # Commons has nothing that is less free
    "public": ' incategory:"CC-Zero|PD-self|PD-user"',
}  # fmt: skip


def pages(query: Query, way: Way) -> Iterator[list[Wanted]]:
    """Page by page. Raises EngineError."""
    offset = 0
    while offset < _MOST:
        answer = get_json(LABEL, URL, _params(query, offset), way, {})
        if not isinstance(answer, dict) or "error" in answer:
            error = answer.get("error", {}) if isinstance(answer, dict) else {}
            words = told(error.get("info")) if isinstance(error, dict) else ""
            raise EngineError(f"{LABEL} answers: {words or 'nothing that Moue can read'}; try again later")
        files = answer.get("query", {}).get("pages", [])
        found = [w for w in (_wanted(one, query) for one in sorted(files, key=_index)) if w is not None]
        if found:
            yield found
        following = number(answer.get("continue", {}).get("gsroffset"))
        if following <= offset:
            return
        offset = following


def _params(query: Query, offset: int) -> dict[str, str]:
    return {
        "action": "query", "format": "json", "formatversion": "2", "generator": "search", "gsrnamespace": "6",
        "gsrsearch": f"{query.text} filetype:bitmap{_SIZES[query.size]}{_LICENCES[query.licence]}",
        "gsrlimit": str(PAGE), "gsroffset": str(offset), "prop": "imageinfo",
        "iiprop": "url|size|mime|extmetadata", "iiurlwidth": str(WIDTH),
        "iiextmetadatafilter": "Artist|LicenseShortName|LicenseUrl|ObjectName", "maxlag": "5",
    }  # fmt: skip


def _index(one: Any) -> int:
    return number(one.get("index")) if isinstance(one, dict) else 0


def _wanted(one: Any, query: Query) -> Wanted | None:
    infos = one.get("imageinfo") if isinstance(one, dict) else None
    if not infos or not isinstance(infos[0], dict):
        return None
    info = infos[0]
    meta = info.get("extmetadata") or {}

    def field(name: str) -> str:
        value = meta.get(name)
        return told(html.unescape(_TAG.sub("", told(value.get("value"))))) if isinstance(value, dict) else ""

    url = told(info.get("thumburl")) or told(info.get("url"))
    if not url:
        return None
    return Wanted(
        url,
        page_url=told(info.get("descriptionurl")),
        title=field("ObjectName") or told(one.get("title")).removeprefix("File:"),
        author=field("Artist"),
        licence=field("LicenseShortName"),
        licence_url=field("LicenseUrl"),
        engine="wikimedia",
        query=query.text,
        width=number(info.get("width")),
        height=number(info.get("height")),
    )


INFO: Final = EngineInfo("wikimedia", LABEL, pages, _MOST, frozenset({"size", "licence"}), licensed=True)
