"""From keywords and engines to addresses: each keyword through all engines, page by page."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain, zip_longest
from typing import Final

from pipeline.core.errors import EngineError
from pipeline.core.messages import Message, message
from pipeline.crawl.engines.query import EngineInfo, HttpOptions, Licence, Query, Safe, Size
from pipeline.crawl.keywords import Keyword
from pipeline.fetch.candidate import ImageCandidate


@dataclass(frozen=True, slots=True)
class Search:
    """What to search for, and where. engines: in the order in which they take turns."""

    keywords: tuple[Keyword, ...]
    engines: tuple[EngineInfo, ...]
    safe: Safe = "moderate"
    face_only: bool = False
    size: Size = ""
    licence: Licence = ""

    def query(self, keyword: Keyword) -> Query:
        return Query(keyword.text, self.safe, self.face_only, self.size, self.licence)


@dataclass(frozen=True, slots=True)
class Note:
    """What an engine said of a query that a person should see. blocked: it refuses this machine."""

    engine: str
    query: str
    message: Message
    blocked: bool = False


def find_candidates(
    search: Search,
    http: HttpOptions,
    tell: Callable[[Note], None],
    known: Callable[[str], bool] = lambda _: False,
    enough: Callable[[str], bool] = lambda _: False,
) -> Iterator[ImageCandidate]:
    """The addresses that the engines name, each once, with the keyword's class as their proposal.

    tell: gets a note where an engine blocks, fails, finds nothing or is at its end. known: an address that need not be
    fetched again. enough: whether a keyword has as many as it shall; asked before each page. An engine that blocks is
    left out from then on. Once `http.stop` is set there is nothing more, and no note is given.
    """
    seen: set[str] = set()
    left_out: set[str] = set()
    for keyword in search.keywords:
        searches = {
            info.name: _EngineSearch(info, search.query(keyword), http, tell)
            for info in search.engines
            if info.name not in left_out
        }
        while searches and not http.stop.is_set() and not enough(keyword.text):
            pages = []
            for name, asked in list(searches.items()):
                page = asked.next()
                if page is not None:
                    pages.append(page)
                    continue
                if http.stop.is_set():
                    return
                del searches[name]
                for note in asked.notes():
                    tell(note)
                    if note.blocked:
                        left_out.add(name)
            for one in chain.from_iterable(zip_longest(*pages)):  # a small number comes from all engines, too
                if one is not None and one.url not in seen:
                    seen.add(one.url)
                    if not known(one.url):
                        yield replace(one, proposal=keyword.proposal or one.proposal)


class _EngineSearch:
    """One engine's answers to one query, page by page."""

    def __init__(self, info: EngineInfo, query: Query, http: HttpOptions, tell: Callable[[Note], None]) -> None:
        self._info, self._query = info, query
        self._pages = info.pages(query, replace(http, tell=lambda said: tell(Note(info.name, query.text, said))))
        self._given = 0
        self._error: EngineError | None = None

    def next(self) -> list[ImageCandidate] | None:
        """Another page; None where there is none, or the engine failed."""
        try:
            page = next(self._pages, None)
        except EngineError as e:
            self._error = e
            return None
        self._given += len(page or ())
        return page

    def notes(self) -> Iterator[Note]:
        name, text = self._info.name, self._query.text
        if self._error is not None:
            yield Note(name, text, self._error.message, self._error.blocked)
        elif not self._given:
            yield Note(name, text, message("engine_found_nothing", engine=self._info.label))
        else:
            yield Note(name, text, message("engine_at_end", engine=self._info.label, n=self._given))


FILTER_CODES: Final = {
    "safe": "filter_safe",
    "face_only": "filter_face_only",
    "size": "filter_size",
    "licence": "filter_licence",
}
"""The message that names a filter."""


def unsupported_filters(search: Search) -> Mapping[str, Collection[str]]:
    """For each engine the filters that were asked for and that it does not have."""
    asked = {
        "safe": search.safe != "moderate",
        "face_only": search.face_only,
        "size": bool(search.size),
        "licence": bool(search.licence),
    }
    return {
        info.name: missing
        for info in search.engines
        if (missing := [name for name, wanted in asked.items() if wanted and name not in info.filters])
    }
