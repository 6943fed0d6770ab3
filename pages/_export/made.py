"""What was just written: where it lies, and how it is loaded."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import streamlit as st

from db.store.store import Store
from db.tables.releases import list_releases
from pages import _ui
from pages._server.exports.runs import Run
from pages._ui import choices
from pages._words import count, t
from pipeline.export.card.layouts import layout_loaders

_DRAWER: Final = "loader-drawer"


def show(store: Store, run: Run) -> None:
    """Its path, to be copied, a zip's download, and three lines for each library; nothing where it is gone."""
    found = next((one for one in store.read(list_releases) if one.id == run.release), None)
    if found is None or run.split_plan is None or run.options is None or not os.path.exists(found.path):
        return
    path = Path(found.path)
    message = t("{crops} in {place}", crops=count(run.files or 0, "crop"), place=_ui.escaped(str(path)))
    st.success(message, icon=":material/check:")
    if path.suffix == ".zip":
        st.link_button(t("Download the zip"), f"{_ui.base_path()}api/release/{found.id}", icon=":material/download:")
    else:
        st.code(str(path), language=None)
    _loading(path, run.split_plan.splits, run.options.formats)


def _loading(path: Path, splits: tuple[str, ...], formats: tuple[str, ...]) -> None:
    """Of a zip from beside the folder that it unpacks to."""
    root = path.stem if path.suffix == ".zip" else str(path)
    known = {one.name: one for one in layout_loaders(formats, splits, root)}
    with choices.drawer(t("How to load it"), ":material/code:", _DRAWER) as box:
        if not choices.was_opened(box, _DRAWER):
            return
        name = st.segmented_control(
            t("Library"), list(known), default=next(iter(known)), key="loader", required=True,
            label_visibility="collapsed",
        )  # fmt: skip
        if one := known.get(name or ""):
            st.code(one.text, language="python")
