"""What Review shows where it has no face to show: why, and the way on."""

from __future__ import annotations

from typing import Final

import streamlit as st

from db.projection.filters import ReviewFilter
from db.reads.counts import Counts, workspace_counts
from pages import _ui
from pages._review import filters
from pages._server import jobs, workspace
from pages._ui import consensus as rule_words
from pages._words import as_sentence, count, t

_LOOK_S: Final = 2.0


def show(flt: ReviewFilter, counts: Counts) -> None:
    """What to do next where there is nothing to decide on."""
    coming = jobs.running(workspace.get_store()) is not None
    if coming:
        st.info(t("Photos are being collected. Their faces come here by themselves."))
    if counts.faces or not coming:
        _tell(flt, counts)
    if coming or not counts.faces:
        _follow(counts.faces, coming)


@st.fragment(run_every=_LOOK_S)
def _follow(faces: int, coming: bool) -> None:
    """Draws the page again where there are more faces, and when collecting begins or ends."""
    store = workspace.get_store()
    if (jobs.running(store) is not None) != coming or store.read(workspace_counts).faces > faces:
        st.rerun()


def _tell(flt: ReviewFilter, counts: Counts) -> None:
    if not counts.faces:
        st.info(t("There are no faces yet. Point Moue at a folder of photos, or load the sample photos."))
        _ui.next_step(t("Collect photos"), "collect.py")
    elif flt.state == "undecided" and not _ui.undecided():
        if counts.waiting:
            st.info(as_sentence(rule_words.all_answered(counts)))
            faces = count(counts.waiting, "face")
            st.button(t("Show the {faces} still waiting", faces=faces), on_click=filters.reset("waiting"))
            return
        numbers = {"n": f"{counts.accepted:,}", "m": f"{counts.rejected:,}", "k": f"{counts.unsure:,}"}
        st.success(t("Every face is decided: {n} accepted, {m} rejected, {k} unsure.", **numbers))
        if counts.unsure:
            faces = count(counts.unsure, "unsure face")
            st.button(t("Look at the {faces}", faces=faces), on_click=filters.reset("unsure"))
        _ui.next_step(t("Export"), "export.py")
    else:
        st.info(t("No face passes these filters."))
        if left := _ui.undecided():
            faces = count(left, "undecided face")
            st.button(t("Show the {faces}", faces=faces), on_click=filters.reset("undecided"))
        else:
            st.button(t("Show all {n} faces", n=f"{counts.faces:,}"), on_click=filters.reset("all"))
