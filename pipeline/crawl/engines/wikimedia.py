"""Wikimedia Commons through MediaWiki's search, with author and licence (commons.wikimedia.org/w/api.php)."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any, Final

from pipeline.core.errors import EngineError
from pipeline.core.messages import message
from pipeline.core.records import Provenance
from pipeline.crawl.engines.client import as_text, as_url, fields, get_json, number, rows
from pipeline.crawl.engines.query import EngineInfo, HttpOptions, Query
from pipeline.fetch.candidate import ImageCandidate

URL: Final = "https://commons.wikimedia.org/w/api.php"
LABEL: Final = "Wikimedia Commons"
PAGE: Final = 50
WIDTH: Final = 1920
"""Photos are asked for at this width: enough for any mouth, and one of the few that their servers give
(mediawiki.org/wiki/Common_thumbnail_sizes)."""
_MOST: Final = 1000
_TAG: Final = re.compile(r"<[^>]*>")
_SIZES: Final = {"": "", "small": " fileres:<400", "medium": " fileres:400,1000", "large": " fileres:>1000"}
_LICENCES: Final = {
    "": "", "cc": "", "commercial": "",  # Commons has nothing that is less free
    "public": ' incategory:"CC-Zero|PD-self|PD-user"',
}  # fmt: skip


def pages(query: Query, http: HttpOptions) -> Iterator[list[ImageCandidate]]:
    """Page by page. Raises EngineError."""
    offset = 0
    while offset < _MOST:
        answer = get_json(LABEL, URL, _params(query, offset), http, {})
        if not isinstance(answer, dict) or "error" in answer:
            words = as_text(fields(fields(answer).get("error")).get("info"))
            raise EngineError(message("engine_says", engine=LABEL, what=words or message("engine_says_nothing")))
        files = rows(fields(answer.get("query")).get("pages"))
        found = [one for one in (_candidate(file, query) for file in sorted(files, key=_index)) if one is not None]
        if found:
            yield found
        following = number(fields(answer.get("continue")).get("gsroffset"))
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


def _index(one: dict[str, Any]) -> int:
    return number(one.get("index"))


def _candidate(one: dict[str, Any], query: Query) -> ImageCandidate | None:
    info = next(iter(rows(one.get("imageinfo"))), {})
    meta = fields(info.get("extmetadata"))

    def field(name: str) -> str:
        return as_text(html.unescape(_TAG.sub("", as_text(fields(meta.get(name)).get("value")))))

    url = as_url(info.get("thumburl")) or as_url(info.get("url"))
    if not url:
        return None
    provenance = Provenance(
        url,
        page_url=as_url(info.get("descriptionurl")),
        title=field("ObjectName") or as_text(one.get("title")).removeprefix("File:"),
        author=field("Artist"),
        licence=field("LicenseShortName"),
        licence_url=as_url(field("LicenseUrl")),
        engine="wikimedia",
        query=query.text,
    )
    return ImageCandidate(
        provenance,
        width=number(info.get("width")),
        height=number(info.get("height")),
    )


INFO: Final = EngineInfo("wikimedia", LABEL, pages, _MOST, frozenset({"size", "licence"}), licensed=True)
