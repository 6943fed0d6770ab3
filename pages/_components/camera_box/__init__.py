"""Photos by the webcam at its own resolution: one component without a build step.

`st.camera_input` sends through Streamlit's own upload, whose cap a sharp photo exceeds, and speaks English alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pages._components import _loader
from pages._components._shared.uploaded import Uploaded, uploaded_of

_SCRIPTS: Final = ("../_shared/ids.js", "../_shared/sending.js", "camera_box.js")
_component: Final = _loader.load(Path(__file__).parent, _SCRIPTS)


def camera_box(url: str) -> Uploaded | None:
    """Show the camera; the answer is there in the one script run after somebody has said to work on what was kept."""
    return uploaded_of(_component.show({"url": url}, key="camera_box", on_done_change=lambda: None).done)
