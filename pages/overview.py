"""Overview: how far are we?"""

from __future__ import annotations

from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from db.reads.counts import Counts, workspace_counts
from db.tables import classes
from db.tables.jobs import jobs_recent
from pages import _ui
from pages._overview import funnel, verify
from pages._review import place
from pages._server import jobs, permission, samples, workspace
from pages._ui import consensus, job_view, tables
from pages._words import mark, t

CHOICES: Final = (
    ("folder", mark("Point at a folder"), ":material/folder_open:",
     mark("Photos on the machine that runs Moue, or a zip of them. They are read where they are and never changed.")),
    ("upload", mark("Upload"), ":material/upload:",
     mark("Photos, folders or zips from this computer, dragged here or chosen.")),
    ("sample", mark("Load sample photos"), ":material/photo_library:",
     mark("A dozen and more portraits, to try everything in a minute.")),
)  # fmt: skip


def _go(kind: str, told: DeltaGenerator) -> None:
    """told: where the choice says what it is: a wait stands there, so that nothing moves."""
    st.session_state["way"] = kind
    if kind == "sample":
        with told, st.spinner(t("Making the photos …")):
            samples.load(workspace.get_store(), permission.require("collect"))
    st.switch_page("collect.py")


def _empty() -> None:
    """Three large choices: nothing asks for a setting before it shows something."""
    st.header(t("Start with photos"))
    st.markdown(t("Moue finds the mouths in them; you decide which expression each one is."))
    for column, (kind, title, icon, what) in zip(st.columns(3, gap="medium"), CHOICES, strict=True):
        with column, st.container(border=True, height="stretch", key=f"choice-{kind}"):
            chosen = _ui.button(t(title), "collect", icon=icon, key=f"go-{kind}", width="stretch")
            told = st.empty()
            if chosen:
                _go(kind, told)
            told.markdown(t(what))


def _next(counts: Counts) -> None:
    if _ui.to_review():
        _go_on()
    elif counts.accepted:
        why = consensus.all_answered(counts)
        _ui.next_step(t("Export"), "export.py", why)
    elif counts.images:
        _ui.next_step(t("Clean"), "clean.py", t("no face is there to decide on: draw the missed ones, or collect more"))
    else:
        _ui.next_step(t("Collect"), "collect.py", t("no photo could be used so far"))


def _go_on() -> None:
    """Back to the page, face and filter that the person left in Review, today or earlier in this browser."""
    left = place.last(_ui.require_annotator())
    if left is not None and st.button(t("Go on where I was"), key="go-on", icon=":material/history:"):
        st.switch_page("review.py", query_params=left)


def main() -> None:
    _ui.require_annotator()
    store = workspace.get_store()
    counts = store.read(workspace_counts)
    job = jobs.running(store)
    if job is None and not sum(counts.by_outcome.values()):
        _empty()
        return
    _ui.page_head("overview")
    _ui.page_title(t("Overview"), t("{n} of {all} decided", n=f"{counts.decided:,}", all=f"{counts.faces:,}"))
    if job is not None:
        job_view.live(job.id, follow=True)
    funnel.show(counts)
    consensus.line(counts)
    st.subheader(t("Class balance"))
    if counts.accepted:
        tables.balance(counts, store.read(lambda db: classes.list_classes(db, archived=True)))
    else:
        st.caption(t("No face is accepted yet."))
    if st.button(t("Over time, by annotator, against targets"), key="to-progress", type="tertiary",
                 icon=":material/monitoring:"):  # fmt: skip
        st.switch_page("progress.py")
    recent = store.read(lambda db: jobs_recent(db, 5))
    if recent:
        st.subheader(t("Last jobs"))
        tables.jobs(recent)
    verify.section(store)
    _next(counts)


main()
