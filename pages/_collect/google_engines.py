"""Google on Collect: it answers no program any more, so there are three ways through what one has oneself."""

from __future__ import annotations

from typing import Final

import streamlit as st

from pages import _ui
from pages._ui import choices
from pages._words import mark, recorded, t
from pipeline.crawl.engines.registry import ENGINES

_DRAWER: Final = "google-drawer"
INTRO: Final = mark("Google answers no program any more. Three ways lead to its images:")
OWN_PAGE: Final = mark(
    "**A page of results of your own**: collect it with the bookmarklet, or save it, and give it to *List of "
    "addresses*. It works for every engine."
)
OWN_KEY: Final = mark(
    "**A key of your own**: `SERPAPI_KEY` or `SERPER_KEY` for Google, `BRAVE_KEY` for Brave, in the environment in "
    "which Moue is started. Moue stores none."
)
OWN_CHROME: Final = mark("**Your own Chrome**:")
HOW: Final = mark(
    "Choose Google above. A window opens on the machine on which Moue runs; where Google asks for a person, "
    "answer there."
)


def usable_engines() -> list[str]:
    """The names of the image searches that can be asked here and now."""
    return [name for name, info in ENGINES.items() if info.obstacle() is None]


def explain() -> None:
    """The three ways, each with what it still lacks here."""
    with choices.drawer(t("Google"), ":material/travel_explore:", _DRAWER) as box:
        if not choices.was_opened(box, _DRAWER):
            return
        st.markdown(t(INTRO))
        lacking = ENGINES["google"].obstacle()
        how = t(HOW) if lacking is None else _ui.escaped(recorded.sentence(lacking))
        ways = (t(OWN_PAGE), t(OWN_KEY), f"{t(OWN_CHROME)} {how}")
        st.markdown("\n".join(f"1. {way}" for way in ways))
