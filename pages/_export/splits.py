"""Which splits an export has, asked for in its options."""

from __future__ import annotations

from typing import Final

import streamlit as st

from pages._ui import choices
from pages._words import mark, per_cent_format, t
from pipeline.core.ranges import FOLDS, SEED, USUAL_VAL
from pipeline.export.split import Kind, SplitPlan

KINDS: Final[dict[Kind, str]] = {
    "train_val": mark("train and val"),
    "train_val_test": mark("train, val and test"),
    "folds": mark("Folds"),
}
_USUAL: Final = {"val": round(100 * USUAL_VAL), "test": 10, "folds": 5}
"""What the boxes hold at first, shares in percent. Not as their own defaults: Streamlit warns of these where a value is
set anew."""


def settings(placed: int) -> SplitPlan:
    """The splits that were chosen. placed: photos that releases of the name have placed."""
    for key, usual in _USUAL.items():
        st.session_state.setdefault(key, usual)
        choices.keep(key)  # also of a kind of split that is not shown now
    kind = st.segmented_control(
        t("Splits"), list(KINDS), format_func=lambda one: t(KINDS[one]), default="train_val", key="split_kind",
        required=True,
    )  # fmt: skip
    val, test, folds = _USUAL["val"], 0, 0
    with st.container(horizontal=True, gap="large"):
        if kind == "folds":
            folds = st.number_input(t("How many folds"), *FOLDS.ends, key="folds", width=160)
        else:
            val = st.slider(
                t("Share of the photos for val"), 5, 50, step=5, format=per_cent_format(), key="val", width=320
            )
        if kind == "train_val_test":
            test = st.slider(
                t("Share of the photos for test"), 5, 45, step=5, format=per_cent_format(), key="test", width=320
            )
        seed = st.number_input(t("Seed of the split"), *SEED.ends, 0, key="seed", width=160)
    anew = placed > 0 and not st.checkbox(
        t("Leave photos where earlier releases of this name have them · {n}", n=f"{placed:,}"), value=True, key="stay",
        help=t("A network that was trained on an earlier release is then never tested on what it has seen."),
    )  # fmt: skip
    return SplitPlan.of(val / 100, test / 100, int(folds), int(seed), anew=anew)
