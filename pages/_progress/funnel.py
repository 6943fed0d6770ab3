"""Progress: what became of each source, step by step, and the way to the faces and files of each step."""

from __future__ import annotations

from html import escape
from typing import Final
from urllib.parse import urlencode

import streamlit as st

from db.reads import progress
from db.reads.progress import Funnel
from pages import _ui
from pages._review.query import Params
from pages._server import workspace
from pages._ui import plots, tables
from pages._ui.html_table import Link, figures_table
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
    st.html(plots.bars(_steps(one), _name(one)))
    _links(one)
    _reasons(one)
    if found:
        st.html(figures_table([_source_row(each) for each in found], name=t("Sources")))


def _address(page: str, params: Params) -> str:
    return f"{_ui.base_path()}{page.removesuffix('.py')}?{urlencode(params)}"


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
    links = "".join(
        f'<a href="{escape(_address(page, params))}" target="_self" title="{escape(_help(page))}">'
        f"{escape(label)} · {number:,}</a>"
        for label, number, page, params in _targets(one)
        if number
    )
    if links:
        st.html(f'<nav class="moue-links" aria-label="{escape(_name(one))}">{links}</nav>')


def _help(page: str) -> str:
    return t("See them in Review") if page == REVIEW else t("Show them on Clean")


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
    st.html(plots.bars(bars, t("Rejected because")))


def reason_words(slug: str) -> str:
    return t(vocabulary.REASON_WORDS.get(slug, slug.replace("_", " "))) if slug else t("no reason given")


def _source_row(one: Funnel) -> Row:
    loss, most = max(one.losses.items(), key=lambda item: item[1])
    reasons = _ui.join_words(f"{reason_words(slug)} {number:,}" for slug, number in one.reasons.items())
    return {
        t("Source"): Link(_name(one), _address(*target_of(one))),
        t("Files"): one.source.files, t("Photos"): one.source.images, t("Faces"): one.faces,
        t("Decided"): one.decided, t("Accepted"): one.accepted, t("Unsure"): one.unsure, t("Rejected"): one.rejected,
        t("Most is lost to"): f"{t(_LOSSES[loss])} {most:,}" if most else "–", t("Rejected because"): reasons,
    }  # fmt: skip
