"""Google in a watched browser: a real Chromium on pages that stand as Google's do, through a proxy."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.core.errors import EngineError
from pipeline.core.messages import Message
from pipeline.crawl.engines import google, window
from pipeline.crawl.engines.query import HttpOptions, Query
from pipeline.fetch.candidate import ImageCandidate
from tests.pipeline.photos import numbered_head
from tests.web import engines as played
from tests.web import google as google_site
from tests.web.proxy import Answer, Asked, Web

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or ""
pytest.importorskip("playwright")
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="no Chromium here: the watched browser is not tried")
Ask = Callable[..., list[list[ImageCandidate]]]


LOOKS = window.WindowOptions(
    headless=True,
    program=CHROMIUM,
    arguments=("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--ignore-certificate-errors"),
    pace=(0.0, 0.0),
    more_s=0.5,
)


@pytest.fixture
def web(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    photo = numbered_head(1)
    thumbs = google_site.google(0)
    with Web({"img.example": played.photos(lambda _: photo), "encrypted-tbn0.gstatic.com": thumbs}, tmp_path) as web:
        monkeypatch.setattr(window, "looks", LOOKS)
        yield web


@pytest.fixture
def http(web: Web, tmp_path: Path) -> HttpOptions:
    return HttpOptions(web.proxy, web.ca, profile=tmp_path / "profile")


@pytest.mark.long
@pytest.mark.parametrize("named", [False, True])
def test_each_result_is_opened_and_told_with_its_page(web: Web, http: HttpOptions, named: bool) -> None:
    web.sites["www.google.com"] = google_site.google(27, named=named)
    pages = list(google.pages(Query("smile", "strict", True), http))
    found = [one for page in pages for one in page]
    assert [len(page) for page in pages][:2] == [10, 2]  # the first screen's twelve, and then it is scrolled
    assert {one.url for one in found} == {f"https://img.example/google-smile/{n}.jpg" for n in range(27)}
    assert [one.provenance.page_url for one in found[:3]] == [f"https://page.example/{n}" for n in range(3)]
    assert {(one.provenance.engine, one.provenance.query) for one in found} == {("google", "smile")}
    assert found[4].provenance.title == "Smile 4"
    asked = web.of("www.google.com")[0].params
    assert (asked["q"], asked["safe"], asked["tbs"]) == ("smile", "active", "itp:face")


@pytest.mark.long
def test_where_a_person_is_asked_for_it_waits_for_the_answer(web: Web, http: HttpOptions) -> None:
    asking = [True]
    told: list[Message] = []

    def robot() -> bool:
        return asking[0]

    def tell(said: Message) -> None:
        told.append(said)
        asking[0] = False  # somebody answers: the page that comes next is one of results

    def site(asked: Asked) -> Answer:
        page = google_site.google(3, robot=robot)(asked)
        again = b"<script>setTimeout(() => location.reload(), 300)</script>" if asking[0] else b""
        return replace(page, body=page.body + again)

    web.sites["www.google.com"] = site
    pages = list(google.pages(Query("smile"), replace(http, tell=tell)))
    assert [said.code for said in told] == ["browser_needs_a_person"]
    assert sum(map(len, pages)) == 3


@pytest.mark.long
def test_whoever_wants_no_more_closes_the_window(web: Web, http: HttpOptions) -> None:
    web.sites["www.google.com"] = google_site.google(60)
    pages = google.pages(Query("smile"), http)
    assert len(next(pages)) == 10
    pages.close()
    assert not [one for one in threading.enumerate() if one.name == "moue-browser"]
    again = google.pages(Query("smile"), http)  # and the profile is free again
    assert len(next(again)) == 10
    http.stop.set()
    with pytest.raises(EngineError, match="Google was left"):
        list(again)


def test_no_program_is_an_error_that_names_the_remedy(
    http: HttpOptions, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(window, "looks", window.WindowOptions(True, str(tmp_path / "none")))
    with pytest.raises(EngineError, match="install Chrome or Chromium"):
        list(google.pages(Query("smile"), http))


def test_without_a_screen_or_the_package_the_reason_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window, "looks", window.WindowOptions())
    monkeypatch.setattr("sys.platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    said = window.obstacle()
    assert said is not None
    assert "has no screen" in said.text
    monkeypatch.setenv("DISPLAY", ":0")
    assert window.obstacle() is None
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    said = window.obstacle()
    assert said is not None
    assert "requirements-browser.txt" in said.text
