"""Progress: what became of each source, step by step, and the way to the faces and files of each step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd
import streamlit as st

from db.reads import progress
from db.reads.progress import Funnel
from pages import _ui
from pages._review.query import Params
from pages._server import workspace
from pages._ui import plots, tables
from pages._ui.plots import Bar, Row
from pages._words import mark, t, vocabulary

REVIEW: Final = "review.py"
CLEAN: Final = "clean.py"
_LOSSES: Final = {
    "file": mark("files that were no new photo"), "photo": mark("photos without a face"), "face": mark("rejected faces")
}  # fmt: skip


@st.fragment
def sources() -> None:
    """What became of all sources together, or of one, step by step; a table compares them. A step and a row lead on."""
    st.subheader(t("Sources"))
    found = workspace.get_store().read(progress.funnels)
    shown = {0: progress.sum_of(found), **{one.source.id: one for one in found}}
    chosen = 0
    if len(found) > 1:
        chosen = st.selectbox(t("Source"), list(shown), format_func=lambda one: _name(shown[one]), key="funnel-source",
                              label_visibility="collapsed")  # fmt: skip
    one = shown.get(chosen, shown[0])
    plots.chart(plots.bars(_steps(one), _name(one)), "funnel")
    _links(one)
    _reasons(one)
    st.caption(t("Choose a row to see the faces of its source in Review."))
    row = _chosen_row([_source_row(each) for each in found])
    if row is not None and row < len(found):
        page, params = target_of(found[row])
        st.switch_page(page, query_params=params)


def target_of(one: Funnel) -> tuple[str, Params]:
    """Where a source is looked at: its faces in Review, or its files in Clean where no face is among them."""
    _, faces, page, params = _targets(one)[0]
    return (page, params) if faces else (CLEAN, _only(one))


def _only(one: Funnel, **params: str) -> Params:
    """The parameters with the source's own, if it is one."""
    return {**params, "source": str(one.source.id)} if one.source.id else params


def _targets(one: Funnel) -> list[tuple[str, int, str, Params]]:
    """(label, how many, page, its address's parameters): exactly what that page then shows."""
    states = (
        ("all", t("Faces"), one.faces), ("undecided", t("Undecided"), one.faces - one.decided),
        ("accepted", t("Accepted"), one.accepted), ("rejected", t("Rejected"), one.rejected),
        ("unsure", t("Unsure"), one.unsure),
    )  # fmt: skip
    ways = [(label, number, REVIEW, _only(one, state=state)) for state, label, number in states]
    return [
        *ways,
        (t("Without a face"), one.faceless, CLEAN, _only(one, outcome="no_face")),
        (t("Passed over"), one.passed_over, CLEAN, _only(one, outcome="passed_over")),
    ]


def _links(one: Funnel) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="funnel-links"):
        for index, (label, number, page, params) in enumerate(_targets(one)):
            if number and st.button(f"{label} · {number:,}", key=f"funnel-{index}", help=_help(page)):
                st.switch_page(page, query_params=params)


def _help(page: str) -> str:
    return t("See them in Review") if page == REVIEW else t("Show them on Clean")


def _chosen_row(rows: Sequence[Row]) -> int | None:
    """A table of the numbers; the index of the row that was just chosen."""
    frame = pd.DataFrame(rows)
    event = st.dataframe(
        frame, hide_index=True, key="sources-table", column_config=plots.formats(frame), on_select="rerun",
        selection_mode="single-row",
    )  # fmt: skip
    return next(iter(event["selection"]["rows"]), None)


def _name(one: Funnel) -> str:
    return tables.source_name(one.source) if one.source.id else t("All sources")


def _steps(one: Funnel) -> list[Bar]:
    """Faces have no share of the photos: one may have several."""
    files, photos = one.source.files, one.source.images
    faceless = " · " + t("{n} without a face", n=f"{one.faceless:,}") if one.faceless else ""
    passed_over = t("{n} passed over", n=f"{one.passed_over:,}") if one.passed_over else ""
    steps = (
        (t("Files"), files, passed_over),
        (t("Photos"), photos, t("{share} of the files", share=_ui.percentage(photos, files)) + faceless),
        (t("Faces"), one.faces, ""),
        (t("Decided"), one.decided, t("{share} of the faces", share=_ui.percentage(one.decided, one.faces))),
        (t("Accepted"), one.accepted, t("{share} of the decided", share=_ui.percentage(one.accepted, one.decided))),
    )
    return [
        Bar(label, number, f"{number:,}{' · ' if more else ''}{more}", plots.colour("accent"))
        for label, number, more in steps
    ]


def _reasons(one: Funnel) -> None:
    if not one.rejected:
        return
    st.caption(t("{n} of {all} decided faces are rejected, because", n=f"{one.rejected:,}", all=f"{one.decided:,}"))
    quiet = plots.colour("quiet")
    bars = [
        Bar(reason_words(slug), number, f"{number:,} · {_ui.percentage(number, one.rejected)}", quiet)
        for slug, number in one.reasons.items()
    ]
    plots.chart(plots.bars(bars, t("Rejected because")), "reasons")


def reason_words(slug: str) -> str:
    return t(vocabulary.REASON_WORDS.get(slug, slug.replace("_", " "))) if slug else t("no reason given")


def _source_row(one: Funnel) -> Row:
    loss, most = max(one.losses.items(), key=lambda item: item[1])
    reasons = _ui.join_words(f"{reason_words(slug)} {number:,}" for slug, number in one.reasons.items())
    return {
        t("Source"): _name(one), t("Files"): one.source.files, t("Photos"): one.source.images, t("Faces"): one.faces,
        t("Decided"): one.decided, t("Accepted"): one.accepted, t("Unsure"): one.unsure, t("Rejected"): one.rejected,
        t("Most is lost to"): f"{t(_LOSSES[loss])} {most:,}" if most else "–", t("Rejected because"): reasons,
    }  # fmt: skip
