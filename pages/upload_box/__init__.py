"""Drag and drop to the upload route: one component without a build step."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import streamlit as st

from pages import _words

_HERE: Final = Path(__file__).parent


def _text(name: str) -> str:
    return (_HERE / name).read_text("utf-8")


_component: Final = st.components.v2.component(
    "moue_upload_box", html=_text("upload.html"), css=_text("upload.css"), js=f"{_words.SCRIPT}\n{_text('upload.js')}"
)
_TEXTS: Final = _words.texts_of([_text("upload.js")], _text("upload.html"))


@dataclass(frozen=True, slots=True)
class Uploaded:
    """What has arrived: all in one folder of the workspace, named by `batch`."""

    batch: str
    files: int
    bytes: int


def upload_box(url: str) -> Uploaded | None:
    """Show the box; the answer is there in the one script run after an upload has ended.

    `st.file_uploader` would hold each file twice in the server's memory.
    """
    data = {"url": url, "words": _words.for_script(_TEXTS)}
    result = _component(key="upload_box", data=data, on_done_change=lambda: None)
    told = result.done
    if not isinstance(told, dict):
        return None
    return Uploaded(str(told.get("batch", "")), int(told.get("files", 0)), int(told.get("bytes", 0)))
