"""Gives all faces of Review's filter one class, as one step: asked once, taken back by one undo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import streamlit as st

from db.listing.relabel import MOST, relabel_seen, relabelled
from db.projection.filters import ReviewFilter
from pages import _ui
from pages._review.batch import Shown
from pages._review.query import Choices
from pages._server import permission, workspace
from pages._words import count, recorded, sentences, t
from pipeline.core.errors import MoueError

_CLASS: Final = "review-relabel-class"
_SAID: Final = "review_relabel_said"
_WANTED: Final = "review_relabel_wanted"


def button(first: Callable[[], None]) -> None:
    """Asks for the question; for those who may settle disputes. first: called as it is pressed."""
    if not _ui.why_not("adjudicate"):
        st.button(
            t("Label all"), icon=":material/label:", key="review-relabel", width="stretch", on_click=_want,
            args=(first,), help=t("Give all faces of this filter one class"),
        )  # fmt: skip


def _want(first: Callable[[], None]) -> None:
    first()
    st.session_state[_WANTED] = True


def question(who: str, flt: ReviewFilter, offered: Choices) -> None:
    """The question over the page, where the button was pressed just now."""
    if st.session_state.pop(_WANTED, False):
        st.dialog(t("Give all faces of this filter one class"))(_ask)(who, flt, offered)


def told(shown: Shown) -> Shown:
    """What the page shows, read anew where faces were relabelled just now, which is told."""
    said, refused = st.session_state.pop(_SAID, ("", ""))
    if refused:
        st.error(_ui.escaped(refused))
    return replace(shown, told=said, fresh=True) if said else shown


def _ask(who: str, flt: ReviewFilter, offered: Choices) -> None:
    n = len(workspace.get_store().read(lambda db: relabelled(db, who, flt)))
    names = {one.id: one.name for one in offered.classes}
    faces = count(n, "face")
    st.markdown(t("{faces} pass the filter, also those on other pages.", faces=f"**{faces}**"))
    st.caption(sentences(t("One undo takes it back as a whole. The log says that these faces were not looked at one by"
                           " one."), t("Gold, and faces that want second opinions, are left out.")))  # fmt: skip
    if n > MOST:
        st.info(t("At most {most} faces can be given a class at once: narrow the filter.", most=f"{MOST:,}"))
    st.selectbox(t("Class"), list(names), format_func=names.__getitem__, key=_CLASS)
    if _ui.button(t("Label {faces}", faces=faces), "adjudicate", type="primary", key="review-relabel-do",
                  disabled=not 0 < n <= MOST):  # fmt: skip
        _relabel(flt, n)
        st.rerun()


def _relabel(flt: ReviewFilter, expected: int) -> None:
    class_id = int(st.session_state[_CLASS])
    try:
        who = permission.require("adjudicate")
        n = workspace.get_store().write(lambda db: relabel_seen(db, who, flt, class_id, expected))
    except MoueError as e:
        st.session_state[_SAID] = ("", recorded.sentence(e.message))
    else:
        st.session_state[_SAID] = (t("{faces} labelled as one step; z takes it back", faces=count(n, "face")), "")
