"""A choice among labels that carry numbers: it must stand although a number changes."""

from __future__ import annotations

import streamlit as st


def keep(key: str) -> str:
    """Call it as the `key` of each widget whose labels carry numbers that others change; returns the key.

    The browser knows an option by its label. In the next run, where the number is another one, Streamlit finds no such
    label and puts the first option in its place. Written anew before the widget is drawn, the choice stands.
    """
    if key in st.session_state:
        st.session_state[key] = st.session_state[key]
    return key
