"""The image searches that Moue knows, by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.crawl.engines import baidu, google, keyed, openverse, wikimedia
from pipeline.crawl.engines.query import EngineInfo, HttpOptions, Query
from pipeline.fetch.candidate import ImageCandidate


def _bing(query: Query, http: HttpOptions) -> Iterator[list[ImageCandidate]]:
    from pipeline.crawl.engines import ddgs_engines

    return ddgs_engines.bing(query, http)


def _duckduckgo(query: Query, http: HttpOptions) -> Iterator[list[ImageCandidate]]:
    from pipeline.crawl.engines import ddgs_engines

    return ddgs_engines.duckduckgo(query, http)


ENGINES: Final[dict[str, EngineInfo]] = {
    info.name: info
    for info in (
        EngineInfo("bing", "Bing", _bing, 1000, frozenset({"safe", "face_only", "size", "licence"})),
        EngineInfo("duckduckgo", "DuckDuckGo", _duckduckgo, 1000, frozenset({"safe", "size", "licence"})),
        baidu.INFO,
        openverse.INFO,
        wikimedia.INFO,
        google.INFO,
        *keyed.INFOS,
    )
}


def engine(name: str) -> EngineInfo:
    """Raises UsageError for one that Moue does not know, or that cannot be used here, with the remedy."""
    info = ENGINES.get(name)
    if info is None:
        raise UsageError(message("engine_unknown", engine=name, usable=tuple(ENGINES)))
    if (why := info.obstacle()) is not None:
        raise UsageError(why)
    return info
