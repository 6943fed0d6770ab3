"""The shell: page config, sign-in, navigation. It lies inside `pages/` so that no deep link can go round it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import streamlit as st

from db import queries
from pages import _identity, _ui, _workspace

_HERE: Final = Path(__file__).parent

_ICON: Final = (_HERE / "icon.svg").read_text("utf-8")


def _pages(counts: queries.Counts | None) -> list[st.Page]:
    """All pages; with the counts that their names carry."""
    undecided = f" {counts.undecided:,}" if counts and counts.undecided else ""
    wanted = (
        ("overview.py", "Overview", True),
        ("collect.py", "Collect", False),
        ("clean.py", "Clean", False),
        ("classes.py", "Classes", False),
        ("review.py", f"Review{undecided}", False),
        ("export.py", "Export", False),
    )
    return [st.Page(f, title=title, default=d) for f, title, d in wanted]


signed_in = _identity.identify(st.context.cookies, st.context.headers) is not None
counts = _workspace.get_store().read(queries.counts) if signed_in else None
chosen = st.navigation(_pages(counts), position="top" if signed_in else "hidden")
st.set_page_config(page_title=f"{chosen.title} · Moue" if signed_in else "Moue", layout="wide", page_icon=_ICON)
_ui.style()
if signed_in:
    _ui.corner(_ui.require_annotator())
else:
    _ui.require_annotator()
chosen.run()
