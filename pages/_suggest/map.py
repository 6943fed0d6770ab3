"""Suggestions, Map: faces as points, near each other where mouths look alike; what a lasso holds opens in Review."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

import numpy as np
import streamlit as st

from db.projection import looks
from db.store.store import Db
from db.tables.classes import list_classes
from pages import _ui
from pages._components.face_map import face_map
from pages._server import workspace
from pages._words import t

KEY: Final = "suggest_map"
_OPEN: Final = "suggest_map_open"


def show(_who: str) -> None:
    """Draw the section."""
    if (chosen := st.session_state.pop(_OPEN, None)) is not None:
        st.switch_page("review.py", query_params={"selection": str(int(chosen)), "state": "all"})
    _ui.page_title(t("Suggestions"), t("Map"))
    st.caption(
        t("Two principal components of what mouths look like: shape, edges and colour of the aligned crop. Near means "
          "alike, but two axes do not tell all: far apart on the map may still be alike. Nothing is decided here.")
    )  # fmt: skip
    described, data = workspace.get_store().read(_load)
    if not described:
        st.info(t("No mouth is described yet: that is done in the background once photos are collected, while "
                  "suggestions are on."))  # fmt: skip
        _ui.next_step(t("Collect photos"), "collect.py")
        return
    face_map({**data, "locked": _ui.why_not("views") or "", "base": _ui.base_path()}, key=KEY, on_open=_opened)


def _opened() -> None:
    st.session_state[_OPEN] = st.session_state[KEY].open


def _load(db: Db) -> tuple[bool, dict[str, Any]]:
    described = bool(np.any(looks.stored(db).known))
    return described, {"classes": [asdict(one) for one in list_classes(db, archived=True)]}
