"""What was just written: where it lies, and how it is loaded."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from pages import _ui
from pages._words import count, t
from pipeline.actions.release.record import Release
from pipeline.export.card.layouts import layout_loaders


@dataclass(frozen=True, slots=True)
class Made:
    """release: what was written, in these splits and formats (see `ExportOptions`)."""

    release: Release
    splits: tuple[str, ...]
    formats: tuple[str, ...]


def show(found: Made | None) -> None:
    """Its path, to be copied, a zip's download, and three lines for each library; nothing where nothing was written."""
    if found is None:
        return
    made = found.release
    message = t("{crops} in {place}", crops=count(made.files, "crop"), place=_ui.escaped(str(made.path)))
    st.success(message, icon=":material/check:")
    if made.path.suffix == ".zip":
        st.link_button(
            t("Download the zip"), f"{_ui.base_path()}api/release/{made.release_id}", icon=":material/download:"
        )
    else:
        st.code(str(made.path), language=None)
    _loading(found)


def _loading(found: Made) -> None:
    """Of a zip from beside the folder that it unpacks to."""
    path = found.release.path
    root = path.stem if path.suffix == ".zip" else str(path)
    known = {one.name: one for one in layout_loaders(found.formats, found.splits, root)}
    with st.expander(t("How to load it"), icon=":material/code:"):
        name = st.segmented_control(
            t("Library"), list(known), default=next(iter(known)), key="loader", required=True,
            label_visibility="collapsed",
        )  # fmt: skip
        if one := known.get(name or ""):
            st.code(one.text, language="python")
