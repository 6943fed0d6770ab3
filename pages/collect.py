"""Collect: where do photos come from?"""

from __future__ import annotations

from typing import Final

import streamlit as st

from db.reads.counts import workspace_counts
from db.tables import classes
from db.tables.jobs import jobs_recent
from pages import _ui
from pages._collect import data_set, files, search, sources, uploaded, video_webcam
from pages._server import jobs, workspace
from pages._ui import job_view, tables
from pages._words import count, mark, t

SOURCE_KINDS: Final = {
    "folder": mark("Folder or zip on this server"), "upload": mark("Upload"), "search": mark("Image search"),
    "list": mark("List of addresses"), "video": mark("Video"), "camera": mark("Webcam"),
    "dataset": mark("Labelled data set"), "sample": mark("Sample photos"),
}  # fmt: skip
KINDS: Final = ("ingest", "crawl", "video", "import")


def _kind_label(kind: str) -> str:
    return t(SOURCE_KINDS[kind])


def _draw(kind: str, known: tuple[str, ...], who: str) -> None:
    if kind == "upload":
        files.upload(known, who)
    elif kind == "search":
        search.search(known)
    elif kind == "list":
        search.addresses(known)
    elif kind == "video":
        video_webcam.video(known, who)
    elif kind == "camera":
        video_webcam.camera(who)
    elif kind == "dataset":
        data_set.show(known, who)
    elif kind == "sample":
        files.sample()
    else:
        files.folder(known)


def main() -> None:
    who = _ui.require_annotator()
    store = workspace.get_store()
    _ui.page_head("collect")
    job = jobs.running(store)
    last = next((j for j in store.read(lambda db: jobs_recent(db, 5)) if j.kind in KINDS), None)
    if job is not None:
        job_view.live(job.id, follow=True)
    elif last is not None:
        job_view.ended(store, last)
    known = tuple(spec.name for spec in store.read(classes.list_classes))
    st.session_state.setdefault("way", "folder")  # Overview may have chosen already
    label = t("Where the photos are")
    kind = st.segmented_control(label, SOURCE_KINDS, format_func=_kind_label, key="way", required=True)
    if job is not None and kind != "upload":  # without the choices the live view stays on the screen
        st.caption(job_view.busy_words(job))
        data_set.keep()
    else:
        _draw(str(kind), known, who)
    uploaded.unfinished(who)
    if job is None:
        files.waiting(last.params.get("paths", []) if last else [], who)
        uploaded.waiting(str(kind))
    counts = store.read(workspace_counts)
    _ui.page_title(t("Collect"), count(counts.images, "photo"))
    tables.outcomes(store, counts)
    tables.sources(store)
    sources.manage(store, busy=job is not None)
    if not _ui.to_review() and counts.images:
        _ui.next_step(t("Clean"), "clean.py", t("look at what the machine saw"))


main()
