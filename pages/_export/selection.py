"""Which of the accepted faces leave where not all are wanted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from pages._ui import choices
from pages._words import count, mark, t
from pipeline.core.ranges import AT_MOST
from pipeline.core.records import ExportItem
from pipeline.export.export import ExportPlan
from pipeline.export.selection import CHOSEN_BY, ChosenBy, Selection

_BY: Final[dict[ChosenBy, str]] = {
    "chance": mark("By chance, with the seed of the split"),
    "sharpness": mark("The sharpest"),
}


def settings(items: Sequence[ExportItem]) -> Selection:
    """Asked for agreement only where people differ on faces that count."""
    most = st.number_input(
        t("At most so many of a class"), *AT_MOST.ends, None, key="at_most", width=240, placeholder=t("All")
    )
    balance = st.checkbox(t("Of each class as many as the smallest has"), key="balance")
    by: ChosenBy = "chance"
    if most or balance:
        by = st.selectbox(
            t("Which of them"), CHOSEN_BY, format_func=lambda one: t(_BY[one]), key=choices.keep("choose"), width=320
        )
    least = 0
    if any(item.agreement is not None and item.agreement < 1 for item in items):
        least = st.slider(
            t("Leave out where fewer of the people agree"), 0, 100, 0, 5, format="%d %%", key="min_agreement", width=320
        )
    return Selection(least / 100, None if most is None else int(most), balance, by)


def stays_out(chosen: ExportPlan) -> list[str]:
    """What stays out because of it, in plain words."""
    found = []
    if chosen.disagreed:
        faces = count(chosen.disagreed, "accepted face")
        found.append(t("{faces} stay out because too few people agree on them.", faces=faces))
    if chosen.surplus:
        faces = count(chosen.surplus, "accepted face")
        found.append(t("{faces} stay out because their class has more than was asked for.", faces=faces))
    return found
