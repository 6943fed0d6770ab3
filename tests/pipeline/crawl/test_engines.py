"""Each engine's own code against answers in its shapes, through a proxy that plays the web."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

from pipeline.core.errors import EngineError, UsageError
from pipeline.crawl.engines.client import get_json
from pipeline.crawl.engines.query import HttpOptions, Query
from pipeline.crawl.engines.registry import ENGINES, engine
from pipeline.fetch.candidate import ImageCandidate
from tests.pipeline.socks import Socks
from tests.web import engines as played
from tests.web.proxy import Answer, Asked, Site, Web

pytest.importorskip("ddgs")
HOSTS = {
    "bing": "www.bing.com", "duckduckgo": "duckduckgo.com", "baidu": "image.baidu.com",
    "openverse": "api.openverse.org", "wikimedia": "commons.wikimedia.org",
}  # fmt: skip
Ask = Callable[..., list[list[ImageCandidate]]]


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    with ExitStack() as stack:
        yield stack.enter_context(Web({}, tmp_path))


@pytest.fixture
def ask(web: Web) -> Ask:
    """The pages of an engine whose site is played so."""

    def pages(name: str, site: Site, query: Query, retries: int = 0) -> list[list[ImageCandidate]]:
        web.sites[HOSTS[name]] = site
        found = engine(name).pages
        assert found is not None
        return list(
            found(
                query,
                HttpOptions(
                    web.proxy,
                    web.ca,
                    "Moue/0.1 (contact: ada@example.org)",
                    timeout_s=5,
                    retries=retries,
                    longest_wait_s=1,
                ),
            )
        )

    return pages


@pytest.mark.parametrize(
    ("name", "site", "sizes"),
    [
        ("bing", played.bing(80), [35, 35, 10]), ("duckduckgo", played.duckduckgo(120), [100, 20]),
        ("baidu", played.baidu(70), [30, 30, 10]), ("openverse", played.openverse(45), [20, 20, 5]),
        ("wikimedia", played.wikimedia(70), [50, 20]),
    ],
)  # fmt: skip
def test_every_page_comes_once_and_then_it_ends(ask: Ask, name: str, site: Site, sizes: list[int]) -> None:
    pages = ask(name, site, Query("pout 嘟嘴"))
    assert [len(page) for page in pages] == sizes
    found = [one for page in pages for one in page]
    assert len({one.url for one in found}) == sum(sizes)
    assert {(one.provenance.engine, one.provenance.query) for one in found} == {(name, "pout 嘟嘴")}
    assert all(one.url.startswith("https://img.example/") and one.provenance.page_url and one.width for one in found)


def test_licensed_ones_bring_author_and_licence(ask: Ask) -> None:
    one = ask("openverse", played.openverse(1), Query("lips"))[0][0]
    assert (one.provenance.author, one.provenance.licence, one.provenance.title) == ("Ada", "CC BY-SA 2.0", "Lips 0")
    assert one.provenance.licence_url == "https://creativecommons.org/licenses/by-sa/2.0/"
    other = ask("wikimedia", played.wikimedia(2), Query("lips"))[0]
    assert [(w.provenance.author, w.provenance.licence, w.provenance.title) for w in other] == [
        ("Ada & Co 0", "CC BY 4.0", "Mouth 0"), ("Ada & Co 1", "CC BY 4.0", "Mouth 1"),
    ]  # fmt: skip


def test_filters_reach_the_engines_that_have_them(ask: Ask, web: Web) -> None:
    query = Query("lips site:example.com filetype:jpg", "strict", True, "large", "commercial")
    for name, site in (("bing", played.bing(1)), ("duckduckgo", played.duckduckgo(1)), ("baidu", played.baidu(1)),
                       ("openverse", played.openverse(1)), ("wikimedia", played.wikimedia(1))):  # fmt: skip
        ask(name, site, query)
    bing = web.of("www.bing.com")[0].params
    assert bing["q"] == "lips site:example.com filetype:jpg"
    assert bing["adlt"] == "strict"
    assert bing["qft"].split("+filterui:")[1:] == ["imagesize-large", "face-face", "license-L2_L3_L4"]
    duck = web.of("duckduckgo.com")[-1].params
    assert (duck["p"], duck["f"]) == ("1", ",size:Large,,,,license:ShareCommercially")
    assert [web.of("image.baidu.com")[0].params[name] for name in ("face", "z")] == ["1", "3"]
    openverse = web.of("api.openverse.org")[0].params
    assert (openverse["mature"], openverse["size"], openverse["license_type"]) == ("false", "large", "commercial")
    assert "fileres:>1000" in web.of("commons.wikimedia.org")[0].params["gsrsearch"]
    for name, info in ENGINES.items():
        if info.pages:
            assert info.filters <= {"safe", "face_only", "size", "licence"}, name


def test_they_are_asked_with_a_contact(ask: Ask, web: Web) -> None:
    ask("openverse", played.openverse(1), Query("lips"))
    assert web.asked[0].headers["user-agent"] == "Moue/0.1 (contact: ada@example.org)"


@pytest.mark.parametrize("name", list(HOSTS))
@pytest.mark.parametrize(
    "refusal", [Answer(b"no", 403), played.ROBOT, Answer(b"", 429, headers={"Retry-After": "3600"})]
)
def test_a_refusal_is_no_empty_answer(ask: Ask, name: str, refusal: Answer) -> None:
    with pytest.raises(EngineError, match=r"try later|try again later|try another|another engine") as error:
        ask(name, lambda _: refusal, Query("lips"))
    assert error.value.blocked


@pytest.mark.parametrize("name", list(HOSTS))
def test_an_answer_that_makes_no_sense_is_an_error(ask: Ask, name: str) -> None:
    with pytest.raises(EngineError):
        ask(name, lambda _: Answer(b"\x00\xff{", 500), Query("lips"))


def test_baidu_says_no_in_json(ask: Ask) -> None:
    with pytest.raises(EngineError, match="robot") as error:
        ask("baidu", lambda _: Answer(b'{"antiFlag":1,"message":"Forbid spider access"}'), Query("lips"))
    assert error.value.blocked


def test_a_busy_engine_is_asked_again(ask: Ask, web: Web) -> None:
    busy = [Answer(b"", 429, headers={"Retry-After": "0"})]

    def site(asked: Asked) -> Answer:
        return busy.pop() if busy else played.openverse(1)(asked)

    assert len(ask("openverse", site, Query("lips"), retries=1)) == 1
    assert len(web.asked) == 2


def test_a_busy_wiki_says_so_with_a_200(ask: Ask, web: Web) -> None:
    lag = b'{"error": {"code": "maxlag", "info": "Waiting for db1: 6 seconds lagged"}}'
    busy = [Answer(lag, headers={"Retry-After": "0", "MediaWiki-API-Error": "maxlag"})]

    def site(asked: Asked) -> Answer:
        return busy.pop() if busy else played.wikimedia(1)(asked)

    assert len(ask("wikimedia", site, Query("lips"), retries=1)) == 1
    busy.append(Answer(lag, headers={"Retry-After": "60", "MediaWiki-API-Error": "maxlag"}))
    with pytest.raises(EngineError, match="Wikimedia Commons asks for a rest"):
        ask("wikimedia", site, Query("lips"), retries=1)


@pytest.mark.parametrize(("name", "path"), [("bing", "/images/async"), ("duckduckgo", "/"), ("duckduckgo", "/i.js")])
@pytest.mark.parametrize("hitch", [Answer(b"", 0), Answer(b"", 429, headers={"Retry-After": "0"}), Answer(b"", 503)])
def test_through_ddgs_a_hitch_is_tried_again(ask: Ask, web: Web, name: str, path: str, hitch: Answer) -> None:
    hitches = [hitch]
    real = {"bing": played.bing(1), "duckduckgo": played.duckduckgo(1)}[name]

    def site(asked: Asked) -> Answer:
        return hitches.pop() if hitches and asked.path == path else real(asked)

    assert [len(page) for page in ask(name, site, Query("lips"), retries=1)] == [1]
    assert not hitches


def test_who_asks_for_an_hour_s_rest_gets_it(ask: Ask, web: Web) -> None:
    with pytest.raises(EngineError, match="Bing blocks"):
        ask("bing", lambda _: Answer(b"", 429, headers={"Retry-After": "3600"}), Query("lips"), retries=2)
    assert len(web.asked) == 1


@pytest.mark.parametrize("name", list(HOSTS))
def test_nobody_who_was_stopped_waits_for_the_rest_that_is_asked_for(web: Web, name: str) -> None:
    asked = Event()

    def busy(_: Asked) -> Answer:
        asked.set()
        return Answer(b"", 429, headers={"Retry-After": "3600"})

    web.sites[HOSTS[name]] = busy
    http, pages = HttpOptions(web.proxy, web.ca, retries=2, longest_wait_s=9999), engine(name).pages
    assert pages is not None
    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(list, pages(Query("lips"), http))
        assert asked.wait(60)
        http.stop.set()
        with pytest.raises(EngineError):
            asking.result(60)
    assert len(web.asked) == 1


def test_a_stopped_search_leaves_an_answer_that_does_not_come() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, ThreadPoolExecutor(1) as pool:
        http = HttpOptions(f"http://127.0.0.1:{silent.getsockname()[1]}", timeout_s=3600)
        asking = pool.submit(get_json, "Openverse", "https://api.openverse.org/", {}, http, {})
        with silent.accept()[0]:
            http.stop.set()
            with pytest.raises(EngineError, match="Openverse was left before it answered"):
                asking.result(60)


@pytest.mark.parametrize("name", list(HOSTS))
def test_a_connection_cut_on_the_second_page_is_no_refusal(ask: Ask, web: Web, name: str) -> None:
    sites = {"bing": played.bing, "duckduckgo": played.duckduckgo, "baidu": played.baidu,
             "openverse": played.openverse, "wikimedia": played.wikimedia}  # fmt: skip
    urls: set[str] = set()

    def site(asked: Asked) -> Answer:
        answer = sites[name](200)(asked)
        if b"img.example" in answer.body:
            urls.add(str(asked.params))
        return answer if len(urls) < 2 else Answer(b"", 0)

    with pytest.raises(EngineError, match="cannot be reached: check the network") as error:
        ask(name, site, Query("lips"))
    assert not error.value.blocked


@pytest.mark.parametrize("name", ["bing", "duckduckgo"])
def test_a_failing_server_is_no_refusal(ask: Ask, name: str) -> None:
    with pytest.raises(EngineError, match="answers 500") as error:
        ask(name, lambda _: Answer(b"", 500), Query("lips"))
    assert not error.value.blocked


def test_one_odd_card_costs_its_size_only(ask: Ask) -> None:
    def site(asked: Asked) -> Answer:
        page = played.bing(3)(asked)
        return replace(page, body=page.body.replace("640 x 480 · jpeg".encode(), b"animated", 1))

    assert [(one.url[-5:], one.width) for one in ask("bing", site, Query("lips"))[0]] == [
        ("0.jpg", 0), ("1.jpg", 0), ("2.jpg", 0),
    ]  # fmt: skip


def test_no_half_of_an_address_is_passed_on(ask: Ask) -> None:
    rows = [{"url": f"https://img.example/{'x' * size}"} for size in (3000, 5000)]
    body = json.dumps({"page_count": 1, "results": rows}).encode()
    ((one,),) = ask("openverse", lambda _: Answer(body), Query("lips"))
    assert one.url == rows[0]["url"]


@pytest.mark.parametrize("name", ["bing", "duckduckgo"])
def test_through_socks_the_proxy_looks_names_up(name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, Socks(silent.getsockname()[1]) as proxy:
        pages = engine(name).pages
        assert pages is not None
        with pytest.raises(EngineError, match="cannot be reached"):
            list(pages(Query("lips"), HttpOptions(proxy.url, timeout_s=1, retries=0)))
        assert set(proxy.asked) == {f"{HOSTS[name]}:443"}


def test_a_disguised_address_of_baidu(ask: Ask) -> None:
    """Disguised by hand, letter by letter."""
    disguised = "ippr_z2C$qAzdH3FAzdH3Fooo_z&e3Bkwt17_z&e3Bv54AzdH3Fw_z&e3B3r2"
    row = json.dumps({"data": [{"objURL": disguised, "fromURL": "https://page.example/"}, {}], "listNum": 1})
    ((found,),) = ask("baidu", lambda _: Answer(row.encode()), Query("lips"))
    assert (found.url, found.provenance.page_url) == ("http://www.baidu.com/a.jpg", "https://page.example/")


def test_an_engine_that_nobody_knows_is_named() -> None:
    with pytest.raises(UsageError, match="'altavista' is no image search; there are bing"):
        engine("altavista")


INNER = [
    "http://127.0.0.1/", "http://127.0.0.1:8501/api", "http://[::1]/", "http://169.254.169.254/latest/meta-data/",
    "http://2130706433/", "http://localhost/", "http://router.lan/", "http://168.63.129.16/machine",
    "file:///etc/passwd", "https://bing.com:22/", "//10.0.0.1/x", "",
]  # fmt: skip


@pytest.mark.parametrize("location", INNER)
@pytest.mark.parametrize("name", ["bing", "duckduckgo", "baidu", "openverse", "wikimedia"])
def test_no_engine_leads_into_an_inner_network(ask: Ask, web: Web, name: str, location: str) -> None:
    with pytest.raises(EngineError):
        ask(name, lambda _: Answer(b"", 302, headers={"Location": location}), Query("pout"))
    assert {asked.host for asked in web.asked} == {HOSTS[name]}


@pytest.mark.parametrize(
    ("name", "site", "size"), [("bing", played.bing(20), 20), ("openverse", played.openverse(15), 15)]
)
def test_an_engine_may_send_on_to_another_public_address(ask: Ask, web: Web, name: str, site: Site, size: int) -> None:
    def moved(asked: Asked) -> Answer:
        to = f"https://moved.example{asked.path}?" + "&".join(f"{key}={value}" for key, value in asked.params.items())
        return Answer(b"", 301, headers={"Location": to})

    web.sites["moved.example"] = site
    assert len(ask(name, moved, Query("pout"))[0]) == size
    assert {asked.host for asked in web.asked} == {HOSTS[name], "moved.example"}


@pytest.mark.parametrize("name", ["bing", "openverse"])
def test_an_engine_that_sends_round_in_a_circle_is_left(ask: Ask, web: Web, name: str) -> None:
    with pytest.raises(EngineError, match="from one address to the next"):
        ask(name, lambda asked: Answer(b"", 302, headers={"Location": f"https://{asked.host}/round"}), Query("pout"))
    assert len(web.asked) <= 7
