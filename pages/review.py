"""Review: which class is it?"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from typing import Any, Final

import streamlit as st

from db.projection.facets import Facets, facets
from db.projection.filters import ReviewFilter
from db.store.store import Db
from db.team import blind
from pages import _ui
from pages._components.review_grid import review_grid
from pages._review import batch, cards, filters, menu, more_filters, nothing_left, query, relabel, saved_views, suggest
from pages._review.batch import Found
from pages._review.query import Choices, Params
from pages._review.reading import count_new, read_page
from pages._server import pseudonyms, workspace
from pages._ui.addresses import whereabouts
from pages._words import t, vocabulary
from pipeline.core.errors import UsageError

GRID: Final = "review_grid"
CARD: Final = 144
_PAGE: Final = "review_page"
_TURN: Final = "review_turn"


def _turn() -> None:
    st.session_state[_TURN] = st.session_state[GRID].turn


def _like() -> None:
    query.navigate({**query.current(), "order": st.session_state[GRID].like})


def _load(db: Db, who: str) -> tuple[Choices, Params, Facets]:
    offered = query.look_up(db)
    params = query.validated(query.current(), offered)
    counted = (*filters.COUNTED, *(["suggested"] if offered.stopped else []))
    return offered, params, facets(db, query.filter_of(params)[0], counted, blind.VisibleFaces(db, who))


def _fetch(flt: ReviewFilter, size: int, who: str, turn: Mapping[str, Any] | None, where: Mapping[str, str]) -> Found:
    """The page that was turned to, else the one `where` begins; the first one where that is empty: others may have
    decided it meanwhile."""
    if turn and turn.get("to") == "next":
        where = {"after": str(turn.get("last", ""))}
    elif turn and turn.get("to") == "prev":
        where = {"before": str(turn.get("first", ""))}
    elif turn and turn.get("to") == "again":
        where = whereabouts.from_row(str(turn.get("first", "")))
    store = workspace.get_store()

    def read(where: Mapping[str, str]) -> Found:
        return store.read(lambda db: read_page(db, flt, size, who, where))

    try:
        found = read(where)
    except UsageError:  # a cursor of another list: begin this one
        return read({})
    return read({}) if where and not found.page.items else found


def _data(found: Found, who: str, offered: Choices, flt: ReviewFilter, size: int, **extra: Any) -> dict[str, Any]:
    """What the grid shows of a page to a person. extra: what else it is told."""
    page, suggester = found.page, found.suggester
    active = {c.id for c in offered.classes}
    return {
        "classes": [{**asdict(c), "archived": c.id not in active} for c in offered.known],
        "items": cards.describe(page.items, who, suggester, hidden=offered.hidden),
        "suggester": {"name": suggester.name, "version": suggester.version} if suggester else None,
        "may_gold": not _ui.why_not("gold"),
        "labelling": suggest.labelling(flt, offered, batch=extra["batch"]),
        "page_key": uuid.uuid4().hex, "view": repr((flt, size, offered.hidden, extra)), "state": flt.state,
        "total": page.total, "position": page.position, "first": page.first, "last": page.last,
        "has_next": page.has_next, "has_prev": page.has_prev,
        "size": size, "newest_face": found.face,
        "card": CARD, "base": _ui.base_path(), "suggestions_hidden": offered.hidden,
        **extra,
        "brush": vocabulary.REASON_OF_METRIC.get(flt.ranges[0][0], "other") if flt.outside else None,
        # decisions that wait in the browser must not reach another workspace on the same port
        "workspace": whereabouts.workspace_key(),
    }  # fmt: skip


def _bar(who: str, flt: ReviewFilter, params: Params, offered: Choices, found: Facets) -> None:
    with filters.bar():
        filters.choose(params, offered, found)
        more_filters.more(who)
        saved_views.saved()
        batch.button()
        confirming = suggest.rest(offered, found)
        if not confirming:
            suggest.button(offered)
        menu.menu(params, offered, suggestions=confirming)
        filters.total(offered, found, _ui.words_of("review", purpose=True))
    relabel.question(who, flt, offered)


def main() -> None:
    who = _ui.require_annotator()
    store = workspace.get_store()
    turn, kept = st.session_state.pop(_TURN, None), st.session_state.get(_PAGE)
    entered = filters.FIRST not in st.session_state
    if entered:
        query.enter()
    offered, params, found = store.read(lambda db: _load(db, who))
    query.remember(params)
    flt, size = query.filter_of(params)
    _bar(who, flt, params, offered, found)
    shown = relabel.told(batch.current(who, flt, size, turn))
    filters.chips(params, offered, partial(batch.chip, shown.batch) if shown.batch else None)
    number = shown.batch.id if shown.batch else None
    locked = _ui.why_not("label")
    aliases = store.read(pseudonyms.of_page)
    asked = (flt, size, who, offered.hidden, locked, number, bool(aliases))
    same = kept is not None and kept["asked"] == asked
    before = kept["data"]["first"] if kept and same else ""  # what this session showed last
    where = whereabouts.cursor(before) if entered else {}
    kept = None if entered else kept
    if kept is None or turn or shown.fresh or not same or not kept["data"]["items"]:  # some may have come
        read = batch.fetch(shown.batch, who) if shown.batch else _fetch(flt, size, who, turn if same else None, where)
        # the same bytes until another page is fetched
        data = pseudonyms.hide_in(_data(read, who, offered, flt, size, batch=number), aliases)
        kept = {
            "asked": asked,
            "data": {**data, "seq": read.seq, "annotator": who, "locked": locked, "told": shown.told},
        }
        st.session_state[_PAGE] = kept
    _ui.page_title(t("Review"), t("{n} undecided", n=f"{_ui.undecided():,}"))
    if kept["data"]["items"]:
        came = 0 if number else store.read(lambda db: count_new(db, flt, who, kept["data"]["newest_face"]))
        review_grid({**kept["data"], "came": came}, key=GRID, on_turn=_turn, on_like=_like)
    else:
        if shown.told:
            st.info(shown.told)
        nothing_left.show(flt, offered.counts)
        relabel.take_back(shown, who)


main()
