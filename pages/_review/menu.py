"""What is rarely wanted of Review's row, in a box that opens: the row itself stays one line."""

from __future__ import annotations

from typing import Final

import streamlit as st

from pages._review import batch, filters, relabel, suggest
from pages._review.query import Choices, Params
from pages._words import t

BOX: Final = "review-menu"


def menu(params: Params, offered: Choices, *, suggestions: bool) -> None:
    """How many faces a page has, and what is done with all that the filter shows. suggestions: also the way into
    labelling with them, which has no place in the row."""
    with st.popover(t("More"), icon=":material/more_horiz:", key=BOX, on_change=_turned):
        filters.choose_size(params)
        if suggestions:
            suggest.button(offered, width="stretch")
        batch.hand_out(params, len(offered.annotators))
        relabel.button(_close)


def _close() -> None:
    st.session_state[BOX] = False


def _turned() -> None:
    """The box is known to the server, so that an entry can close it."""
