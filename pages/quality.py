"""Quality: which faces are good enough?"""

from __future__ import annotations

from functools import partial
from typing import Final

import streamlit as st

from db.projection import filter_text, histogram, range_text
from db.projection.range_text import Ranges
from db.reads.counts import workspace_counts
from db.store.store import Store
from pages import _ui
from pages._components.quality_range import quality_range
from pages._quality import rules, view
from pages._quality.view import Scope, Shown
from pages._server import workspace
from pages._words import count, mark, metric_ranges, t
from pipeline.core.metrics import BY_NAME, METRICS

FIRST: Final = "sharpness"
SCOPES: Final[dict[Scope, str]] = {"undecided": mark("Undecided faces"), "all": mark("All faces")}
_RANGES: Final = "quality_ranges"
_TURNS: Final = "quality_turns"
_MEASURE: Final = "quality_measure"
_SCOPE: Final = "quality_scope"


def _key(name: str) -> str:
    return f"range-{name}"


def _ranges_now() -> Ranges:
    ranges: Ranges = st.session_state.get(_RANGES, ())
    return ranges


def _keep(ranges: Ranges) -> None:
    """In the session and in the address, so that a link opens the same view."""
    st.session_state[_RANGES] = ranges
    _in_address(filter_text.RANGES, range_text.text_of(ranges))


def _in_address(name: str, value: str) -> None:
    if value and st.query_params.get(name) != value:
        st.query_params[name] = value
    elif not value and name in st.query_params:
        del st.query_params[name]


def _moved(name: str) -> None:
    """A handle moved: runs before the fragment does."""
    said = st.session_state[_key(name)].range or {}
    st.session_state.setdefault(_TURNS, {})[name] = said.get("turn", 0)
    _keep(metric_ranges.with_range(_ranges_now(), name, said.get("from"), said.get("to")))


def _choose(key: str, parameter: str, options: list[str], default: str) -> None:
    """What the address says, where this is the first look at the page."""
    if st.session_state.get(key) not in options:
        wanted = st.query_params.get(parameter, default)
        st.session_state[key] = wanted if wanted in options else default


def _show(store: Store, name: str, ranges: Ranges, shown: Shown, large: bool) -> None:
    turn = st.session_state.get(_TURNS, {}).get(name, 0)
    data = view.panel(store, name, ranges, shown, turn, large)
    quality_range(data, key=_key(name), on_range=partial(_moved, name))


@st.fragment
def _panel(who: str, default_scope: str) -> None:
    """All that moves with a slider: only this runs again."""
    store = workspace.get_store()
    _choose(_MEASURE, "measure", [m.name for m in METRICS], FIRST)
    _choose(_SCOPE, "of", list(SCOPES), default_scope)
    ranges = _ranges_now()
    name = st.pills(
        t("Measure"),
        [metric.name for metric in METRICS],
        required=True,
        format_func=lambda one: t(BY_NAME[one].label),
        key=_MEASURE,
        label_visibility="collapsed",
    )
    scope: Scope = st.session_state[_SCOPE]
    name = str(name or FIRST)
    shown = view.choose_model(store, scope)
    _in_address("measure", "" if name == FIRST else name)
    with st.container(horizontal=True, vertical_alignment="center", key="quality-keeps"):
        kept, whole = store.read(lambda db: histogram.count_passing(db, ranges, scope, shown.landmarks))
        message = t("Keeps **{n}** of **{all}**", n=f"{kept:,}", all=f"{whole:,}") + f" · {_ui.percentage(kept, whole)}"
        gone = t("{n} fall out", n=f"{whole - kept:,}")
        st.markdown(f"{message} · {gone}" if ranges else message, width="stretch")
        st.segmented_control(
            t("Faces"), list(SCOPES), required=True, format_func=lambda one: t(SCOPES[one]), key=_SCOPE,
            label_visibility="collapsed", width="content",
        )  # fmt: skip
    _in_address("of", "" if scope == default_scope else scope)
    with st.container(border=True, key="quality-large"):
        _show(store, name, ranges, shown, large=True)
    others = [one[0] for one in ranges if one[0] != name]
    if others:
        st.caption(t("And at the same time"))
        for other in others:
            _show(store, other, ranges, shown, large=False)
    _ways_on(name, ranges, shown, kept, whole)
    rules.make(store, ranges, who, shown.model)


def _ways_on(name: str, ranges: Ranges, shown: Shown, kept: int, whole: int) -> None:
    label, faces = t(BY_NAME[name].label).lower(), count(kept, "face")
    these = t("Review these {faces}", faces=faces) if ranges else t("Review all {faces}", faces=faces)
    with st.container(horizontal=True, gap="small", key="quality-ways"):
        if st.button(these, type="primary", key="go", icon=":material/arrow_forward:", icon_position="right",
                     disabled=not kept):  # fmt: skip
            view.open_review(name, ranges, shown)
        out = t("Review the {n} that fall out", n=f"{whole - kept:,}")
        if ranges and st.button(out, key="go-out", disabled=whole == kept,
                                help=t("There, Enter rejects the rest of a page")):  # fmt: skip
            view.open_review(name, ranges, shown, outside=True)
        if st.button(t("Order Review by {label}, lowest first", label=label), key="order-low"):
            view.open_review(name, (), shown)
        if st.button(t("Highest first"), key="order-high"):
            view.open_review(f"-{name}", (), shown)


def main() -> None:
    who = _ui.require_annotator()
    store = workspace.get_store()
    counts = store.read(workspace_counts)
    _ui.page_title(t("Quality"), count(counts.faces, "face"))
    _ui.page_head("quality")
    if not counts.faces:
        st.info(t("There are no faces yet. Point Moue at a folder of photos, or load the sample photos."))
        _ui.next_step(t("Collect photos"), "collect.py")
        return
    asked = st.query_params.get(filter_text.RANGES)
    _keep(_ranges_now() if asked is None else range_text.parse(asked))
    view.clear_histograms()
    _panel(who, "undecided" if _ui.undecided() else "all")
    rules.known(store)


main()
