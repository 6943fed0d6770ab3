"""Gold: one's own accuracy on faces whose answer is known; to the owner everybody's, and which faces are gold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import streamlit as st

from db.store.store import Db
from db.tables import roles
from db.team import gold
from db.team.gold import Accuracy
from pages import _ui
from pages._server import permission, workspace
from pages._words import count, per_cent, recorded, t
from pipeline.core.errors import MoueError

_SHARE: Final = "gold-share"
_NUMBER: Final = "gold-number"
_ERROR: Final = "gold_error"


def show(who: str) -> None:
    """One's own figure; below it what is the owner's."""
    st.caption(t("Faces whose answer is known are given among the others, as if they were undecided. The first answer "
                 "of a person on each counts; what counts on the face stays what it was."))  # fmt: skip
    store = workspace.get_store()
    mine = store.read(lambda db: gold.accuracies(db, who))
    st.markdown(t("You: {words}", words=_words(mine[0])) if mine else t("You have not answered any gold faces yet."))
    if not _ui.why_not("see_everyones_gold"):
        _everybody(store.read(gold.accuracies))
    if not _ui.why_not("gold"):
        share, number, more = store.read(lambda db: _load(db, who))
        _settings(share, number, more)
    if error := st.session_state.pop(_ERROR, ""):
        st.error(_ui.escaped(error), icon=":material/error:")


def _load(db: Db, who: str) -> tuple[float, int, int]:
    roles.require(db, who, "gold")
    return gold.current_share(db), gold.count_gold(db), len(gold.candidates(db, who))


def _words(one: Accuracy) -> str:
    low, high = one.interval
    return t("{right} of {all} right: {share} (95 % interval {low} to {high})", right=f"{one.right:,}",
             all=f"{one.answered:,}", share=per_cent(f"{100 * one.share:.0f}"),
             low=per_cent(f"{100 * low:.0f}"), high=per_cent(f"{100 * high:.0f}"))  # fmt: skip


def _everybody(found: list[Accuracy]) -> None:
    st.subheader(t("Everybody"))
    if not found:
        st.markdown(t("Nobody has answered any gold faces yet."))
    for one in found:  # by name: no ranking
        st.markdown(f"**{_ui.escaped(one.annotator)}**: {_words(one)}")


def _settings(share: float, number: int, more: int) -> None:
    st.subheader(t("Which faces are gold"))
    st.markdown(t("{faces} with a known answer. Faces that were adjudicated, or that you decided yourself, can become "
                  "gold: {more}.", faces=count(number, "face"), more=f"{more:,}"))  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="bottom"):
        most = max(1, more)
        st.number_input(t("How many more"), 1, most, min(20, most), key=_NUMBER, width=160)
        _ui.button(t("Make them gold, drawn at random"), "gold", key="gold-make", disabled=not more, on_click=_make)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.number_input(t("Gold in a batch, %"), 0, 50, round(100 * share), key=_SHARE, width=160)
        _ui.button(t("Save"), "gold", key="gold-save", on_click=_save)


def _make() -> None:
    number = int(st.session_state[_NUMBER])
    _try(lambda db, by: gold.make_some_gold(db, by, number))


def _save() -> None:
    share = int(st.session_state[_SHARE]) / 100
    _try(lambda db, by: gold.set_share(db, share, by))


def _try(work: Callable[[Db, str], object]) -> None:
    try:
        by = permission.require("gold")
        workspace.get_store().write(lambda db: work(db, by) and None)
    except MoueError as e:
        st.session_state[_ERROR] = recorded.sentence(e.message)
