"""What Review's URL says: the parameters that open a view, what they mean, and who keeps them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from db.people.persons import names
from db.projection import answer_pair, columns, filter_text, range_text, selections, suggestion_orders, suggestions
from db.projection.filter_text import OUTSIDE, minute_of, minute_text
from db.projection.filters import DOUBTFUL, LIKE, NOTES, OUTCOMES, ReviewFilter
from db.projection.looks import LOOKS
from db.projection.suggestion_orders import RANDOM, TELLING, is_suggestion_order
from db.reads.counts import Counts, workspace_counts
from db.reads.review import proposal_counts
from db.reads.sources import SourceRow, list_sources
from db.store.store import Db
from db.tables import licences, settings
from db.tables.annotators import annotator_codes, list_annotators
from db.tables.classes import list_classes
from pages._server import pseudonyms
from pipeline.actions.suggest import stop
from pipeline.actions.suggest.stop import Told
from pipeline.core.geometry import LANDMARK_MODELS
from pipeline.core.metrics import BY_NAME
from pipeline.core.records import ClassSpec

Params = dict[str, str]
"""Parameters of the address that say something else than what is there without them."""

SIZES: Final = (96, 24, 48, 200, 400)
NAMES: Final = (
    "state", "source", "order", "size", "proposal", "outcome", "annotator", "since", "until", "disagreement",
    "licence", "landmarks", "notes", "pair", "selection", "person", *TELLING,
    filter_text.RANGES, OUTSIDE,
)  # fmt: skip
CHIPS: Final = (
    "proposal",
    "outcome",
    "annotator",
    "since",
    "until",
    "disagreement",
    "licence",
    "landmarks",
    "notes",
    "pair",
    "selection",
    "person",
    *TELLING,
    filter_text.RANGES,
    OUTSIDE,
)
"""Those that no box of the row above the grid shows."""
BATCH: Final = "batch"
"""The parameter for a batch of one's own, which is shown instead of the list."""
PLACE: Final = ("from", "at", "open")
"""The parameters for where in the list somebody is, see `place`."""
KEPT: Final = "review_chosen"
"""The key in the session under which the view waits for when the person comes back."""
_LIKE: Final = re.compile(f"({LIKE}|{LOOKS})[0-9a-f]{{32}}")
_STATES: Final = ("undecided", "waiting", "rejected", "unsure", "accepted", "all")
MOST_PERSONS: Final = 2_000
"""Persons to choose from; the address may name any."""
_DEFAULTS: Final = {**filter_text.DEFAULTS, "size": str(SIZES[0])}


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be asked for now. known: the classes that are put away, too. annotators: those whose names may be seen;
    codes: all, as they are shown. proposed: the classes that folders propose, none of them while suggestions are
    hidden. suggested: those that the suggester in force knows, likewise. told: what random draws
    tell of how good suggestions are, None where nothing is suggested. selections: ids of those that are kept.
    persons: their names, where anything tells them apart."""

    counts: Counts
    classes: tuple[ClassSpec, ...]
    known: tuple[ClassSpec, ...]
    sources: tuple[SourceRow, ...]
    proposed: tuple[ClassSpec, ...]
    annotators: tuple[str, ...]
    codes: dict[int, str]
    licences: tuple[str, ...]
    hidden: bool
    suggested: tuple[ClassSpec, ...] = ()
    selections: frozenset[int] = frozenset()
    told: Told | None = None
    persons: Mapping[int, str] = field(default_factory=dict)

    @property
    def stopped(self) -> bool:
        """Whether so many were labelled one by one that the rest may be confirmed by page."""
        return self.told is not None and self.told.may_stop


def look_up(db: Db) -> Choices:
    classes = tuple(list_classes(db))
    hidden = settings.suggestions_hidden(db)
    proposed = {} if hidden else proposal_counts(db)
    suggester = None if hidden else suggestions.in_force(db)
    aliases = pseudonyms.of_page(db)
    return Choices(
        counts=workspace_counts(db),
        classes=classes,
        known=tuple(list_classes(db, archived=True)),
        sources=tuple(list_sources(db)),
        proposed=tuple(one for one in classes if one.id in proposed),
        annotators=tuple(name for name in list_annotators(db) if name not in aliases),
        codes={code: aliases.get(name, name) for code, name in annotator_codes(db).items()},
        licences=tuple(licences.codes(db)),
        hidden=hidden,
        told=stop.tell(db) if suggester else None,
        persons=names(db, MOST_PERSONS),
        suggested=tuple(one for one in classes if suggester and one.id in suggester.classes),
        selections=selections.ids(db),
    )


def enter() -> None:
    """The person comes to the page: an address that says nothing means what was shown before."""
    kept = st.session_state.get(KEPT)
    if kept and not any(name in st.query_params for name in (*NAMES, BATCH)):
        navigate(kept)


def remember(params: Params) -> None:
    """For when the person comes back. What the address says wrongly stays there: putting it right would be a step in
    the browser's history that leads back to itself."""
    st.session_state[KEPT] = params


def current() -> Params:
    """What the address says, rightly or wrongly."""
    return {name: st.query_params[name] for name in NAMES if name in st.query_params}


def navigate(params: Mapping[str, str]) -> None:
    """Make this the view: in the address, which the page reads."""
    wanted = {name: params[name] for name in NAMES if params.get(name) and params[name] != _DEFAULTS.get(name)}
    if not wanted.get(filter_text.RANGES):
        wanted.pop(OUTSIDE, None)
    if current() != wanted:
        ours = (*NAMES, BATCH, *PLACE)  # another view is another list
        others = {name: st.query_params.get_all(name) for name in st.query_params if name not in ours}
        st.query_params.from_dict({**others, **wanted})  # all at once: one step in the browser's history


def validated(params: Mapping[str, str], offered: Choices) -> Params:
    """Without what cannot be asked for: a class that is gone, a date that is none, suggestions that are hidden."""
    given = {name: params.get(name, "") for name in NAMES}
    allowed = {
        "state": {*_STATES, *(f"class:{one.id}" for one in offered.classes)},
        "source": {str(one.id) for one in offered.sources},
        "size": {str(size) for size in SIZES},
        "proposal": {str(one.id) for one in offered.proposed},
        "outcome": set(OUTCOMES),
        "annotator": set(offered.annotators),
        "disagreement": {"1"},
        "licence": set(offered.licences),
        "landmarks": {str(model) for model in LANDMARK_MODELS},
        "notes": set(NOTES),
        "suggested": {str(one.id) for one in offered.suggested},
        OUTSIDE: {"1"},
    }
    given["person"] = given["person"] if given["person"].isdecimal() else ""
    given[filter_text.RANGES] = range_text.text_of(range_text.parse(given[filter_text.RANGES]))
    given["pair"] = _pair_text(given["pair"], offered)
    given["selection"] = str(selections.parse(given["selection"]) or "")  # also of one that is gone: it shows none
    for name in ("since", "until"):
        given[name] = "" if (minute := minute_of(given[name])) is None else minute_text(minute)
    ends = suggestion_orders.parse(given["confidence"]) if offered.suggested else None
    given["confidence"] = suggestion_orders.text_of(ends) if ends else ""
    if not _is_order(given["order"], offered):
        given["order"] = ""
    return {name: said for name, said in given.items() if said and said in allowed.get(name, {said})}


def _pair_text(text: str, offered: Choices) -> str:
    """As `answer_pair` writes it; nothing where a person or a class is none of ours."""
    pair = answer_pair.parse(text)
    if pair is None or pair.one not in offered.codes or pair.other not in {answer_pair.CONSENSUS, *offered.codes}:
        return ""
    states = {columns.REJECTED, columns.UNSURE, *(columns.ACCEPTED + one.id for one in offered.known)}
    return answer_pair.text_of(pair) if {pair.one_state, pair.other_state} <= states else ""


def filter_of(params: Mapping[str, str]) -> tuple[ReviewFilter, int]:
    """The filter that validated parameters ask for, and how many cards make a page."""
    return filter_text.filter_of(params), int(params.get("size", _DEFAULTS["size"]))


def _is_order(order: str, offered: Choices) -> bool:
    if order == "proposal":
        return bool(offered.proposed)
    if is_suggestion_order(order):
        return order == RANDOM or bool(offered.suggested)
    return order in ("import", DOUBTFUL) or order.removeprefix("-") in BY_NAME or bool(_LIKE.fullmatch(order))


def zone() -> tzinfo:
    """The reader's time zone."""
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):  # a browser may name a zone that this machine does not know
        return UTC


def start_of(day: date, where: tzinfo) -> int:
    """The minute in which a day begins there."""
    return int(datetime.combine(day, time(), where).timestamp() // 60)


def day_of(minute: int, where: tzinfo) -> date:
    """The day there that a minute lies in."""
    return datetime.fromtimestamp(minute * 60, where).date()


def describe_minute(minute: int, where: tzinfo, *, end: bool) -> str:
    """An end of a span as its reader says it; `end` is not included: midnight is the day before."""
    moment = datetime.fromtimestamp(minute * 60, where)
    if moment.time() != time():
        return f"{moment:%Y-%m-%d %H:%M}"
    return f"{(moment - timedelta(days=1) if end else moment):%Y-%m-%d}"
