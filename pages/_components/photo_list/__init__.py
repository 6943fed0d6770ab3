"""The Clean page's list and its photo editor: one component, its scripts joined at import (no build step)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import streamlit as st

from pages import _words

_FOLDER = Path(__file__).parent
# In this order: each may use what stands before it; `photo_list.js` holds the default export.
_SCRIPTS = ("../_shared/dom.js", "shapes.js", "stage.js", "editor.js", "rows.js", "photo_list.js")


def _text(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


_component = st.components.v2.component(
    "moue_photo_list",
    html=_text("photo_list.html"),
    css=_text("photo_list.css") + _text("editor.css"),
    js="\n".join((_words.SCRIPT, *map(_text, _SCRIPTS))),
)
_TEXTS: Final = _words.texts_of(map(_text, _SCRIPTS), _text("photo_list.html"))


def photo_list(data: Mapping[str, Any], *, key: str, on_act: Callable[[], None], on_turn: Callable[[], None]) -> None:
    """Show one page of files, each with its original, its overlay and its crops.

    data: {"rows": [...], "page_key", "answer", "base", "first", "last", "total", "has_next", "has_prev"}.
    `on_act` runs when a box or a crop is confirmed: `st.session_state[key].act` is then what
    `pages._clean.manual_faces.answer` takes; its answer goes back as data["answer"]. `on_turn`: `.turn` is
    {"to": "next" | "prev", "page_key"}.
    """
    told = {**data, "words": _words.for_script(_TEXTS)}
    _component(key=key, data=told, on_act_change=on_act, on_turn_change=on_turn)
