"""Folders of this machine to choose from, beside the field in which their path can be typed."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import streamlit as st

from pages._server.folders import listing
from pages._words import t

PATH: Final = "path"
"""The key of the field with the path."""
_INTO: Final = "browse-into"


def browse(at: Path | None) -> None:
    """at: the folder that stands in the field, None where none does: then it begins with those that are allowed."""
    if not st.toggle(t("Browse folders"), key="browse-open"):
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key="browse"):
        if at is None:
            options = [str(root) for root in listing.starts()]
            label = t("Folders that may be read here")
        else:
            options = listing.folders_in(at)
            label = t("Folders in {place}", place=at)
        st.selectbox(
            label, options, index=None, key=_INTO, on_change=_enter, args=(at,), width=480,
            placeholder=t("Open one") if options else t("There are no folders in it"),
        )  # fmt: skip
        up = None if at is None else listing.above(at)
        st.button(
            t("To the folder above"),
            icon=":material/arrow_upward:",
            key="browse-up",
            disabled=at is None,
            on_click=_go,
            args=(up,),
        )


def _enter(at: Path | None) -> None:
    name = st.session_state.pop(_INTO, None)
    if name:
        _go(Path(name) if at is None else at / name)


def _go(folder: Path | None) -> None:
    st.session_state[PATH] = "" if folder is None else str(folder)
