"""Drag and drop to the upload route: one component without a build step."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import streamlit as st

from pages import _words
from pages._server.uploads import Kind

_HERE: Final = Path(__file__).parent


def _text(name: str) -> str:
    return (_HERE / name).read_text("utf-8")


_SHARED: Final = ("../_shared/dom.js", "../_shared/ids.js", "../_shared/sending.js")
_SCRIPTS: Final = [_text(name) for name in (*_SHARED, "upload_progress.js", "upload_box.js")]
_component: Final = st.components.v2.component(
    "moue_upload_box",
    html=_text("upload_box.html"),
    css=_text("upload_box.css"),
    js="\n".join((_words.SCRIPT, *_SCRIPTS)),
)
_TEXTS: Final = _words.texts_of(_SCRIPTS, _text("upload_box.html"))


@dataclass(frozen=True, slots=True)
class Uploaded:
    """What has arrived: all in one folder of the workspace, named by `batch`."""

    batch: str
    files: int
    bytes: int


def upload_box(url: str, kind: Kind = "photos") -> Uploaded | None:
    """Show the box; the answer is there in the one script run after an upload has ended.

    `st.file_uploader` would hold each file twice in the server's memory, and begin anew after a broken connection.
    """
    data = {"url": url, "kind": kind, "words": _words.for_script(_TEXTS)}
    return uploaded_of(_component(key=f"upload_box-{kind}", data=data, on_done_change=lambda: None).done)


def uploaded_of(told: object) -> Uploaded | None:
    """What a component of ours tells when files have arrived."""
    if not isinstance(told, dict):
        return None
    return Uploaded(str(told.get("batch", "")), int(told.get("files", 0)), int(told.get("bytes", 0)))
