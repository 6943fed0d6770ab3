"""Photos by the webcam at its own resolution: one component without a build step.

`st.camera_input` sends through Streamlit's own upload, whose cap a sharp photo exceeds, and speaks English alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import streamlit as st

from pages import _words
from pages._components.upload_box import Uploaded, uploaded_of

_HERE: Final = Path(__file__).parent


def _text(name: str) -> str:
    return (_HERE / name).read_text("utf-8")


_SCRIPTS: Final = [_text(name) for name in ("../_shared/ids.js", "../_shared/sending.js", "camera_box.js")]
_component: Final = st.components.v2.component(
    "moue_camera_box",
    html=_text("camera_box.html"),
    css=_text("camera_box.css"),
    js="\n".join((_words.SCRIPT, *_SCRIPTS)),
)
_TEXTS: Final = _words.texts_of(_SCRIPTS, _text("camera_box.html"))


def camera_box(url: str) -> Uploaded | None:
    """Show the camera; the answer is there in the one script run after somebody has said to work on what was kept."""
    data = {"url": url, "words": _words.for_script(_TEXTS)}
    return uploaded_of(_component(key="camera_box", data=data, on_done_change=lambda: None).done)
