"""Gives all faces of Review's filter one class, as one step: asked once, taken back by one undo."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Final

import streamlit as st

from db.decisions.log import apply_ops
from db.decisions.ops import UndoOp
from db.listing.relabel import MOST, relabel_seen, relabelled
from db.listing.steps import has_standing, take_back_step
from db.projection.filters import ReviewFilter
from pages import _ui
from pages._review.batch import Shown
from pages._review.query import Choices
from pages._server import permission, workspace
from pages._words import count, in_quotes, recorded, sentences, t
from pipeline.core.errors import MoueError

_UNDO: Final = "z"
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
    said, refused, step = st.session_state.pop(_SAID, ("", "", ""))
    if refused:
        st.error(_ui.escaped(refused))
    return replace(shown, told=said, fresh=True, step=step) if said else shown


def take_back(shown: Shown, who: str) -> None:
    """Undo and its key, for where no grid is, which has both: of the step that the line means, else of the last one of
    `who`. Who decides the last face of a list, or one too many, takes it back as everywhere."""
    if shown.step:
        _ui.button(
            t("Undo"), "adjudicate", icon=":material/undo:", key="review-relabel-back", on_click=_take_back,
            args=(shown.step,), shortcut=_UNDO,
        )  # fmt: skip
    elif workspace.get_store().read(lambda db: has_standing(db, who)):
        _ui.button(
            t("Undo"), "label", icon=":material/undo:", key="review-back", on_click=_undo, shortcut=_UNDO,
            help=t("undo your last step, as often as you like"),
        )  # fmt: skip


def _undo() -> None:
    op = UndoOp(str(uuid.uuid4()))
    try:
        who = permission.require("label")
        (done,) = workspace.get_store().write(lambda db: apply_ops(db, who, [op]))
    except MoueError as e:
        st.session_state[_SAID] = ("", recorded.sentence(e.message), "")
    else:
        st.session_state[_SAID] = (recorded.sentence(done.message), "", "")


def _take_back(step: str) -> None:
    key = str(uuid.uuid4())
    try:
        who = permission.require("adjudicate")
        done = workspace.get_store().write(lambda db: take_back_step(db, who, who, step, key))
    except MoueError as e:
        st.session_state[_SAID] = ("", recorded.sentence(e.message), "")
    else:
        st.session_state[_SAID] = (t("Took back {n}.", n=f"{done.n:,}"), "", "")


def _ask(who: str, flt: ReviewFilter, offered: Choices) -> None:
    if _SAID in st.session_state:  # the press is answered: the page tells it, and the box closes
        st.rerun()
    n = len(workspace.get_store().read(lambda db: relabelled(db, who, flt)))
    names = {one.id: one.name for one in offered.classes}
    faces = count(n, "face")
    st.markdown(t("This filter has {faces}, those on other pages included.", faces=f"**{faces}**"))
    st.caption(sentences(t("One undo takes it back as a whole. The log says that these faces were not looked at one by"
                           " one."), t("Gold, and faces that want second opinions, are left out.")))  # fmt: skip
    if n > MOST:
        st.info(t("At most {most} faces can be given a class at once: narrow the filter.", most=f"{MOST:,}"))
    chosen = st.selectbox(t("Class"), list(names), index=None, format_func=names.__getitem__, key=_CLASS)
    label = t("Label {faces}", faces=faces)
    if chosen is not None:
        label = t("Label {faces} {name}", faces=faces, name=in_quotes(names[chosen]))
    _ui.button(_ui.escaped(label), "adjudicate", type="primary", key="review-relabel-do",
               disabled=chosen is None or not 0 < n <= MOST, on_click=_relabel, args=(flt, n))  # fmt: skip


def _relabel(flt: ReviewFilter, expected: int) -> None:
    """expected: what the button said as it was pressed; a run behind the press would count anew."""
    class_id, step = int(st.session_state[_CLASS]), str(uuid.uuid4())
    try:
        who = permission.require("adjudicate")
        n = workspace.get_store().write(lambda db: relabel_seen(db, who, flt, class_id, expected, step))
    except MoueError as e:
        st.session_state[_SAID] = ("", recorded.sentence(e.message), "")
    else:
        told = t("{faces} labelled as one step: undo takes it back", faces=count(n, "face"))
        st.session_state[_SAID] = (told, "", step)
