"""The rows above the grid: which faces, in which order, how many at once; and what to say where there are none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

import streamlit as st

from db.projection import answer_pair, columns, filter_text, range_text, selections, suggestion_orders
from db.projection.facets import ANY, Facets
from db.projection.filter_text import OUTSIDE
from db.projection.filters import LIKE
from db.projection.looks import LOOKS, SHAPE
from db.projection.range_text import Ranges
from pages import _ui
from pages._review import query, suggest
from pages._review.query import SIZES, Choices, Params
from pages._ui import consensus as rule_words
from pages._ui import tables
from pages._words import mark, metric_ranges, recorded, t
from pages._words.vocabulary import LANDMARK_MODEL_WORDS
from pipeline.core.metrics import BY_NAME, METRICS

FIRST: Final = "review_state"
"""The key of the first widget: gone from the session once another page was shown."""
COUNTED: Final = ("state", "source")
"""The boxes of the row whose choices are counted."""
OUTCOMES: Final = {
    "added": mark("Face found by the detector"),
    "no_face": mark("No face found: drawn by hand"),
    "already_present": mark("Met again: same bytes"),
}
NOTES: Final = {"open": mark("With open notes"), "resolved": mark("With resolved notes")}
_WIDTHS: Final = {"state": 160, "source": 176, "order": 240, "size": 200}


def bar() -> st.delta_generator.DeltaGenerator:
    """The row itself, with the page's name at its left."""
    row = st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="review-filters")
    row.header(t("Review"), anchor=False, width="content")
    return row


def choose(params: Params, offered: Choices, facets: Facets) -> None:
    """Draw the boxes; a choice goes into the address before the page runs again."""
    _select("state", t("Show"), params, _states(offered, facets.of["state"]))
    if len(offered.sources) > 1:
        _select("source", t("Source"), params, _sources(offered, facets.of["source"]))
    _select("order", t("Order"), params, _orders(offered, params.get("order", "")))


def choose_size(params: Params) -> None:
    """How many faces a page has."""
    _select("size", t("Faces a page"), params, {str(n): t("{n} per page", n=n) for n in SIZES})


def open_with(
    order: str, ranges: Ranges, state: str = "undecided", *, outside: bool = False, landmarks: str | None = None
) -> Params:
    """The address's parameters that open Review so; what was filtered there before is forgotten.

    outside: the faces that fall out of the ranges, with their rejection proposed for the rest of each page.
    """
    st.session_state.pop(query.KEPT, None)
    return address_of(order, ranges, state, outside=outside, landmarks=landmarks)


def address_of(
    order: str, ranges: Ranges, state: str = "undecided", *, outside: bool = False, landmarks: str | None = None
) -> Params:
    """The same parameters for a link: nothing is forgotten until somebody follows it."""
    wanted = {"state": state, "order": order, filter_text.RANGES: range_text.text_of(ranges)}
    wanted["landmarks"] = landmarks or ""
    wanted[OUTSIDE] = "1" if outside and ranges else ""
    return {name: value for name, value in wanted.items() if value}


def total(offered: Choices, found: Facets, about: str | None) -> None:
    """How many faces pass, of how many, and by which rule an answer counts. about: what the page is for."""
    with st.container(horizontal=True, width="content", gap=None, key="review-total"):
        st.markdown(f"{rule_words.in_short(offered.counts)} ·", width="content")
        passing = t("**{n}** of {all}", n=f"{found.total:,}", all=f"{found.faces:,}")
        st.markdown(passing, width="content", help=about)


def chips(params: Params, offered: Choices, first: Callable[[], None] | None = None) -> None:
    """What is asked for beside the boxes of the row; a press on one takes it away. first: draws one more, in front."""
    shown = [*_chips(params, offered)]
    if not shown and first is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", wrap=False, key="review-chips"):
        if first is not None:
            first()
        if not shown:
            return
        for key, label, without in shown:
            st.button(
                label, icon=":material/close:", icon_position="right", key=f"review-{key}",
                help=t("Take this filter away"), on_click=query.navigate, args=(without,),
            )  # fmt: skip
        every = (*query.CHIPS, *(["order"] if params.get("order", "").startswith((LIKE, LOOKS)) else []))
        st.button(
            t("Clear all"), type="tertiary", key="review-chips-clear", on_click=query.navigate,
            args=({name: said for name, said in params.items() if name not in every},),
        )  # fmt: skip


def describe(params: Params, offered: Choices) -> list[str]:
    """The filter in words, one for each thing that is asked for."""
    states = {said: name.rpartition(" · ")[0] for said, name in _states(offered, {}).items()}
    sources = {str(one.id): tables.source_name(one) for one in offered.sources}
    state = params.get("state", "undecided")
    found = [states.get(state, state)]
    if "source" in params:
        found.append(sources.get(params["source"], params["source"]))
    return found + [label for _, label, _ in _chips(params, offered)]


def _chips(params: Params, offered: Choices) -> Iterator[tuple[str, str, Params]]:
    """(key, label, the parameters without it) of each."""
    for one in range_text.parse(params.get(filter_text.RANGES, "")):
        others = tuple(other for other in range_text.parse(params[filter_text.RANGES]) if other != one)
        words = metric_ranges.describe(one)
        label = t("Falls out of: {range}", range=words) if OUTSIDE in params else words
        yield f"range-{one[0]}", label, {**params, filter_text.RANGES: range_text.text_of(others)}
    for name in (one for one in query.CHIPS if one not in (filter_text.RANGES, OUTSIDE)):
        if name in params:
            rest = {other: said for other, said in params.items() if other != name}
            yield name, _ui.escaped(_chip(name, params[name], offered)), rest
    if params.get("order", "").startswith((LIKE, LOOKS)):
        kind, _, face = params["order"].partition(":")
        rest = {name: said for name, said in params.items() if name != "order"}
        alike = t("Similar to face {face}", face=face[:8])
        yield "like", alike if f"{kind}:" == LOOKS else t("Similar in shape to face {face}", face=face[:8]), rest


def _chip(name: str, said: str, offered: Choices) -> str:
    if name in ("proposal", "suggested"):
        shown = next((one.name for one in offered.known if str(one.id) == said), said)
        return t("Proposed: “{name}”", name=shown) if name == "proposal" else t("Suggested: “{name}”", name=shown)
    if name == "outcome":
        return t(OUTCOMES[said])
    if name == "annotator":
        return t("Decided by {name}", name=said)
    if name == "disagreement":
        return t("People disagree")
    if name == "notes":
        return t(NOTES[said])
    if name == "confidence":
        return suggest.describe_confidence(suggestion_orders.parse(said) or (None, None))
    if name == "selection":
        kept = selections.parse(said) in offered.selections
        return t("Selected on the map: {n}", n=said) if kept else t("Selection {n} is not kept any more", n=said)
    if name == "pair":
        return _describe_pair(said, offered)
    if name == "landmarks":
        return t("Landmarks by {model}", model=t(LANDMARK_MODEL_WORDS[said]))
    if name == "person":
        return person(int(said), offered)
    if name == "licence":
        return t("Licence: {name}", name=recorded.licence(said))
    moment = query.describe_minute(filter_text.minute_of(said) or 0, query.zone(), end=name == "until")
    return t("Decided from {day}", day=moment) if name == "since" else t("Decided until {day}", day=moment)


def person(number: int, offered: Choices) -> str:
    """A person as filters name them."""
    return offered.persons.get(number) or t("Person {n}", n=number)


def _select(name: str, label: str, params: Params, options: Mapping[str, str]) -> None:
    key = f"review_{name}"
    said = params.get(name, next(iter(options)))
    # written in each run: what the address says, under a label whose count may have changed
    st.session_state[key] = said if said in options else next(iter(options))
    st.selectbox(
        label, list(options), format_func=lambda one: options.get(one, one), key=key, on_change=_chosen, args=(name,),
        label_visibility="collapsed", width=_WIDTHS[name],
    )  # fmt: skip


def _chosen(name: str) -> None:
    query.navigate({**query.current(), name: st.session_state[f"review_{name}"]})


def _states(offered: Choices, numbers: Mapping[str, int]) -> dict[str, str]:
    names = {
        "undecided": t("Undecided"),
        **({"waiting": t("Waiting for a consensus")} if offered.counts.waiting or numbers.get("waiting") else {}),
        **{f"class:{one.id}": one.name for one in offered.classes},
        "rejected": t("Rejected"), "unsure": t("Unsure"), "accepted": t("Accepted"), "all": t("All"),
    }  # fmt: skip
    return counted(names, numbers)


def counted(names: Mapping[str, str], numbers: Mapping[str, int]) -> dict[str, str]:
    """`smile · 120`: each choice with how many faces it would show."""
    return {said: f"{name} · {numbers.get(said, 0):,}" for said, name in names.items()}


def _sources(offered: Choices, numbers: Mapping[str, int]) -> dict[str, str]:
    return counted({ANY: t("Every source"), **{str(s.id): tables.source_name(s) for s in offered.sources}}, numbers)


def _orders(offered: Choices, current: str) -> dict[str, str]:
    """The order of the list; a measure's are named so that a person who types "sharp" finds it. The shape of the mouth
    comes first: ordered by it, one class fills a page."""
    orders = {"import": t("As imported")}
    for metric in (*(BY_NAME[name] for name in SHAPE), *(m for m in METRICS if m.name not in SHAPE)):
        if len(orders) == 1 + 2 * len(SHAPE):
            if offered.proposed:
                orders["proposal"] = t("By proposal")
            orders["doubtful"] = t("Doubtful landmarks first")
            orders["likeness"] = t("Least like a face first")
            orders |= suggest.orders(offered, current, stopped=offered.stopped)
        orders.setdefault(metric.name, t("{measure}: lowest first", measure=t(metric.label)))
        orders[f"-{metric.name}"] = t("{measure}: highest first", measure=t(metric.label))
    if current.startswith((LIKE, LOOKS)):
        face = current.partition(":")[2]
        orders[f"{LOOKS}{face}"] = t("Similar mouths first")
        orders[f"{LIKE}{face}"] = t("Similar shapes first")
    return orders


def _describe_pair(said: str, offered: Choices) -> str:
    """`Ann: smile · Ben: rejected`."""
    pair = answer_pair.parse(said)
    if pair is None:
        return said
    words = {columns.ACCEPTED + one.id: one.name for one in offered.known}
    words |= {columns.REJECTED: t("rejected"), columns.UNSURE: t("unsure")}
    names = {answer_pair.CONSENSUS: t("what counts"), **offered.codes}
    sides = ((pair.one, pair.one_state), (pair.other, pair.other_state))
    parts = [t("{who}: {what}", who=names.get(who, ""), what=words.get(state, "")) for who, state in sides]
    return " · ".join([*parts, t("given independently")] if pair.independent else parts)


def reset(state: str) -> Callable[[], None]:
    """A callback that shows everything in `state`, whatever was filtered before."""

    def back() -> None:
        kept = {name: said for name, said in query.current().items() if name == "size"}
        query.navigate({**kept, "state": state})

    return back
