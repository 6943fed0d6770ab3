"""Two more ways into Collect: frames of a video, and a photo by the webcam."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import streamlit as st

from db.base.paths import to_text
from pages import _ui
from pages._collect import uploaded
from pages._collect.typed_path import inspect_path, problem
from pages._components.camera_box import camera_box
from pages._server import jobs, permission, uploads, workspace
from pages._ui import choices, detector_options
from pages._ui.detector_options import Detection
from pages._words import mark, recorded, t
from pipeline.core.errors import MoueError
from pipeline.core.ranges import SECONDS_A_FRAME
from pipeline.frames.options import VideoOptions

MODES: Final = {
    "every": mark("One every so many seconds"), "scenes": mark("Where a scene begins"),
    "sharpest": mark("The sharpest with a face, of each so many seconds"),
}  # fmt: skip
_DRAWER: Final = "video-drawer"
PLACES: Final = {"path": mark("On this server"), "upload": mark("Upload")}


def video(known: Sequence[str], who: str) -> None:
    """Which video, and which of its frames. known: the classes' names. who: the annotator, for the source's name."""
    where = st.segmented_control(
        t("Where the video is"), list(PLACES), default="path", required=True, key="video-where",
        format_func=lambda one: t(PLACES[one]),
    )  # fmt: skip
    found = _uploaded(who) if where == "upload" else _on_server()
    mode = st.segmented_control(
        t("Which frames"), list(MODES), default="every", required=True, key="video-mode",
        format_func=lambda one: t(MODES[one]),
    )  # fmt: skip
    usual = VideoOptions()
    if mode == "scenes":
        amount = st.slider(
            t("How different a new scene is"), 0.05, 0.9, usual.scene, 0.05, key="video-scene", width=400
        )
    else:
        ends = SECONDS_A_FRAME.least, SECONDS_A_FRAME.most
        amount = st.number_input(t("Seconds"), *ends, usual.every, 0.5, key="video-every", width=200)
    chosen, proposal = _options(known)
    if _ui.button(t("Start"), "collect", type="primary", key="start-video") and _any(found["paths"], where):
        params = {**found, str(mode): amount, "class_name": proposal, "detector": chosen.detector,
                  "options": [list(pair) for pair in chosen.options], "faces": chosen.faces,
                  "landmarks": chosen.landmarks}  # fmt: skip
        _try(lambda: jobs.start_video(workspace.get_store(), params, permission.require("collect")))


def _options(known: Sequence[str]) -> tuple[Detection, str | None]:
    """What finds faces, and the class that is proposed. known: the classes' names."""
    with choices.drawer(t("Options"), ":material/tune:", _DRAWER) as box:
        if not choices.was_opened(box, _DRAWER):
            return detector_options.usual(), None
        chosen = detector_options.choose("video-detector")
        proposal = st.selectbox(
            t("Class that these photos propose"), known, index=None, key="video-class", width=320,
            placeholder=t("no class"),
        )  # fmt: skip
    return chosen, proposal


def _any(paths: Sequence[str], where: str) -> bool:
    """Whether there is a video to begin with; tells where none is, but for a path whose trouble is told."""
    if not paths and (where == "upload" or not st.session_state.get("video-path")):
        st.error(t("Upload a video first.") if where == "upload" else t("Type a path first."))
    return bool(paths)


def _on_server() -> dict[str, Any]:
    """Parameters of a job that name what was typed; without paths where nothing is there."""
    typed = st.text_input(t("Video, or a folder of videos"), key="video-path", placeholder="/home/ada/talk.mp4")
    info = inspect_path(typed, ())
    there = info.kind in ("folder", "zip", "file")
    with st.container(key="path-told"):  # as high whatever it says, so that Start stays where it is pressed
        if not there and info.kind != "nothing":
            st.error(problem(info))
    st.caption(t("Frames of one video never straddle train and val. The video itself is only read."))
    return {"paths": [to_text(str(info.path))] if there else []}


def _uploaded(who: str) -> dict[str, Any]:
    """The same of what came through the browser: Moue's own, so it is gone once its frames are taken."""
    found = uploaded.box("video")
    st.caption(
        t("Frames of one video never straddle train and val. An uploaded video is removed once its frames are taken.")
    )
    if not found:
        return {"paths": []}
    more = sum(len(one.names) for one in found) - 1
    name = Path(found[0].names[0]).name + (f" + {more:,}" if more else "")
    source_name = f"{name}, {datetime.now():%Y-%m-%d %H:%M:%S}, {who}"
    return {"paths": [to_text(str(one.folder)) for one in found], "source_name": source_name}


def camera(who: str) -> None:
    """A few photos of one's own. They stay in this workspace."""
    st.caption(t("Photos of your own face. They stay in this workspace."))
    kept = camera_box(_ui.base_path() + "api/upload")
    if kept is None or kept.batch == st.session_state.get("taken_batch"):
        return
    st.session_state["taken_batch"] = kept.batch
    name = f"{datetime.now():%Y-%m-%d %H:%M:%S}, {who}"
    _try(lambda: _ingest(kept.batch, name))


def _ingest(batch: str, name: str) -> None:
    who = permission.require("collect")
    folder = uploads.batch_folder(batch)
    jobs.start_ingest(workspace.get_store(), [folder], "upload", annotator=who, name=name)


def _try(start: Any) -> None:
    try:
        start()
    except MoueError as e:
        st.error(_ui.escaped(recorded.sentence(e.message)))
        return
    st.rerun()
