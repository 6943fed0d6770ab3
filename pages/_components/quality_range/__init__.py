"""A histogram with two handles and the crops at the edges: one component (no build step)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import streamlit as st

from pages import _words

_FOLDER = Path(__file__).parent
_SCRIPTS: Final = ("../_shared/dom.js", "range_values.js", "edges.js", "quality_range.js")


def _text(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


_component = st.components.v2.component(
    "moue_quality_range",
    html=_text("quality_range.html"),
    css=_text("quality_range.css"),
    js="\n".join((_words.SCRIPT, *map(_text, _SCRIPTS))),
)
_TEXTS: Final = _words.texts_of(map(_text, _SCRIPTS), _text("quality_range.html"))


def quality_range(data: Mapping[str, Any], *, key: str, on_range: Callable[[], None]) -> None:
    """Show how one measure is spread over the faces, and let its range be chosen.

    data: {"name", "label", "unit", "help", "low", "high" (the slider's span), "step", "digits", "counts" (by bin, over
    that span), "missing", "from", "to" (the chosen ends or null), "turn", "large", "edges": [{"side", "out", "in"}],
    "base"}. A crop is {"id", "v", "value"}.
    `on_range` runs while a handle moves, some ten times a second at most: `st.session_state[key].range` is then
    {"from", "to", "turn"}; `turn` goes back as data["turn"], so that an answer to an older move never moves the handle.
    """
    told = {**data, "words": _words.for_script(_TEXTS)}
    _component(key=key, data=told, on_range_change=on_range)
