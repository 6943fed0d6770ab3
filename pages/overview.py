"""Overview: how far are we?"""

from __future__ import annotations

from typing import Final

import streamlit as st

from db import classes, queries
from pages import _check, _jobs, _progress, _samples, _tables, _ui, _workspace

CHOICES: Final = (
    ("folder", "Point at a folder", ":material/folder_open:", "Photos on the machine that runs Moue, or a zip of them. "
     "They are read where they are and never changed."),
    ("upload", "Upload", ":material/upload:", "Photos, folders or zips from this computer, dragged here or chosen."),
    ("sample", "Load sample photos", ":material/photo_library:", "A dozen and more portraits, to try everything in a "
     "minute."),
)  # fmt: skip


def _go(way: str) -> None:
    st.session_state["way"] = way
    if way == "sample":
        with st.spinner("Making the photos …"):
            _samples.load(_workspace.get_store())
    st.switch_page("collect.py")


def _empty() -> None:
    """Three large choices: nothing asks for a setting before it shows something."""
    st.header("Start with photos")
    st.markdown("Moue finds the mouths in them; you decide which expression each one is.")
    for column, (way, title, icon, what) in zip(st.columns(3, gap="medium"), CHOICES, strict=True):
        with column, st.container(border=True, height="stretch", key=f"choice-{way}"):
            if st.button(title, icon=icon, key=f"go-{way}", width="stretch"):
                _go(way)
            st.markdown(what)


def _funnel(counts: queries.Counts) -> None:
    decided = counts.faces - counts.undecided
    steps = (
        ("Photos", counts.images, _ui.count(counts.by_outcome.get("no_face", 0), "without a face", "without a face")),
        ("Faces", counts.faces, f"{counts.undecided:,} undecided"),
        ("Decided", decided, f"{_ui.share(decided, counts.faces)} of the faces"),
        ("Accepted", counts.accepted, f"{counts.rejected:,} rejected, {counts.unsure:,} unsure"),
    )
    for column, (name, number, beside) in zip(st.columns(4, gap="medium"), steps, strict=True):
        with column, st.container(border=True):
            st.metric(name, f"{number:,}")
            st.caption(beside)
    st.progress(decided / counts.faces if counts.faces else 0.0)


def _next(counts: queries.Counts) -> None:
    if counts.undecided:
        _ui.next_step("Review", "review.py", f"{_ui.count(counts.undecided, 'face')} to decide on")
    elif counts.accepted:
        _ui.next_step("Export", "export.py", f"every face is decided, {counts.accepted:,} accepted")
    elif counts.images:
        _ui.next_step("Clean", "clean.py", "no face is there to decide on: draw the missed ones, or collect more")
    else:
        _ui.next_step("Collect", "collect.py", "no photo could be used so far")


def main() -> None:
    _ui.require_annotator()
    store = _workspace.get_store()
    counts = store.read(queries.counts)
    job = _jobs.running(store)
    if job is None and not sum(counts.by_outcome.values()):
        _empty()
        return
    st.header("Overview")
    decided = counts.faces - counts.undecided
    st.set_page_config(page_title=f"Overview · {decided:,} of {counts.faces:,} decided · Moue")
    if job is not None:
        _progress.live(job.id)
    _funnel(counts)
    st.subheader("Class balance")
    if counts.accepted:
        _tables.balance(counts, store.read(classes.list_classes))
    else:
        st.caption("No face is accepted yet.")
    recent = store.read(lambda db: queries.jobs_recent(db, 5))
    if recent:
        st.subheader("Last jobs")
        _tables.jobs(recent)
    _check.section(store)
    _next(counts)


main()
