"""Drag and drop to the upload route: one component without a build step."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pages._components import _loader
from pages._components._shared.uploaded import Uploaded, uploaded_of
from pages._server.uploads import Kind

_SCRIPTS: Final = (
    "../_shared/dom.js",
    "../_shared/ids.js",
    "../_shared/sending.js",
    "upload_progress.js",
    "upload_box.js",
)
_component: Final = _loader.load(Path(__file__).parent, _SCRIPTS, styles=("../_shared/drop_box.css",))


def upload_box(url: str, kind: Kind = "photos") -> Uploaded | None:
    """Show the box; the answer is there in the one script run after an upload has ended.

    `st.file_uploader` would hold each file twice in the server's memory, and begin anew after a broken connection.
    """
    data = {"url": url, "kind": kind}
    return uploaded_of(_component.show(data, key=f"upload_box-{kind}", on_done_change=lambda: None).done)
