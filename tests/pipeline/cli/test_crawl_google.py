"""`crawl` by Google's three ways: a saved page, a key of one's own, one's own browser; photos come through a proxy."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from pipeline.crawl.engines import window
from tests.pipeline import commands as cli
from tests.pipeline.photos import numbered_head
from tests.web import engines as played
from tests.web.google import google
from tests.web.proxy import Web

KEY = "k3y-of-ada"


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    with Web({"img.example": played.photos(numbered_head)}, tmp_path) as web:
        yield web


@pytest.fixture
def crawl(web: Web, tmp_path: Path) -> Any:
    def run(*words: str) -> Any:
        way = ("--proxy", web.proxy, "--ca", str(web.ca), "--executor", "serial", "--retries", "0", "--json")
        return cli.inside("crawl", *words, *way, "--workspace", str(tmp_path / "w"))

    return run


def origins(tmp_path: Path) -> list[tuple[Any, ...]]:
    return cli.rows(tmp_path / "w", "SELECT engine, query, page_url FROM provenance ORDER BY page_url")


def test_a_saved_page_is_a_list(crawl: Any, tmp_path: Path) -> None:
    links = "".join(
        f'<a href="/imgres?imgurl={quote(f"https://img.example/a/{n}.jpg", safe="")}'
        f'&amp;imgrefurl=https%3A%2F%2Fpage.example%2F{n}"><img alt="Smile"></a>'
        for n in range(3)
    )
    saved = "<!-- saved from url=(0041)https://www.google.com/search?q=smile&amp;udm=2 -->"
    (tmp_path / "smile - Google.html").write_text(f"{saved}<body>{links}")
    done = crawl("--list", str(tmp_path / "smile - Google.html"))
    assert done.returncode == 0, done.stderr
    assert origins(tmp_path) == [("google", "smile", f"https://page.example/{n}") for n in range(3)]
    assert cli.rows(tmp_path / "w", "SELECT kind, location FROM sources") == [("search", "google: smile")]


@pytest.mark.parametrize(
    ("name", "host", "site"),
    [("serpapi", "serpapi.com", played.serpapi(2)), ("serper", "google.serper.dev", played.serper(2)),
     ("brave", "api.search.brave.com", played.brave(2))],
)  # fmt: skip
def test_a_key_of_one_s_own_is_stored_nowhere(
    crawl: Any, web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, host: str, site: Any
) -> None:
    web.sites[host] = site
    monkeypatch.setenv({"serpapi": "SERPAPI_KEY", "serper": "SERPER_KEY", "brave": "BRAVE_KEY"}[name], KEY)
    done = crawl("smile", "--engine", name)
    assert done.returncode == 0, done.stderr
    assert origins(tmp_path) == [(name, "smile", f"https://page.example/{n}") for n in range(2)]
    web.sites.clear()  # and now it fails
    failed = crawl("lips", "--engine", name)
    assert failed.returncode == 1
    told = done.stdout + done.stderr + failed.stdout + failed.stderr
    files = [path.read_bytes() for path in (tmp_path / "w").rglob("*") if path.is_file()]
    assert files
    assert not [one for one in [told.encode(), *files] if KEY.encode() in one]


@pytest.mark.long
def test_one_s_own_browser_is_watched_and_its_finds_are_fetched(
    crawl: Any, web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("playwright")
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if not chromium:
        pytest.skip("no Chromium here: the watched browser is not tried")
    flags = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--ignore-certificate-errors")
    monkeypatch.setattr(window, "looks", window.WindowOptions(True, chromium, flags, (0.0, 0.0), 0.5))
    web.sites |= {"www.google.com": google(30), "encrypted-tbn0.gstatic.com": google(0)}
    done = crawl("smile", "--engine", "google", "--total", "4")
    assert done.returncode == 0, done.stderr
    assert origins(tmp_path) == [("google", "smile", f"https://page.example/{n}") for n in range(4)]
    assert (tmp_path / "w" / ".browser").stat().st_mode & 0o777 == 0o700
