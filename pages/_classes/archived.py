"""The classes that were put away, and the way back for each."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from pages import _ui
from pages._ui import badge
from pages._words import t
from pipeline.core.records import ClassSpec


def section(put_away: Sequence[ClassSpec], widths: Sequence[float], bring_back: Callable[[ClassSpec], None]) -> None:
    """widths: of the columns of the classes in use, so that these stand below them."""
    if not put_away:
        return
    st.subheader(t("Archived"))
    for spec in put_away:
        with st.container(key=f"class-row-{spec.id}"):
            cells = st.columns(widths, vertical_alignment="center")
        cells[0].html(badge.badge(spec))
        cells[1].text(spec.name)
        with cells[8]:
            _ui.button(t("Bring back"), "classes", key=f"class_{spec.id}_back", on_click=bring_back, args=(spec,))
