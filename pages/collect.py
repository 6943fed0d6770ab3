"""Collect: where do photos come from?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, TypedDict

import streamlit as st

from db import classes, queries
from pages import _jobs, _paths, _progress, _samples, _sources, _tables, _ui, _workspace
from pages.upload_box import upload_box
from pipeline.detect import DETECTORS
from pipeline.errors import MoueError

WAYS: Final = {"folder": "Folder or zip on this server", "upload": "Upload", "sample": "Sample photos"}
LICENCE: Final = "The 68-point landmark model: not for commercial use."
FOUND: Final = {
    "missing": "There is nothing at {path}. Check the spelling; the path is one of the machine that runs Moue.",
    "forbidden": "{path} may not be read by Moue. Change its permissions, or copy it.",
}


class Options(TypedDict):
    detector: str
    copy: bool
    proposals: bool


def _start(paths: Sequence[Path], kind: str | None, options: Options, name: str | None = None) -> None:
    try:
        _jobs.start_ingest(_workspace.get_store(), paths, kind, name=name, **options)
    except MoueError as e:
        st.error(_ui.plain(_ui.sentence(str(e))))
        return
    st.rerun()


def _options(known: tuple[str, ...], way: str) -> Options:
    """Every setting has a default that works; they wait in a drawer."""
    copy = False
    with st.expander("Options", icon=":material/tune:"):
        name = st.selectbox("Face detector", list(DETECTORS), key="detector", width=280)
        info = DETECTORS[name]
        st.caption(f"Good at {info.good_at}.")
        if way == "folder":
            copy = st.checkbox("Copy the originals into the workspace", key="copy")
        proposals = st.checkbox("Sub-folders named like classes propose that class", value=True, key="propose")
        st.caption(f"Classes: {', '.join(map(_ui.plain, known))}. A proposal is never a decision.")
    st.caption(f"Detector {name}: {info.licence}. {LICENCE}")
    return Options(detector=name, copy=copy, proposals=proposals)


def _folder(known: tuple[str, ...], busy: bool) -> None:
    typed = st.text_input("Folder, zip or photo", key="path", placeholder="/home/ada/photos")
    look = _paths.look_at(typed, known)
    if look.kind in FOUND:
        st.error(FOUND[look.kind].format(path=_ui.plain(str(look.path))))
    elif look.kind == "nothing":
        st.caption("A path of the machine that runs Moue. Originals are only read, never changed.")
    else:
        number = f"more than {look.files:,} files" if look.more else _ui.count(look.files, "file")
        words = f", in folders named {', '.join(look.classes)}: these become proposals" if look.classes else ""
        st.markdown(f":material/check: {look.kind.capitalize()} with {number}{_ui.plain(words)}.")
    options = _options(known, "folder")
    usable = look.kind in ("folder", "zip", "file") and not busy
    if st.button("Start", type="primary", disabled=not usable, key="start-folder"):
        _start([look.path], None, options)


def _upload(known: tuple[str, ...], who: str) -> None:
    arrived = upload_box(_ui.base() + "api/upload")
    options = _options(known, "upload")
    name = f"{datetime.now():%Y-%m-%d %H:%M:%S}, {who}"
    if arrived is not None and arrived.batch != st.session_state.get("taken_batch"):
        st.session_state["taken_batch"] = arrived.batch
        _start([_workspace.root() / ".incoming" / "uploads" / arrived.batch], "upload", options, name)


def _waiting(told: Sequence[str], who: str) -> None:
    """Uploads whose work never started: nothing that arrived is forgotten. told: those that the last job names."""
    for batch in _paths.waiting_batches(_workspace.root()):
        if str(batch.folder) in told:
            continue
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"{_ui.count(batch.files, 'uploaded file')} {'waits' if batch.files == 1 else 'wait'}.")
            if st.button("Work on them", key=f"batch-{batch.folder.name}"):
                _start(
                    [batch.folder],
                    "upload",
                    Options(detector="yunet", copy=False, proposals=True),
                    f"{datetime.now():%Y-%m-%d %H:%M:%S}, {who}",
                )


def _sample(busy: bool) -> None:
    st.markdown(_samples.WHAT)
    if st.button("Load sample photos", type="primary", disabled=busy, key="start-sample"):
        try:
            with st.spinner("Making the photos …"):
                _samples.load(_workspace.get_store())
        except MoueError as e:
            st.error(_ui.plain(_ui.sentence(str(e))))
            return
        st.rerun()


def main() -> None:
    who = _ui.require_annotator()
    store = _workspace.get_store()
    st.header("Collect")
    job = _jobs.running(store)
    last = next((j for j in store.read(lambda db: queries.jobs_recent(db, 5)) if j.kind == "ingest"), None)
    if job is not None:
        _progress.live(job.id)
    elif last is not None:
        _progress.ended(last)
    known = tuple(spec.name for spec in store.read(classes.list_classes))
    st.session_state.setdefault("way", "folder")  # Overview may have chosen already
    way = st.segmented_control("Where the photos are", WAYS, format_func=WAYS.__getitem__, key="way", required=True)
    if way == "upload":
        _upload(known, who)
    elif way == "sample":
        _sample(job is not None)
    else:
        _folder(known, job is not None)
    if job is None:
        _waiting(last.params.get("paths", []) if last else [], who)
    counts = store.read(queries.counts)
    st.set_page_config(page_title=f"Collect · {_ui.count(counts.images, 'photo')} · Moue")
    _tables.outcomes(store, counts)
    _tables.sources(store)
    _sources.manage(store, busy=job is not None)
    if counts.undecided:
        _ui.next_step("Review", "review.py", f"{_ui.count(counts.undecided, 'face')} to decide on")
    elif counts.images:
        _ui.next_step("Clean", "clean.py", "look at what the machine saw")


main()
