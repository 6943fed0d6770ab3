"""The row of filters above the grid: which faces, in which order, how many at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import streamlit as st

from db import queries
from db.classes import list_classes
from db.connect import Db
from db.queries import Counts, ReviewFilter, SourceRow
from pages import _ranges, _ui
from pages._ranges import Ranges
from pipeline.measures import MEASURES
from pipeline.records import ClassSpec

SIZES: Final = (96, 24, 48, 200, 400)
OUTSIDE: Final = "outside"
"""The address's parameter for the faces that fall out of the ranges."""
FIRST: Final = "review_state"
"""The key of the first widget: gone from the session once another page was shown."""
_CHOSEN: Final = "review_chosen"
_STYLE: Final = (Path(__file__).parent / "page.css").read_text("utf-8")


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filters offer at one moment. known: the classes that are put away, too. proposed: faces by class id."""

    counts: Counts
    classes: tuple[ClassSpec, ...]
    known: tuple[ClassSpec, ...]
    sources: tuple[SourceRow, ...]
    proposed: Mapping[int, int]


def look_up(db: Db) -> Choices:
    classes = tuple(list_classes(db))
    return Choices(
        counts=queries.counts(db),
        classes=classes,
        known=tuple(list_classes(db, archived=True)),
        sources=tuple(queries.sources(db)),
        proposed=queries.proposed(db),
    )


def choose(offered: Choices) -> tuple[ReviewFilter, int]:
    """Draw the filters; what is chosen, and how many cards make a page."""
    entered = FIRST not in st.session_state
    state = _select("state", "Show", _states(offered))
    source = _select("source", "Source", _sources(offered)) if len(offered.sources) > 1 else ""
    proposal = ""
    if any(c.id in offered.proposed for c in offered.classes):
        names = {
            str(c.id): f"{c.name} · {offered.proposed[c.id]:,}" for c in offered.classes if c.id in offered.proposed
        }
        proposal = _select("proposal", "Class that its folder proposes", {"": "Any proposal or none", **names})
    order = _select("order", "Order", _orders(bool(offered.proposed)))
    ranges = _kept_ranges(entered)
    size = _select("size", "Faces a page", {str(n): f"{n} a page" for n in SIZES})
    return ReviewFilter(
        state=state,
        source_id=int(source) if source else None,
        proposal=int(proposal) if proposal else None,
        order=order,
        ranges=ranges,
        outside=bool(ranges) and st.query_params.get(OUTSIDE) == "1",
    ), int(size)


def open_with(order: str, ranges: Ranges, state: str = "undecided", *, outside: bool = False) -> dict[str, str]:
    """The address's parameters that open Review so; what was filtered there before is forgotten.

    outside: the faces that fall out of the ranges, with their rejection proposed for the rest of each page.
    """
    st.session_state.pop(_CHOSEN, None)
    wanted = {"state": state, "order": order, _ranges.PARAMETER: _ranges.text_of(ranges)}
    wanted[OUTSIDE] = "1" if outside and ranges else ""
    return {name: value for name, value in wanted.items() if value}


def chips(ranges: Ranges, outside: bool) -> None:
    """The ranges that are asked for; a press on one takes it away."""
    for one in ranges:
        st.button(
            f"Falls out of: {_ranges.words(one)}" if outside else _ranges.words(one),
            icon=":material/close:",
            icon_position="right",
            key=f"review-range-{one[0]}",
            help="Take this range away",
            on_click=_without,
            args=(ranges, one[0]),
        )


def _kept_ranges(entered: bool) -> Ranges:
    """From the address; from the session when the person comes back."""
    before = st.session_state.setdefault(_CHOSEN, {}).get(_ranges.PARAMETER, "") if entered else ""
    text = st.query_params.get(_ranges.PARAMETER, before)
    ranges = _ranges.parse(text)
    _keep_ranges(ranges)
    return ranges


def _keep_ranges(ranges: Ranges) -> None:
    if not ranges:
        st.query_params.pop(OUTSIDE, None)
    text = _ranges.text_of(ranges)
    st.session_state.setdefault(_CHOSEN, {})[_ranges.PARAMETER] = text
    if text:
        st.query_params[_ranges.PARAMETER] = text
    else:
        st.query_params.pop(_ranges.PARAMETER, None)


def _without(ranges: Ranges, name: str) -> None:
    _keep_ranges(_ranges.with_range(ranges, name, None, None))


def _orders(proposed: bool) -> dict[str, str]:
    """The order of the list; a measure's are named so that a person who types "sharp" finds it."""
    orders = {"import": "As imported"}
    if proposed:
        orders["proposal"] = "By proposal"
    orders["doubtful"] = "Doubtful landmarks first"
    for measure in MEASURES:
        orders[measure.name] = f"{measure.label}: lowest first"
        orders[f"-{measure.name}"] = f"{measure.label}: highest first"
    return orders


def reset(state: str) -> Callable[[], None]:
    """A callback that shows everything in `state`, whatever was filtered before."""

    def back() -> None:
        st.session_state.pop(_CHOSEN, None)
        _keep_ranges(())
        for name in ("source", "proposal", "order"):
            st.session_state.pop(f"review_{name}", None)
            st.query_params.pop(name, None)
        st.session_state[FIRST] = state

    return back


def _select(name: str, label: str, options: Mapping[str, str]) -> str:
    """One filter, kept in the URL, and in the session for when the person comes back."""
    key = f"review_{name}"
    default = next(iter(options))
    chosen = st.session_state.setdefault(_CHOSEN, {})
    if key not in st.session_state:
        wanted = st.query_params.get(name, chosen.get(name, ""))
        st.session_state[key] = wanted if wanted in options else default
    else:
        # written again, so that the box shows its label anew: the count in it may have changed
        st.session_state[key] = st.session_state[key] if st.session_state[key] in options else default
    value = st.selectbox(
        label,
        list(options),
        format_func=lambda one: options.get(one, one),
        key=key,
        label_visibility="collapsed",
        width=208,
    )
    chosen[name] = value
    if value == default:
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = value
    return value


def _states(offered: Choices) -> dict[str, str]:
    counts = offered.counts
    numbers = {
        "undecided": ("Undecided", counts.undecided),
        **{f"class:{c.id}": (c.name, counts.by_class.get(c.name, 0)) for c in offered.classes},
        "rejected": ("Rejected", counts.rejected),
        "unsure": ("Unsure", counts.unsure),
        "accepted": ("Accepted", counts.accepted),
        "all": ("All", counts.faces),
    }
    return {state: f"{name} · {number:,}" for state, (name, number) in numbers.items()}


def _sources(offered: Choices) -> dict[str, str]:
    return {"": "Every source", **{str(s.id): f"{s.kind}: {s.location}" for s in offered.sources}}


def bar() -> st.delta_generator.DeltaGenerator:
    """The row itself, with the page's name at its left."""
    st.html(f"<style>{_STYLE}</style>")
    row = st.container(horizontal=True, vertical_alignment="center", key="review-filters")
    row.header("Review", anchor=False, width="content")
    return row


def empty(flt: ReviewFilter, counts: Counts) -> None:
    """What to do next where there is nothing to decide on."""
    if not counts.faces:
        st.info("There are no faces yet. Point Moue at a folder of photos, or load the sample photos.")
        _ui.next_step("Collect photos", "collect.py")
    elif flt.state == "undecided" and not counts.undecided:
        done = f"{counts.accepted:,} accepted, {counts.rejected:,} rejected, {counts.unsure:,} unsure"
        st.success(f"Every face is decided: {done}.")
        if counts.unsure:
            st.button(f"Look at the {_ui.count(counts.unsure, 'unsure face')}", on_click=reset("unsure"))
        _ui.next_step("Export", "export.py")
    else:
        st.info("No face passes these filters.")
        if counts.undecided:
            st.button(f"Show the {_ui.count(counts.undecided, 'undecided face')}", on_click=reset("undecided"))
        else:
            st.button(f"Show all {counts.faces:,} faces", on_click=reset("all"))
