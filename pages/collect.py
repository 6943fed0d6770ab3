"""Collect: where do photos come from?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Final

import streamlit as st

from db import classes, queries
from pages import _jobs, _options, _paths, _progress, _samples, _sources, _tables, _ui, _workspace
from pages._options import Ingest
from pages.upload_box import upload_box
from pipeline.errors import MoueError

WAYS: Final = {"folder": "Folder or zip on this server", "upload": "Upload", "sample": "Sample photos"}
FOUND: Final = {
    "missing": "There is nothing at {path}. Check the spelling; the path is one of the machine that runs Moue.",
    "forbidden": "{path} may not be read by Moue. Change its permissions, or copy it.",
}


def _start(paths: Sequence[Path], kind: str | None, options: Ingest, name: str | None = None) -> None:
    try:
        _jobs.start_ingest(
            _workspace.get_store(),
            paths,
            kind,
            **asdict(options.detection),
            copy=options.copy,
            proposals=options.proposals,
            name=name,
        )
    except MoueError as e:
        st.error(_ui.plain(_ui.sentence(str(e))))
        return
    st.rerun()


def _folder(known: tuple[str, ...]) -> None:
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
    options = _options.drawer(known, "folder")
    usable = look.kind in ("folder", "zip", "file")
    if st.button("Start", type="primary", disabled=not usable, key="start-folder"):
        _start([look.path], None, options)


def _upload(known: tuple[str, ...], who: str) -> None:
    arrived = upload_box(_ui.base() + "api/upload")
    options = _options.drawer(known, "upload")
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
                    Ingest(),
                    f"{datetime.now():%Y-%m-%d %H:%M:%S}, {who}",
                )


def _sample() -> None:
    st.markdown(_samples.WHAT)
    if st.button("Load sample photos", type="primary", key="start-sample"):
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
        _progress.ended(store, last)
    known = tuple(spec.name for spec in store.read(classes.list_classes))
    st.session_state.setdefault("way", "folder")  # Overview may have chosen already
    way = st.segmented_control("Where the photos are", WAYS, format_func=WAYS.__getitem__, key="way", required=True)
    if way == "upload":
        _upload(known, who)
    elif job is not None:  # without the choices the live view stays on the screen
        st.caption("The next photos can be collected once this is done.")
    elif way == "sample":
        _sample()
    else:
        _folder(known)
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
