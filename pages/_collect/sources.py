"""A source whose folder moved, or that is not wanted any more."""

from __future__ import annotations

import os
from collections.abc import Callable

import streamlit as st

from db.reads.sources import SourceRow, list_sources
from db.store.store import Store
from pages import _ui
from pages._server import permission
from pages._server.folders.roots import allowed_path
from pages._ui import choices, tables
from pages._words import count, mark, recorded, t
from pipeline.actions.sources import relink_source, remove_source
from pipeline.core.errors import MoueError
from pipeline.files.remote import is_url

ON_DISK = ("folder", "file", "zip")


def manage(store: Store, *, busy: bool) -> None:
    """Relink or remove one source. busy: a job runs, whose source must not go."""
    if message := st.session_state.pop("source_told", None):  # also when that was the last one
        st.success(_ui.escaped(message))
    found = {row.id: row for row in store.read(list_sources)}
    if not found:
        return
    with choices.drawer(t("Move or remove a source"), ":material/folder_managed:", "source-drawer") as box:
        if not choices.was_opened(box, "source-drawer"):
            return
        names = {key: tables.source_name(row) for key, row in reversed(found.items())}
        chosen = st.selectbox(t("Source"), list(names), format_func=names.__getitem__, key="source-chosen")
        row = found[chosen]
        if row.kind in ON_DISK:
            _relink(store, row, busy)
        _remove(store, row, busy)


def _relink(store: Store, row: SourceRow, busy: bool) -> None:
    if not is_url(row.location) and not os.path.exists(row.location):
        message = t("There is nothing at {place} any more. Say where it lies now; nothing is lost.",
                 place=_ui.escaped(row.location))  # fmt: skip
        st.warning(message)
    location = st.text_input(t("Where it lies now"), value=row.location, key=f"source-place-{row.id}").strip()
    if _ui.button(t("Look there from now on"), "sources", disabled=busy, key="source-relink"):
        message = mark("Looking for {photos} at the new place.")
        _do(lambda: _look_at(store, row.id, location), message)


def _remove(store: Store, row: SourceRow, busy: bool) -> None:
    st.caption(
        t(
            "Removing takes {photos} with faces and crops out of the workspace, unless another source has them too. "
            "Your own files are not touched; the decisions stay in the log.",
            photos=count(row.images, "photo"),
        )
    )
    sure = st.checkbox(t("I want this source out of the workspace"), key=f"source-sure-{row.id}")
    if _ui.button(t("Remove the source"), "sources", disabled=busy or not sure, key="source-remove"):
        _do(lambda: _take_out(store, row), mark("{photos} removed."))


def _look_at(store: Store, source_id: int, location: str) -> int:
    return relink_source(store, source_id, str(allowed_path(location)), by=permission.require("sources"))


def _take_out(store: Store, row: SourceRow) -> int:
    remove_source(store, row.id, by=permission.require("sources"))
    return row.images


def _do(work: Callable[[], int], message: str) -> None:
    try:
        number = work()
    except MoueError as e:
        st.error(_ui.escaped(recorded.sentence(e.message)))
        return
    st.session_state["source_told"] = t(message, photos=count(number, "photo"))
    st.rerun()
