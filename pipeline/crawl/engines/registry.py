"""The image searches that Moue knows, by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.crawl.engines import baidu, openverse, wikimedia
from pipeline.crawl.engines.query import EngineInfo, HttpOptions, Query
from pipeline.fetch.candidate import ImageCandidate

GOOGLE: Final = EngineInfo(
    "google", "Google", None, 0, frozenset(),
    unavailable="Google answers programs with a page of scripts, and its JSON interface takes no new customers",
)  # fmt: skip


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
        GOOGLE,
    )
}


def engine(name: str) -> EngineInfo:
    """Raises UsageError for one that Moue does not know, or that cannot be used, with the reason."""
    info = ENGINES.get(name)
    usable = ", ".join(one.name for one in ENGINES.values() if one.pages)
    if info is None:
        raise UsageError(message("engine_unknown", engine=name, usable=usable))
    if info.pages is None:
        raise UsageError(message("engine_unusable", engine=info.label, why=info.unavailable, usable=usable))
    return info
