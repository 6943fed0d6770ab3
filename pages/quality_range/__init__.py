"""A histogram with two handles and the crops at the edges: one component (no build step)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

_FOLDER = Path(__file__).parent


def _text(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


_component = st.components.v2.component(
    "moue_quality_range",
    html=_text("range.html"),
    css=_text("range.css"),
    js=_text("edges.js") + _text("range.js"),
)


def quality_range(data: Mapping[str, Any], *, key: str, on_range: Callable[[], None]) -> None:
    """Show how one measure is spread over the faces, and let its range be chosen.

    data: {"name", "label", "unit", "help", "low", "high" (the slider's span), "step", "digits", "counts" (by bin, over
    that span), "missing", "from", "to" (the chosen ends or null), "turn", "large", "edges": [{"side", "out", "in"}],
    "base"}. A crop is {"id", "v", "value"}.
    `on_range` runs while a handle moves, some ten times a second at most: `st.session_state[key].range` is then
    {"from", "to", "turn"}; `turn` goes back as data["turn"], so that an answer to an older move never moves the handle.
    """
    _component(key=key, data=dict(data), on_range_change=on_range)
