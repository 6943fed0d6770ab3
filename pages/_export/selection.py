"""Which of the accepted faces leave where not all are wanted."""

from __future__ import annotations

from typing import Final

import streamlit as st

from pages._ui import choices
from pages._words import count, mark, per_cent_format, t
from pipeline.core.names import clean_name
from pipeline.core.ranges import AT_MOST
from pipeline.export.preview import Offered, Preview
from pipeline.export.selecting.chosen_by import CHOSEN_BY, ChosenBy
from pipeline.export.selecting.selection import Selection

_BY: Final[dict[ChosenBy, str]] = {
    "chance": mark("By chance, with the seed of the split"),
    "sharpness": mark("The sharpest"),
    "difference": mark("Those that differ most in mouth, pose and light"),
}
REJECTS: Final = "rejects_as"
"""The key of the box with the name of their class."""


def settings(offered: Offered) -> Selection:
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
    if offered.differ:
        least = st.slider(
            t("Leave out where fewer of the people agree"),
            0,
            100,
            0,
            5,
            format=per_cent_format(),
            key="min_agreement",
            width=320,
        )
    people = offered.not_by_people and st.checkbox(
        t("Only what people decided face by face"), key=choices.keep("people_only"),
        help=t("Without what rules decided, what was confirmed by page, and what was not on the screen"),
    )  # fmt: skip
    seen = offered.unseen > 0 and st.checkbox(
        t("Leave out what was not on the screen · {n}", n=f"{offered.unseen:,}"), key=choices.keep("only_seen"),
        help=t("Faces of a page that was decided on at once, which nobody had scrolled to"),
    )  # fmt: skip
    return Selection(least / 100, None if most is None else int(most), balance, by, people, seen)


def rejects() -> str:
    """The class that rejected faces are to be, "" where they stay out."""
    typed: str = st.text_input(
        t("Rejected faces as a class of this name"),
        key=REJECTS,
        placeholder=t("They are left out"),
        width=320,
        max_chars=40,
    )
    return clean_name(typed)


def stays_out(chosen: Preview) -> list[str]:
    """What stays out because of it, in plain words."""
    found = []
    if chosen.by_rules:
        faces = count(chosen.by_rules, "accepted face")
        found.append(t("Left out: {faces} decided by rules.", faces=faces))
    if chosen.unseen:
        faces = count(chosen.unseen, "accepted face")
        found.append(t("Left out: {faces} not seen on the screen.", faces=faces))
    if chosen.disagreed:
        faces = count(chosen.disagreed, "accepted face")
        found.append(t("Left out: {faces} on which too few people agree.", faces=faces))
    if chosen.surplus:
        faces = count(chosen.surplus, "accepted face")
        found.append(t("Left out: {faces} of classes that have more than was asked for.", faces=faces))
    return found
