"""Collect: where do photos come from?"""

from __future__ import annotations

from typing import Final

import streamlit as st

from db import classes, queries
from pages import _arrived, _files, _jobs, _moving, _progress, _search, _sources, _tables, _ui, _workspace
from pages._words import mark, t

WAYS: Final = {
    "folder": mark("Folder or zip on this server"), "upload": mark("Upload"), "search": mark("Image search"),
    "list": mark("List of addresses"), "video": mark("Video"), "camera": mark("Webcam"),
    "sample": mark("Sample photos"),
}  # fmt: skip
KINDS: Final = ("ingest", "crawl", "video")


def _way(way: str) -> str:
    return t(WAYS[way])


def _draw(way: str, known: tuple[str, ...], who: str) -> None:
    if way == "upload":
        _files.upload(known, who)
    elif way == "search":
        _search.search(known)
    elif way == "list":
        _search.addresses(known)
    elif way == "video":
        _moving.video(known, who)
    elif way == "camera":
        _moving.camera(who)
    elif way == "sample":
        _files.sample()
    else:
        _files.folder(known)


def main() -> None:
    who = _ui.require_annotator()
    store = _workspace.get_store()
    st.header(t("Collect"))
    job = _jobs.running(store)
    last = next((j for j in store.read(lambda db: queries.jobs_recent(db, 5)) if j.kind in KINDS), None)
    if job is not None:
        _progress.live(job.id, follow=True)
    elif last is not None:
        _progress.ended(store, last)
    known = tuple(spec.name for spec in store.read(classes.list_classes))
    st.session_state.setdefault("way", "folder")  # Overview may have chosen already
    way = st.segmented_control(t("Where the photos are"), WAYS, format_func=_way, key="way", required=True)
    if job is not None and way != "upload":  # without the choices the live view stays on the screen
        st.caption(_progress.busy_words(job))
    else:
        _draw(str(way), known, who)
    if job is None:
        _files.waiting(last.params.get("paths", []) if last else [], who)
        _arrived.waiting(str(way))
    counts = store.read(queries.counts)
    _ui.page_title(t("Collect"), _ui.count(counts.images, "photo"))
    _tables.outcomes(store, counts)
    _tables.sources(store)
    _sources.manage(store, busy=job is not None)
    if counts.undecided:
        _ui.next_step(t("Review"), "review.py", _ui.to_decide_on(counts.undecided))
    elif counts.images:
        _ui.next_step(t("Clean"), "clean.py", t("look at what the machine saw"))


main()
