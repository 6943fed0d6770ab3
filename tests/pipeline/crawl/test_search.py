from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pipeline.core.errors import EngineError
from pipeline.core.messages import message, verbatim
from pipeline.core.records import Provenance
from pipeline.crawl.engines.query import EngineInfo, HttpOptions, Query
from pipeline.crawl.keywords import Keyword
from pipeline.crawl.search import Note, Search, find_candidates, unsupported_filters
from pipeline.fetch.candidate import ImageCandidate


def info(name: str, pages: dict[str, list[str]], error: EngineError | None = None) -> EngineInfo:
    """An engine that gives for each query these pages, each letter an address; then perhaps an error."""

    def search(query: Query, _http: HttpOptions) -> Iterator[list[ImageCandidate]]:
        for page in pages.get(query.text, []):
            yield [
                ImageCandidate(Provenance(f"https://img.example/{letter}", engine=name, query=query.text))
                for letter in page
            ]
        if error:
            raise error

    return EngineInfo(name, name.capitalize(), search, 1000, frozenset({"safe"}))


def names(found: Iterator[ImageCandidate]) -> str:
    return " ".join(f"{one.provenance.engine[0]}{one.url[-1]}" for one in found)


ONE = info("one", {"smile": ["ab", "cd"], "pout": ["xy"]})
TWO = info("two", {"smile": ["be", "f"]})
SEARCH = Search((Keyword("smile", "smile"), Keyword("pout")), (ONE, TWO))


def test_engines_take_turns_and_each_address_comes_once() -> None:
    notes: list[Note] = []
    assert names(find_candidates(SEARCH, HttpOptions(), notes.append)) == "oa tb te oc tf od ox oy"
    assert notes == [
        Note("one", "smile", message("engine_at_end", engine="One", n=4)),
        Note("two", "smile", message("engine_at_end", engine="Two", n=3)),
        Note("two", "pout", message("engine_found_nothing", engine="Two")),
        Note("one", "pout", message("engine_at_end", engine="One", n=2)),
    ]


def test_the_keyword_s_class_is_proposed() -> None:
    found = list(find_candidates(SEARCH, HttpOptions(), lambda _: None))
    assert {(one.provenance.query, one.proposal) for one in found} == {("smile", "smile"), ("pout", None)}


def test_what_is_known_is_left_out_and_enough_is_enough() -> None:
    left_out = find_candidates(SEARCH, HttpOptions(), lambda _: None, known=lambda url: url[-1] in "acx")
    assert names(left_out) == "tb te tf od oy"
    taken: list[str] = []

    def counted() -> Iterator[ImageCandidate]:
        for one in find_candidates(SEARCH, HttpOptions(), lambda _: None, enough=lambda query: taken.count(query) >= 3):
            taken.append(one.provenance.query)
            yield one

    assert names(counted()) == "oa tb te ox oy"


def test_an_engine_that_blocks_is_not_asked_again() -> None:
    notes: list[Note] = []
    bad = info("bad", {"smile": ["z"]}, EngineError("Bad blocks this machine", blocked=True))
    assert names(find_candidates(replace(SEARCH, engines=(bad, TWO)), HttpOptions(), notes.append)) == "bz tb te tf"
    refused = Note("bad", "smile", verbatim("Bad blocks this machine"), True)
    assert [note for note in notes if note.engine == "bad"] == [refused]


def test_an_engine_that_fails_once_is_asked_for_the_next_keyword() -> None:
    notes: list[Note] = []
    bad = info("bad", {}, EngineError("Bad answers 500"))
    list(find_candidates(replace(SEARCH, engines=(bad,)), HttpOptions(), notes.append))
    assert [note.query for note in notes] == ["smile", "pout"]


def test_a_search_that_was_stopped_asks_nobody_and_tells_nothing() -> None:
    notes: list[Note] = []
    http = HttpOptions()
    found = find_candidates(SEARCH, http, notes.append)
    assert next(found).url[-1] == "a"
    http.stop.set()
    assert names(found) == "tb te"  # of the pages that are there
    assert notes == []
    waiting = HttpOptions()

    def left(_query: Query, http: HttpOptions) -> Iterator[list[ImageCandidate]]:
        http.stop.set()
        yield from ()
        raise EngineError("One was left before it answered")

    assert names(find_candidates(replace(SEARCH, engines=(replace(ONE, pages=left), TWO)), waiting, notes.append)) == ""
    assert notes == []


def test_filters_that_an_engine_does_not_have_are_told() -> None:
    asked = replace(SEARCH, safe="strict", face_only=True, licence="cc")
    assert unsupported_filters(asked) == {"one": ["face_only", "licence"], "two": ["face_only", "licence"]}
    assert unsupported_filters(SEARCH) == {}
