"""Suggestions, By photo: the mouths here that look most like the one on a photo, which is not kept."""

from __future__ import annotations

from typing import Final

import streamlit as st

from db.projection.looks import LOOKS
from db.store.store import Db
from db.suggest import descriptors
from pages import _ui
from pages._components.similar_box import similar_box
from pages._server import workspace
from pages._words import t

KEY: Final = "suggest_by_photo"
_OPEN: Final = "suggest_by_photo_open"


def show(_who: str) -> None:
    """Draw the section."""
    if (found := st.session_state.pop(_OPEN, None)) is not None:
        query = {"selection": str(int(found["id"])), "state": "all", "order": f"{LOOKS}{found['nearest']}"}
        st.switch_page("review.py", query_params=query)
    st.caption(
        t("The mouths here that look most like the one on a photo open in Review, the nearest first. The photo is "
          "looked at by a process of its own and is not kept; with several faces on it the largest one counts.")
    )  # fmt: skip
    if not workspace.get_store().read(_described):
        st.info(t("No mouth is described yet: that is done in the background once photos are collected, while "
                  "suggestions are on."))  # fmt: skip
        _ui.next_step(t("Collect photos"), "collect.py")
        return
    similar_box({"base": _ui.base_path(), "locked": _ui.why_not("views") or ""}, key=KEY, on_open=_opened)


def _opened() -> None:
    st.session_state[_OPEN] = st.session_state[KEY].open


def _described(db: Db) -> bool:
    return descriptors.basis(db) is not None
