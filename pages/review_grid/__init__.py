"""The review grid: one components-v2 component, its scripts joined at import (no build step)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

_FOLDER = Path(__file__).parent
# In this order: each may use what stands before it; `review.js` holds the default export.
_SCRIPTS = (
    "queue.js", "model.js", "cards.js", "viewer.js", "photo.js", "inspector.js", "keys.js", "hand.js", "toolbar.js",
    "review.js",
)  # fmt: skip


def _text(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


_component = st.components.v2.component(
    "moue_review_grid",
    html=_text("review.html"),
    css=_text("review.css"),
    js="\n".join(_text(name) for name in _SCRIPTS),
)


def review_grid(data: Mapping[str, Any], *, key: str, on_turn: Callable[[], None]) -> None:
    """Show one page of faces to decide on.

    `data` must stay the same bytes until another page is meant: `page_key` names it. `on_turn` runs before the next
    script run when the person turns the page; `st.session_state[key].turn` is then `{"to", "first", "last"}`: the
    cursors of the page that is left. After a rest in deciding the script runs once more: its counts are true again.
    """
    _component(key=key, data=dict(data), on_turn_change=on_turn, on_tick_change=lambda: None)
