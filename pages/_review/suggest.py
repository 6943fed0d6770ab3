"""Labelling with suggestions: its button, its orders, and when Enter confirms."""

from __future__ import annotations

from typing import Final, Literal

import streamlit as st

from db.projection.facets import Facets
from db.projection.filters import ReviewFilter
from db.projection.suggestion_orders import MIX, RANDOM, TYPICAL, UNCERTAIN, Confidence
from pages import _ui
from pages._review import batch, query
from pages._review.query import Choices
from pages._words import per_cent, t

PER_CENT: Final = 100


def button(offered: Choices, *, width: Literal["content", "stretch"] = "content") -> None:
    """Takes a batch in the order that teaches most; only where something is suggested."""
    if offered.suggested:
        _ui.button(
            t("With suggestions"), "claim", icon=":material/lightbulb:", key="review-with-suggestions", on_click=_start,
            width=width,
            help=t("Label with suggestions: the next faces, most of them those that the suggester is least sure of, a"
                   " quarter drawn at random; one class at a time, and Enter confirms what reaches your threshold"),
        )  # fmt: skip


def rest(offered: Choices, found: Facets) -> bool:
    """Behind the stop: leads to the next class whose undecided faces may be confirmed page by page; whether there is
    one."""
    if not offered.stopped or offered.told is None or offered.told.correct is None:
        return False
    left = [one for one in offered.suggested if found.of["suggested"].get(str(one.id))]
    if left:
        st.button(
            t("Confirm the rest"), icon=":material/done_all:", key="review-confirm-rest", on_click=_confirm,
            args=(left[0].id,),
            help=t("Enough was labelled: if all {n} that are left get the class suggested, {p} or more of all labels"
                   " are right, as the random draws tell. One class after the other, the most typical first.",
                   n=f"{offered.told.left:,}", p=per_cent(f"{PER_CENT * offered.told.correct:.1f}")),
        )  # fmt: skip
    return bool(left)


def _confirm(class_id: int) -> None:
    query.navigate({"suggested": str(class_id), "order": f"{TYPICAL}{class_id}"})


def _start() -> None:
    params = {name: said for name, said in query.current().items() if name != "state"}
    query.navigate({**params, "order": MIX})
    batch.want()


def labelling(flt: ReviewFilter, offered: Choices, batch: str | None) -> bool:
    """Whether Enter confirms suggestions: in a batch for it, or where the list shows one suggested class."""
    if not offered.suggested or flt.state != "undecided":
        return False
    return flt.order == MIX if batch else flt.suggested is not None


def orders(offered: Choices, current: str, *, stopped: bool) -> dict[str, str]:
    """The orders by suggestions, with what they are called. stopped: enough was labelled one by one; before that the
    most typical first would spoil what is learned."""
    found = {UNCERTAIN: t("Least sure first")} if offered.suggested else {}
    found[RANDOM] = t("Shuffled")
    for one in offered.suggested:
        name = f"{TYPICAL}{one.id}"
        if stopped or current == name:
            found[name] = t("Most like “{name}” first", name=one.name)
    if current == MIX:
        found[MIX] = t("With suggestions")
    return found


def describe_confidence(ends: Confidence) -> str:
    """`80 % to 95 %`, with open ends."""
    low, high = (None if end is None else per_cent(f"{end * PER_CENT:.4g}") for end in ends)
    if low and high:
        return t("Suggested with {low} to {high}", low=low, high=high)
    return t("Suggested with {low} or more", low=low) if low else t("Suggested with {high} or less", high=high)
