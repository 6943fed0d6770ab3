"""What an export takes: its options, and what is worth a thought before it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import streamlit as st
from streamlit.elements.lib.mutable_expander_container import ExpanderContainer

from db.reads.counts import Counts
from pages import _ui
from pages._export import layout, pictures, selection, splits
from pages._ui import choices, consensus
from pages._words import count, in_quotes, labelled, listed, mark, per_cent, recorded, t
from pipeline.core.ranges import MIN_SIDE
from pipeline.export.options import ExportOptions
from pipeline.export.preview import Offered, Preview
from pipeline.export.split import DEFAULT_PLAN, SplitPlan

FEW: Final = 20
"""Faces of a class, in all, below which a network learns little of it."""
FEW_HELD_OUT: Final = 10
"""Faces of a class in val or test, below which one mistake moves the class's score by more than 10 points."""
_FEW_IN_ALL: Final = mark(
    "Few in {split}: {names}. Below {n}, one mistake moves a class's score by more than 10 points. There are few of "
    "them in all, and {split} takes {share}: accept more, or give {split} a larger share."
)
_HANG_TOGETHER: Final = mark(
    "Few in {split}: {names}. Below {n}, one mistake moves a class's score by more than 10 points. Their photos belong "
    "together (near copies, one video, one person) and stay in one split: accept photos of others."
)
SIZES: Final = (0, 64, 96, 112, 128, 160, 224, 256)
"""Pixels of a picture's side; 0: as it was cut."""
_LICENCES: Final = "licences"
"""The key of the box with the licences."""
_DRAWER: Final = "export-options"
_USUAL: Final = (DEFAULT_PLAN, ExportOptions())
"""What its boxes hold before anybody touched them."""


def settings(offered: Offered) -> tuple[SplitPlan, ExportOptions]:
    """The splits, and which of the accepted faces leave and how.

    Its boxes are drawn from the first time on that the drawer is opened: most exports take none of them.
    """
    with _drawer() as drawer:
        if not choices.was_opened(drawer, _DRAWER):
            return _USUAL
        split_plan = splits.settings(offered.placed)
        st.caption(t("The same decisions, share and seed give the same files, byte for byte."))
        shown = pictures.settings()
        size = st.selectbox(t("Size of the pictures"), SIZES, format_func=_size_words, key="size", width=320)
        least = st.number_input(t("Leave out crops below, in pixels"), *MIN_SIDE.ends, 0, key="min_side", width=240)
        by_page = offered.by_page
        without = by_page > 0 and st.checkbox(
            t("Leave out what was confirmed by page · {n}", n=f"{by_page:,}"), key="without_confirmed",
            help=t("Faces whose suggested class was confirmed together with a page of others, not one by one"),
        )  # fmt: skip
        wanted, rejects = selection.settings(offered), selection.rejects()
        licences = frozenset(_licences(offered.licences))
        formats, order = layout.settings(offered.class_names)
    how = ExportOptions(size or None, int(least), licences, without, wanted, formats, order, shown, rejects)
    return split_plan, how


def show_waiting() -> None:
    """Their place, while what they offer is not known."""
    with _drawer():
        st.caption(t("Planning the splits"))


def _drawer() -> ExpanderContainer:
    return choices.drawer(t("Options"), ":material/tune:", _DRAWER)


def _size_words(size: int) -> str:
    return t("{n} x {n} pixels", n=size) if size else t("As they are, unresized")


def _licences(there: Mapping[str, int]) -> list[str]:
    """Asked for only where accepted faces differ in it, or where somebody has chosen already.

    The numbers stand below: in the options they would change under the hand that chooses.
    """
    chosen: list[str] = st.session_state.get(_LICENCES, [])
    offered = sorted({*there, *chosen}, key=str.casefold)
    if len(offered) < 2:
        return chosen
    wanted: list[str] = st.multiselect(
        t("Only photos under these licences"),
        offered,
        format_func=recorded.licence,
        key=choices.keep(_LICENCES),
        placeholder=t("Any or none"),
        help=t("What was told first of a photo, as in the filters of Review. Of your own photos none is known."),
        width=480,
    )
    st.caption(" · ".join(labelled(_ui.escaped(recorded.licence(name)), f"{there.get(name, 0):,}") for name in offered))
    return wanted


def warnings(chosen: Preview, counts: Counts) -> list[str]:
    """What may be exported and is worth a thought, in plain words."""
    return [*_what_stays_out(chosen, counts), *_what_is_short(chosen), *_few_held_out(chosen)]


def _what_stays_out(chosen: Preview, counts: Counts) -> list[str]:
    found = []
    if counts.undecided:
        found.append(t("Left out: {faces} without a decision yet.", faces=count(counts.undecided, "face")))
    if parts := consensus.waiting(counts):
        found.append(t("Without a consensus yet, and so left out: {reasons}.", reasons=_ui.join_words(parts)))
    if counts.unsure:
        found.append(t("Left out: {faces} marked unsure.", faces=count(counts.unsure, "face")))
    if chosen.under_others:
        left = count(sum(chosen.under_others.values()), "accepted face")
        names = _ui.join_words(f"{recorded.licence(name)} ({n:,})" for name, n in chosen.under_others.items())
        found.append(t("Left out: {faces} under other licences: {names}.", faces=left, names=names))
    if chosen.confirmed:
        faces = count(chosen.confirmed, "accepted face")
        found.append(t("Left out: {faces} confirmed by page.", faces=faces))
    if chosen.left_out:
        left = count(chosen.left_out, "accepted face")
        found.append(t("Left out: {faces} below the least side.", faces=left))
    return [*found, *selection.stays_out(chosen)]


def _few_held_out(chosen: Preview) -> list[str]:
    """Classes of which val or test has few, and why: there are few of them, or their photos cannot be parted."""
    found = []
    shares = chosen.split_plan.shares
    for split in [one for one in ("val", "test") if one in chosen.counts]:
        part, whole = shares[split]
        all_of = {name: sum(of[name] for of in chosen.counts.values()) for name in chosen.class_names}
        few = [name for name in chosen.class_names if 0 < chosen.counts[split][name] < FEW_HELD_OUT]
        for why in (_FEW_IN_ALL, _HANG_TOGETHER):
            names = [
                _with_number(name, chosen.counts[split][name])
                for name in few
                if (all_of[name] * part < FEW_HELD_OUT * whole) == (why == _FEW_IN_ALL)
            ]
            if names:
                share = per_cent(f"{100 * part / whole:g}")
                found.append(t(why, split=split, names=listed(names), n=FEW_HELD_OUT, share=share))
    return found


def _with_number(name: str, number: int) -> str:
    return t("{name} ({n})", name=in_quotes(name), n=f"{number:,}")


def _what_is_short(chosen: Preview) -> list[str]:
    found = []
    by_class = {name: sum(chosen.counts[split][name] for split in chosen.counts) for name in chosen.class_names}
    present = {name: number for name, number in by_class.items() if number}
    few = [_with_number(name, number) for name, number in present.items() if number < FEW]
    if few:
        names = listed(few)
        found.append(t("Fewer than {n} faces: {names}. A network learns little from so few.", n=FEW, names=names))
    if present and max(present.values()) >= 5 * min(present.values()):
        most, least = max(present, key=present.__getitem__), min(present, key=present.__getitem__)
        values = {"most": most, "n": f"{present[most]:,}", "least": least, "m": f"{present[least]:,}"}
        found.append(t("Unbalanced: {n} of “{most}”, {m} of “{least}”.", **values))
    return found
