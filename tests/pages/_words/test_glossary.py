"""The words that are explained, and the line that says what each page is for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pages import _ui, _words
from pages._ui.html_table import figures_table
from pages._words import glossary
from pages._words.purpose import PURPOSES
from pages._words.vocabulary import OUTCOME_WORDS
from pipeline.core.metrics import METRICS

PAGES = Path(_words.__file__).parents[1]
FILES = {file.stem: file for file in (*PAGES.glob("[a-z]*.py"), PAGES / "_glossary" / "words.py")}


@pytest.fixture(params=["en", "zh"])
def locale(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(_words, "language", lambda: request.param)
    return str(request.param)


def test_every_page_says_what_it_is_for_and_whether_it_may_be_skipped() -> None:
    assert set(PURPOSES) == set(FILES)
    told = re.compile(r"may be skipped|needed|only what|nothing has to be done|the last step|what the words", re.I)
    assert [page for page, about in PURPOSES.items() if not told.search(about.line)] == []


@pytest.mark.parametrize("page", sorted(FILES))
def test_each_page_shows_its_line(page: str) -> None:
    source = FILES[page].read_text("utf-8")
    shown = (
        f'page_head("{page}"',
        f'sections.show("{page}"',
        f'PURPOSES["{page}"].line',
        f'words_of("{page}", purpose',
    )
    assert any(call in source for call in shown)


def test_the_words_of_a_page_are_explained_behind_its_title(locale: str) -> None:
    told = _ui.words_of("quality") or ""
    for slug in PURPOSES["quality"].terms:
        assert glossary.meaning(slug).rstrip(".") in told
    assert "(/words)" in told


def test_slugs_and_texts_stand_for_one_term_each(locale: str) -> None:
    terms = [term for _, group in glossary.GROUPS for term in group]
    texts = [one for term in terms for one in {_words.t(text) for text in (term.name, *term.also)}]
    assert len({term.slug for term in terms}) == len(terms)
    assert sorted(set(texts)) == sorted(texts)
    assert {slug for page in PURPOSES.values() for slug in page.terms} <= set(glossary.BY_SLUG)


def test_every_figure_and_every_outcome_that_needs_it_is_explained(locale: str) -> None:
    assert {metric.name for metric in METRICS} <= set(glossary.BY_SLUG)
    for outcome in ("already_present", "no_face", "quarantined", "passed_over"):
        assert glossary.term_of(_words.t(OUTCOME_WORDS[outcome])) is not None


def test_a_table_explains_its_heads_and_the_names_of_its_rows(locale: str) -> None:
    rows = [{_words.t("Outcome"): _words.t("Set aside"), _words.t("Files"): 3}]
    html = figures_table(rows, "Files")
    assert re.findall(r'href="words\?word=(\w+)"', html) == ["outcome", "set_aside"]
    assert f'title="{glossary.meaning("set_aside")}"' in html
    assert glossary.term_of(_words.t("Files")) is None
