"""Engines that take a key: their answers' shapes, their refusals, and that the key is nowhere but in the request."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline.core.errors import EngineError, UsageError
from pipeline.crawl.engines.query import HttpOptions, Query
from pipeline.crawl.engines.registry import engine
from pipeline.fetch.candidate import ImageCandidate
from tests.web import engines as played
from tests.web.proxy import Answer, Site, Web

KEY = "k3y-of-ada"
SERVICES: dict[str, tuple[str, str, Callable[[int], Site]]] = {
    "serpapi": ("serpapi.com", "SERPAPI_KEY", played.serpapi),
    "serper": ("google.serper.dev", "SERPER_KEY", played.serper),
    "brave": ("api.search.brave.com", "BRAVE_KEY", played.brave),
}
Ask = Callable[[str, Site, Query], list[list[ImageCandidate]]]


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    with Web({}, tmp_path) as web:
        yield web


@pytest.fixture
def ask(web: Web, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """The pages of a service whose site is played so, with a key in the environment."""

    def pages(name: str, site: Site, query: Query) -> list[list[ImageCandidate]]:
        host, variable, _ = SERVICES[name]
        monkeypatch.setenv(variable, KEY)
        web.sites[host] = site
        http = HttpOptions(web.proxy, web.ca, timeout_s=5, retries=0, longest_wait_s=1)
        return list(engine(name).pages(query, http))

    return pages


@pytest.mark.parametrize(("name", "sizes"), [("serpapi", [100, 100, 30]), ("serper", [100, 100, 30]), ("brave", [200])])
def test_every_page_comes_once_with_where_it_is_from(ask: Ask, web: Web, name: str, sizes: list[int]) -> None:
    pages = ask(name, SERVICES[name][2](230), Query("smile 微笑"))
    assert [len(page) for page in pages] == sizes
    found = [one for page in pages for one in page]
    assert [one.url for one in found] == [f"https://img.example/{name}-smile 微笑/{n}.jpg" for n in range(sum(sizes))]
    last = found[-1].provenance
    assert (last.engine, last.query, last.page_url) == (name, "smile 微笑", f"https://page.example/{sum(sizes) - 1}")
    assert {(one.width, one.height, one.provenance.title[:5]) for one in found} == {(640, 480, "Smile")}
    assert len(web.asked) <= len(sizes) + 1  # one request a page, and the one that finds the end


@pytest.mark.parametrize("name", list(SERVICES))
def test_a_search_without_results_is_an_empty_one(ask: Ask, name: str) -> None:
    assert ask(name, SERVICES[name][2](0), Query("no such thing")) == []


def test_filters_reach_google(ask: Ask, web: Web) -> None:
    query = Query("lips", "strict", True, "large", "commercial")
    ask("serpapi", played.serpapi(1), query)
    assert (web.asked[0].params["tbs"], web.asked[0].params["safe"]) == ("itp:face,isz:l,il:ol", "active")
    ask("serper", played.serper(1), query)
    told = json.loads(web.of("google.serper.dev")[0].body)
    assert (told["tbs"], told["safe"], told["q"]) == ("itp:face,isz:l,il:ol", "active", "lips")
    ask("brave", played.brave(1), Query("lips", "off"))
    assert web.of("api.search.brave.com")[0].params["safesearch"] == "off"


@pytest.mark.parametrize("name", list(SERVICES))
@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(b"{}", 401), "does not take the key in {variable}"),
        (Answer(b"{}", 402), "wants a payment before it answers the key in {variable}"),
        (Answer(b"{}", 429), "the key in {variable} has no searches left"),
        (Answer(b"{}", 429, headers={"Retry-After": "86400"}), "the key in {variable} has no searches left"),
        (Answer(b"<html>captcha", 200), "a page for people"),
        (Answer(b"{}", 500), "answers 500"),
        (Answer(b"", 0), "cannot be reached"),
        (Answer(b'{"error": "sea serpents"}'), "in a form that Moue does not know"),
    ],
)
def test_a_refusal_is_told_in_words(ask: Ask, name: str, answer: Answer, words: str) -> None:
    with pytest.raises(EngineError, match=words.format(variable=SERVICES[name][1])):
        ask(name, lambda _: answer, Query("lips"))


@pytest.mark.parametrize(("name", "status"), [("serper", 403), ("serper", 400), ("brave", 422)])
def test_a_service_s_own_refusals(ask: Ask, name: str, status: int) -> None:
    with pytest.raises(EngineError, match=SERVICES[name][1]) as error:
        ask(name, lambda _: Answer(b'{"message": "Not enough credits"}', status), Query("lips"))
    assert error.value.blocked


@pytest.mark.parametrize("name", list(SERVICES))
def test_the_key_follows_no_redirect(ask: Ask, web: Web, name: str) -> None:
    web.sites["elsewhere.example"] = lambda _: Answer(b"{}")
    with pytest.raises(EngineError, match="answers 302"):
        ask(name, lambda _: Answer(b"", 302, headers={"Location": "https://elsewhere.example/"}), Query("lips"))
    assert web.of("elsewhere.example") == []


@pytest.mark.parametrize("name", list(SERVICES))
@pytest.mark.parametrize("answer", [Answer(b"{}", 401), Answer(b"", 0), Answer(b"{]"), Answer(b"{}", 302)])
def test_the_key_is_in_no_error_and_no_log(
    ask: Ask, caplog: pytest.LogCaptureFixture, name: str, answer: Answer
) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(EngineError) as error:
        ask(name, lambda _: answer, Query("lips"))
    assert KEY not in "".join(traceback.format_exception(error.value)) + caplog.text


@pytest.mark.parametrize("name", list(SERVICES))
@pytest.mark.parametrize("key", ["", "  ", "two words", "line\nend", "schlüssel"])
def test_without_a_usable_key_the_variable_is_named(monkeypatch: pytest.MonkeyPatch, name: str, key: str) -> None:
    variable = SERVICES[name][1]
    monkeypatch.setenv(variable, key)
    with pytest.raises(UsageError, match=variable) as error:
        engine(name)
    assert not key.strip() or key not in str(error.value)
