"""Words: what does that mean?"""

from __future__ import annotations

from html import escape

import streamlit as st

from pages import _ui
from pages._words import as_sentence, glossary, t
from pages._words.purpose import PURPOSES


def _listed(rows: list[tuple[str, str]]) -> str:
    """rows: a word and what it means, as text."""
    return "".join(
        f"<dt>{escape(word[:1].upper() + word[1:])}</dt><dd>{escape(as_sentence(meaning))}</dd>"
        for word, meaning in rows
    )


def _list(title: str, rows: list[tuple[str, str]]) -> None:
    st.subheader(title, anchor=False)
    st.html(f'<dl class="moue-words">{_listed(rows)}</dl>')


def main() -> None:
    _ui.require_annotator()
    _ui.page_title(t("Words"))
    _ui.page_head("words")
    asked = glossary.BY_SLUG.get(st.query_params.get("word", ""))
    if asked is not None:
        st.html(f'<dl class="moue-words asked">{_listed([(t(asked.name), t(asked.meaning))])}</dl>')
    for title, terms in glossary.GROUPS:
        _list(t(title), [(t(term.name), t(term.meaning)) for term in terms])
    _list(t("The pages"), [(t(page.title), t(page.line)) for page in PURPOSES.values()])


main()
