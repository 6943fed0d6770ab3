"""Two more ways into Collect: frames of a video, and a photo by the webcam."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import streamlit as st

from pages import _jobs, _options, _ui, _workspace
from pages._words import mark, t
from pipeline.errors import MoueError
from pipeline.video_options import VideoOptions

MODES: Final = {
    "every": mark("One every so many seconds"), "scenes": mark("Where a scene begins"),
    "sharpest": mark("The sharpest with a face, of each so many seconds"),
}  # fmt: skip


def video(known: Sequence[str]) -> None:
    """Which video, and which of its frames. known: the classes' names."""
    typed = st.text_input(t("Video, or a folder of videos"), key="video-path", placeholder="/home/ada/talk.mp4")
    place = Path(typed.strip()).expanduser()
    there = bool(typed.strip()) and place.is_absolute() and place.exists()
    if typed.strip() and not there:
        st.error(
            t("There is nothing at {path}. Check the spelling; the path is one of the machine that runs Moue.",
              path=_ui.plain(str(place)))
        )  # fmt: skip
    st.caption(t("Frames of one video never straddle train and val. The video itself is only read."))
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
        amount = st.number_input(t("Seconds"), 0.05, 3600.0, usual.every, 0.5, key="video-every", width=200)
    with st.expander(t("Options"), icon=":material/tune:"):
        chosen = _options.choose("video-detector")
        proposal = st.selectbox(
            t("Class that these photos propose"), known, index=None, key="video-class", width=320,
            placeholder=t("none"),
        )  # fmt: skip
    if st.button(t("Start"), type="primary", disabled=not there, key="start-video"):
        params = {"paths": [str(place)], str(mode): amount, "class_name": proposal, "detector": chosen.detector,
                  "options": [list(pair) for pair in chosen.options], "faces": chosen.faces}  # fmt: skip
        _try(lambda: _jobs.start_video(_workspace.get_store(), params))


def camera(who: str) -> None:
    """A few photos of one's own. They stay in this workspace."""
    taken = st.camera_input(t("A photo of your own face"), key="camera", width=480)
    if taken is not None and st.button(t("Keep this photo"), type="primary", key="start-camera"):
        now = datetime.now()
        folder = _workspace.root() / ".incoming" / "uploads" / uuid.uuid4().hex
        folder.mkdir(parents=True)
        (folder / f"camera-{now:%Y%m%d-%H%M%S}.jpg").write_bytes(taken.getvalue())
        name = f"{now:%Y-%m-%d %H:%M:%S}, {who}"
        _try(lambda: _jobs.start_ingest(_workspace.get_store(), [folder], "upload", name=name))


def _try(start: Any) -> None:
    try:
        start()
    except MoueError as e:
        st.error(_ui.plain(_ui.sentence(str(e))))
        return
    st.rerun()
