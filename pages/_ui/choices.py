"""Widgets of Streamlit's that need help: choices among labels that carry numbers, drawers, and the box for a file."""

from __future__ import annotations

import json
from collections.abc import Sequence

import streamlit as st
from streamlit.elements.lib.mutable_expander_container import ExpanderContainer
from streamlit.runtime.uploaded_file_manager import UploadedFile

from pages._words import language, listed, t


def keep(key: str) -> str:
    """Call it as the `key` of each widget whose labels carry numbers that others change; returns the key.

    The browser knows an option by its label. In the next run, where the number is another one, Streamlit finds no such
    label and puts the first option in its place. Written anew before the widget is drawn, the choice stands.
    """
    if key in st.session_state:
        st.session_state[key] = st.session_state[key]
    return key


def drawer(label: str, icon: str, key: str) -> ExpanderContainer:
    """A drawer whose content is drawn once it is wanted: see `was_opened`."""
    return st.expander(label, icon=icon, key=key, on_change="rerun")


def was_opened(box: ExpanderContainer, key: str) -> bool:
    """Whether it is open, or was in this session: what was chosen in it holds when it is closed again.

    Streamlit draws what lies in a closed drawer, too. Where it was never opened, nothing can have been chosen in it.
    key: as `drawer` had it.
    """
    opened: bool = st.session_state.get(f"{key}-opened", False) or bool(box.open)
    st.session_state[f"{key}-opened"] = opened
    return opened


def file_uploader(label: str, types: Sequence[str], key: str) -> UploadedFile | None:
    """`st.file_uploader` for one small file, its line in the reader's language: Streamlit has it in English alone, and
    takes no words of ours."""
    with st.container(key=f"{key}-box"):
        if language() != "en":
            line = f'.st-key-{key}-box [data-testid="stFileUploaderDropzoneInstructions"] span'
            limit = t("At most {n} MB: {types}", n=st.get_option("server.maxUploadSize"), types=listed(types).upper())
            st.html(f"<style>{_instead(line, limit)}</style>")
        return st.file_uploader(label, types, key=key)


def _instead(where: str, text: str) -> str:
    """The rules that show a text in place of another one; who listens to the page hears it, too."""
    told = json.dumps(text, ensure_ascii=False).replace("<", "\\3c ")
    return (f"{where} {{ font-size: 0 !important; visibility: hidden; }} "
            f"{where}::after {{ content: {told}; font-size: 14px; visibility: visible; }}")  # fmt: skip
