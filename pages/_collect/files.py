"""The ways into Collect that begin with files: a folder of the server, an upload, the samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Final

import streamlit as st

from pages import _ui
from pages._collect import typed_path
from pages._collect.browse import browse
from pages._components.upload_box import upload_box
from pages._server import jobs, permission, samples, workspace
from pages._ui import detector_options
from pages._ui.detector_options import Ingest
from pages._words import count, listed, recorded, t, vocabulary
from pipeline.core.errors import MoueError

WATCH_SECONDS: Final = 2.0
"""Between two looks into a watched folder."""


def _start(
    paths: Sequence[Path], kind: str | None, options: Ingest, name: str | None = None, watch: float | None = None
) -> None:
    try:
        jobs.start_ingest(
            workspace.get_store(),
            paths,
            kind,
            annotator=permission.require("collect"),
            **asdict(options.detection),
            copy=options.copy,
            proposals=options.proposals,
            name=name,
            watch=watch,
        )
    except MoueError as e:
        st.error(_ui.escaped(recorded.sentence(e.message)))
        return
    st.rerun()


def _describe(info: typed_path.PathInfo) -> str:
    """`Folder with 412 files, in folders named pout, smile: these become proposals.`"""
    number = t("more than {n} files", n=f"{info.files:,}") if info.more else count(info.files, "file")
    message = t("{kind} with {files}", kind=t(vocabulary.SOURCE_KIND_WORDS[info.kind]), files=number)
    if not info.classes:
        return t("{found}.", found=message)
    names = listed(info.classes)
    return t("{found}, in folders named {names}: these become proposals.", found=message, names=names)


def folder(known: tuple[str, ...]) -> None:
    """A path of the machine that runs Moue."""
    typed = st.text_input(t("Folder, zip or photo"), key="path", placeholder="/home/ada/photos")
    info = typed_path.inspect_path(typed, known)
    browse(info.path if info.kind == "folder" else None)
    told = st.container(key="path-told")  # as high whatever it says, so that Start stays where it is pressed
    options = detector_options.drawer(known, "folder")
    usable = info.kind in ("folder", "zip", "file")
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="folder-start"):
        # never disabled: the field tells what stands in it only when it is left, which pressing this does
        pressed = _ui.button(t("Start"), "collect", type="primary", key="start-folder")
        watch = st.checkbox(
            t("Keep watching"), key="watch", disabled=info.kind not in ("folder", "nothing"),
            help=t("What is put into the folder later is taken, too, until you stop it or Moue ends. For crawls made"
                   " elsewhere: a file is taken once it has not changed for two seconds."),
        )  # fmt: skip
    with told:
        _tell(info, pressed)
    if pressed and usable:
        _start([info.path], None, options, watch=WATCH_SECONDS if watch and info.kind == "folder" else None)


def _tell(info: typed_path.PathInfo, pressed: bool) -> None:
    """What stands at the path, or why nothing can be begun with it. pressed: Start was."""
    if info.kind in ("folder", "zip", "file"):
        st.markdown(f":material/check: {_ui.escaped(_describe(info))}")
    elif info.kind != "nothing":
        st.error(typed_path.problem(info))
    elif pressed:
        st.error(t("Type a path first, or browse for one."))
    else:
        st.caption(t("A path of the machine that runs Moue. Originals are only read, never changed."))


def upload(known: tuple[str, ...], who: str) -> None:
    """Files, folders or zips from the reader's own computer."""
    uploaded = upload_box(_ui.base_path() + "api/upload")
    options = detector_options.drawer(known, "upload")
    name = f"{datetime.now():%Y-%m-%d %H:%M:%S}, {who}"
    if uploaded is not None and uploaded.batch != st.session_state.get("taken_batch"):
        st.session_state["taken_batch"] = uploaded.batch
        _start([workspace.root() / ".incoming" / "uploads" / uploaded.batch], "upload", options, name)


def waiting(working_on: Sequence[str], who: str) -> None:
    """Uploads whose work never started: nothing is forgotten. working_on: the paths that the last job names."""
    for batch in typed_path.waiting_batches(workspace.root()):
        if str(batch.folder) in working_on:
            continue
        with st.container(horizontal=True, vertical_alignment="center"):
            one = batch.files == 1
            st.markdown(t("1 uploaded file waits.") if one else t("{n} uploaded files wait.", n=f"{batch.files:,}"))
            if _ui.button(t("Work on them"), "collect", key=f"batch-{batch.folder.name}"):
                _start([batch.folder], "upload", Ingest(), f"{datetime.now():%Y-%m-%d %H:%M:%S}, {who}")


def sample() -> None:
    """Photos to try everything with."""
    st.markdown(t(samples.WHAT))
    if _ui.button(t("Load sample photos"), "collect", type="primary", key="start-sample"):
        try:
            with st.spinner(t("Making the photos …")):
                samples.load(workspace.get_store(), permission.require("collect"))
        except MoueError as e:
            st.error(_ui.escaped(recorded.sentence(e.message)))
            return
        st.rerun()
