"""Review's other filters, in a box that opens: what they would show is told before they are applied."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any, Final

import streamlit as st

from db.projection import filter_text, range_text, suggestion_orders
from db.projection.facets import ANY, Facets, facets
from db.projection.range_text import Ranges
from db.store.store import Db
from db.team.blind import VisibleFaces
from pages._review import filters, histogram, query
from pages._review.query import CHIPS, Choices, Params
from pages._server import workspace
from pages._words import metric_ranges, per_cent_format, recorded, t
from pages._words.vocabulary import LANDMARK_MODEL_WORDS
from pipeline.core.metrics import BY_NAME, METRICS

BOX: Final = "review-more"
_DRAFT: Final = "review_draft"
"""The filters of the box as they stand in it; the boxes of the row are the address's."""
_APPLIED: Final = "review_applied"
"""The whole page must run again, not only the box."""
_COUNTED: Final = ("proposal", "suggested", "outcome", "annotator", "disagreement", "licence", "landmarks")
_EARLIEST: Final = date(1969, 12, 31)
_LATEST: Final = date(6000, 1, 1)


def _key(name: str) -> str:
    return f"review-draft-{name}"


@st.fragment
def more(who: str) -> None:
    """The box; while it is open, only this runs again with each change in it."""
    if st.session_state.pop(_APPLIED, False):
        st.rerun()
    with st.popover(t("Filters"), icon=":material/filter_list:", key=BOX, on_change=_turned) as box:
        if box.open:
            _draw(who)


def _turned() -> None:
    st.session_state.pop(_DRAFT, None)


def _draw(who: str) -> None:
    applied = query.current()
    chosen: Params = st.session_state.get(_DRAFT, applied)
    draft = {**_without_chips(applied), **{name: said for name, said in chosen.items() if name in CHIPS}}
    store = workspace.get_store()

    def load(db: Db) -> tuple[Choices, Params, Facets]:
        offered = query.look_up(db)
        asked = query.validated(draft, offered)
        return offered, asked, facets(db, query.filter_of(asked)[0], _COUNTED, VisibleFaces(db, who))

    offered, draft, found = store.read(load)
    st.session_state[_DRAFT] = draft
    if offered.proposed:
        names = {ANY: t("With a class or without"), **{str(one.id): one.name for one in offered.proposed}}
        _select("proposal", t("Class that its folder proposes"), draft, names, found)
    if offered.suggested:
        named = {ANY: t("With a class or without"), **{str(one.id): one.name for one in offered.suggested}}
        _select("suggested", t("Class that is suggested"), draft, named, found)
        _confidence(draft)
    _select("outcome", t("Outcome"), draft, {ANY: t("Any"), **{k: t(v) for k, v in filters.OUTCOMES.items()}}, found)
    deciding = {*found.of["annotator"], draft.get("annotator")}
    people = {name: name for name in offered.annotators if name in deciding}
    _select("annotator", t("Decided by"), draft, {ANY: t("Anyone or nobody"), **people}, found)
    _dates(draft)
    _licence(draft, offered, found)
    _landmarks(draft, found)
    number = found.of["disagreement"].get("1", 0)
    st.session_state[_key("disagreement")] = "disagreement" in draft
    st.checkbox(
        t("People disagree · {n}", n=f"{number:,}"), key=_key("disagreement"), on_change=_changed,
        args=("disagreement",), help=t("Two people's newest decisions on the face differ"),
    )  # fmt: skip
    _select(
        "notes", t("Notes"), draft, {ANY: t("With notes or without"), **{k: t(v) for k, v in filters.NOTES.items()}}
    )
    _person(draft, offered)
    _quality(draft)
    _apply(draft, found)


def _licence(draft: Params, offered: Choices, found: Facets) -> None:
    """Only where a search or a list ever told one."""
    shown = {*found.of["licence"], draft.get("licence")}
    names = {one: recorded.licence(one) for one in offered.licences if one in shown}
    if len(offered.licences) > 1:
        _select("licence", t("Licence"), draft, {ANY: t("Any or none"), **names}, found)


def _landmarks(draft: Params, found: Facets) -> None:
    """Only where both models placed some: their figures compare only with their own."""
    shown = {*found.of["landmarks"], draft.get("landmarks", ANY)} - {ANY}
    if len(shown) > 1:
        words = {model: t(word) for model, word in LANDMARK_MODEL_WORDS.items()}
        _select("landmarks", t("Landmarks placed by"), draft, {ANY: t("Either model"), **words}, found)


def _person(draft: Params, offered: Choices) -> None:
    """Only where a list, a folder or looks tell persons apart."""
    shown = {str(number): filters.person(number, offered) for number in offered.persons}
    if shown:
        _select("person", t("Only this person"), draft, {ANY: t("Anyone or nobody"), **shown})


def _without_chips(params: Mapping[str, str]) -> Params:
    return {name: said for name, said in params.items() if name not in CHIPS}


def _select(name: str, label: str, draft: Params, names: Mapping[str, str], found: Facets | None = None) -> None:
    options = names if found is None else filters.counted(names, found.of[name])
    st.session_state[_key(name)] = draft.get(name, ANY)
    st.selectbox(
        label, list(options), format_func=lambda one: options.get(one, one), key=_key(name), on_change=_changed,
        args=(name,),
    )  # fmt: skip


def _dates(draft: Params) -> None:
    """Both days included, in the reader's time zone."""
    where = query.zone()
    ends = st.columns(2)
    for end, name, label in zip(ends, ("since", "until"), (t("Decided from"), t("Decided until")), strict=True):
        minute = filter_text.minute_of(draft.get(name, ""))
        day = None if minute is None else query.day_of(minute - (name == "until"), where)
        st.session_state[_key(name)] = day
        end.date_input(
            label, value=None, key=_key(name), format="YYYY-MM-DD", min_value=_EARLIEST, max_value=_LATEST,
            on_change=_changed, args=(name,),
        )  # fmt: skip


def _confidence(draft: Params) -> None:
    """In per cent; open at the ends."""
    low, high = suggestion_orders.parse(draft.get("confidence", "")) or (None, None)
    ends = (0 if low is None else round(low * 100), 100 if high is None else round(high * 100))
    st.session_state[_key("confidence")] = ends
    st.slider(
        t("How sure the suggestion is"), 0, 100, format=per_cent_format(), key=_key("confidence"), on_change=_sure
    )


def _sure() -> None:
    low, high = st.session_state[_key("confidence")]
    draft: Params = st.session_state[_DRAFT]
    ends = (low / 100 if low > 0 else None, high / 100 if high < 100 else None)
    _keep({**draft, "confidence": "" if ends == (None, None) else suggestion_orders.text_of(ends)})


def _quality(draft: Params) -> None:
    """One measure at a time; those that have a range stay below."""
    ranges = range_text.parse(draft.get(filter_text.RANGES, ""))
    name = st.selectbox(
        t("Quality figure"), [m.name for m in METRICS], format_func=lambda one: t(BY_NAME[one].label),
        key=_key("measure"), help=t("A range for each figure; its ends are open until they are moved"),
    )  # fmt: skip
    metric = BY_NAME[name]
    step, (low, high) = metric_ranges.slider_step(metric), metric_ranges.range_of(ranges, name)
    digits = max(0, -math.floor(math.log10(step)))
    st.session_state[_key(f"range-{name}")] = (
        metric.low if low is None else float(low), metric.high if high is None else float(high),
    )  # fmt: skip
    histogram.over_range(draft, name)
    st.slider(
        t(metric.label), float(metric.low), float(metric.high), step=float(step), format=f"%.{digits}f",
        key=_key(f"range-{name}"), on_change=_moved, args=(name,), label_visibility="collapsed",
    )  # fmt: skip
    with st.container(horizontal=True, gap="xsmall", key="review-draft-ranges"):
        for one in ranges:
            st.button(
                metric_ranges.describe(one), icon=":material/close:", icon_position="right",
                key=_key(f"without-{one[0]}"),
                on_click=partial(_keep_ranges, metric_ranges.with_range(ranges, one[0], None, None)),
            )  # fmt: skip


def _apply(draft: Params, found: Facets) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        message = t("**{n}** of {all} would show", n=f"{found.total:,}", all=f"{found.faces:,}")
        st.markdown(message, width="stretch")
        without = _without_chips(draft)
        st.button(t("Clear"), key=_key("clear"), on_click=_keep, args=(without,), disabled=without == draft)
        st.button(t("Apply"), type="primary", key=_key("apply"), on_click=_applied, args=(draft,))


def _applied(draft: Params) -> None:
    query.navigate(draft)
    st.session_state.pop(_DRAFT, None)
    st.session_state.update({BOX: False, _APPLIED: True})


def _changed(name: str) -> None:
    """What stands in a box of the draft: text, a day, a tick, or nothing."""
    said = st.session_state[_key(name)]
    draft: Params = st.session_state[_DRAFT]
    rest = {other: value for other, value in draft.items() if other != name}
    _keep(rest if not said else {**rest, name: _text(name, said)})


def _text(name: str, said: Any) -> str:
    if name in ("since", "until"):
        minute = query.start_of(said, query.zone())
        return filter_text.minute_text(max(0, minute if name == "since" else _next_day(said)))
    return "1" if said is True else str(said)


def _next_day(day: date) -> int:
    return query.start_of(date.fromordinal(day.toordinal() + 1), query.zone())


def _moved(name: str) -> None:
    low, high = st.session_state[_key(f"range-{name}")]
    draft: Params = st.session_state[_DRAFT]
    _keep_ranges(metric_ranges.with_range(range_text.parse(draft.get(filter_text.RANGES, "")), name, low, high))


def _keep_ranges(ranges: Ranges) -> None:
    draft: Params = st.session_state[_DRAFT]
    _keep({**draft, filter_text.RANGES: range_text.text_of(ranges)})


def _keep(draft: Params) -> None:
    st.session_state[_DRAFT] = draft
