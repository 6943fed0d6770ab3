"""The page of words: every term with its meaning, and first the one that was asked for."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages._words import glossary
from pages._words.purpose import PURPOSES
from tests.pages._team.team_page import store_of

PAGE = Path(__file__).resolve().parents[3] / "pages" / "_glossary" / "words.py"


def shown(monkeypatch: pytest.MonkeyPatch, **asked: str) -> list[list[tuple[str, str]]]:
    """The lists of the page: each a list of (word, meaning)."""
    store_of({"Olga": "owner", "Vera": "viewer"})
    monkeypatch.setattr("pages._server.identity.identify", lambda cookies, headers: "Vera")
    page = AppTest.from_file(str(PAGE), default_timeout=60)
    for name, value in asked.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    texts = [str(one.proto.body) for one in page.get("html")]
    return [
        [(unescape(word), unescape(meaning)) for word, meaning in re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", text)]
        for text in texts
        if "moue-words" in text
    ]


def test_every_term_and_every_page_is_explained(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lists = shown(monkeypatch)
    assert len(lists) == len(glossary.GROUPS) + 1
    words = [word.lower() for rows in lists for word, _ in rows]
    for _, terms in glossary.GROUPS:
        assert {term.name.lower() for term in terms} <= set(words)
    assert {page.title.lower() for page in PURPOSES.values()} <= {word.lower() for word, _ in lists[-1]}
    assert all(len(meaning) > 10 for rows in lists for _, meaning in rows)


@pytest.mark.parametrize("slug", ["side", "set_aside"])
def test_the_word_that_was_asked_for_comes_first(empty: Path, monkeypatch: pytest.MonkeyPatch, slug: str) -> None:
    first, *_ = shown(monkeypatch, word=slug)
    assert [word.lower() for word, _ in first] == [glossary.BY_SLUG[slug].name.lower()]


def test_of_an_unknown_word_the_list_is_shown(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(shown(monkeypatch, word="<b>none</b>")) == len(glossary.GROUPS) + 1
