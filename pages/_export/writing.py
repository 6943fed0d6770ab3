"""An export while it is written, and how the last one ended."""

from __future__ import annotations

from typing import Final

import streamlit as st

from db.store.store import Store
from pages import _ui
from pages._export import made
from pages._server import permission, pseudonyms, workspace
from pages._server.exports import runs
from pages._server.exports.runs import Run
from pages._words import as_sentence, language, mark, recorded, t

EVERY_SECONDS: Final = 0.5
_DOING: Final = {
    "photos": mark("Cutting pictures from photos: {done} of {of}"),
    "files": mark("Writing pictures: {done} of {of}"),
    "disk": mark("Bringing files to the disk: {done} of {of}"),
    "zip": mark("Packing the zip: {done} of {of} files"),
}


def running(run: Run | None) -> bool:
    """Whether it is one that runs, which is shown then."""
    if run is None or run.state != "running":
        return False
    live(run.id)
    return True


@st.fragment(run_every=EVERY_SECONDS)
def live(run_id: str) -> None:
    """Follow one export; the whole page runs again when it has ended."""
    store = workspace.get_store()
    run = runs.find(store, run_id)
    if run is None or run.state != "running":
        st.rerun()
        return
    with st.container(border=True, key="live-export"):
        with st.container(horizontal=True, vertical_alignment="center", key="live-export-head"):
            st.markdown(f"**{_ui.escaped(run.name)}**", width="stretch")
            if run.cancel:
                st.caption(t("Stopping; nothing of it will be left."), width="content")
            else:
                _ui.button(
                    t("Cancel"), "export", icon=":material/stop_circle:", key="cancel-export",
                    on_click=_cancel, args=(store, run_id),
                )  # fmt: skip
        _bar(run)
        st.caption(t("Started by {name}", name=_ui.escaped(pseudonyms.shown()(run.annotator))))


def _bar(run: Run) -> None:
    at = run.progress
    if at is None or at.doing not in _DOING:
        st.progress(0.0, t("Starting …"))
        return
    words = t(_DOING[at.doing], done=f"{at.done:,}", of=f"{at.of:,}")
    st.progress(min(1.0, at.done / max(1, at.of)), words)


def _cancel(store: Store, run_id: str) -> None:
    permission.require("export")
    runs.cancel(store, run_id)


def ended(run: Run) -> None:
    """How it ended, in one line, and where what it wrote lies."""
    if run.state == "done":
        made.show(workspace.get_store(), run)
    elif run.state == "cancelled":
        st.info(t("{name} was cancelled: nothing of it is left.", name=_ui.escaped(run.name)), icon=":material/block:")
    elif run.error is not None and run.error.code == "export_is_there":  # the command line has a word, we have a box
        out = run.error.params["out"]
        words = t("{out} is an earlier export: tick the box above to replace it, or choose another name", out=out)
        st.error(_ui.escaped(as_sentence(words, capital=False, locale=language())))
    else:
        st.error(_ui.escaped(recorded.sentence(run.error)))
