"""Review: which class is it?"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

import streamlit as st

from db import queries
from db.queries import ReviewFilter
from pages import _rules, _ui, _workspace
from pages.review_grid import filters, review_grid
from pipeline.errors import UsageError

GRID: Final = "review_grid"
CARD: Final = 144
_PAGE: Final = "review_page"
_TURN: Final = "review_turn"


def _turn() -> None:
    st.session_state[_TURN] = st.session_state[GRID].turn


def _fetch(flt: ReviewFilter, size: int, turn: Mapping[str, Any] | None) -> queries.ReviewPage:
    """The page that was turned to; the first one where that is empty (others may have decided it meanwhile)."""
    where: dict[str, str] = {}
    if turn and turn.get("to") == "next":
        where = {"after": str(turn.get("last", ""))}
    elif turn and turn.get("to") == "prev":
        where = {"before": str(turn.get("first", ""))}
    store = _workspace.get_store()
    try:
        page = store.read(lambda db: queries.review_page(db, flt, size, **where))
    except UsageError:  # a cursor of another list: begin this one
        page = None
    if page is None or (where and not page.items):
        page = store.read(lambda db: queries.review_page(db, flt, size))
    return page


def _data(page: queries.ReviewPage, offered: filters.Choices, flt: ReviewFilter, size: int, who: str) -> dict[str, Any]:
    """What the grid shows: the same bytes until another page is fetched."""
    active = {c.id for c in offered.classes}
    return {
        "classes": [{**asdict(c), "archived": c.id not in active} for c in offered.known],
        "items": [
            {
                "id": item.face_id, "sha": item.sha256, "v": item.crop_version, "verdict": item.verdict,
                "class_id": item.class_id, "reason": item.reason, "annotator": item.annotator,
                "proposal": item.proposal,
            }
            for item in page.items
        ],
        "page_key": uuid.uuid4().hex, "view": repr((flt, size)), "state": flt.state, "total": page.total,
        "position": page.position, "first": page.first, "last": page.last, "has_next": page.has_next,
        "has_prev": page.has_prev, "card": CARD, "annotator": who, "base": _ui.base(),
        "brush": _rules.REASON_OF.get(flt.ranges[0][0], "other") if flt.outside else None,
        # decisions that wait in the browser must not reach another workspace on the same port
        "workspace": hashlib.sha256(str(_workspace.root()).encode()).hexdigest()[:12],
    }  # fmt: skip


def main() -> None:
    who = _ui.require_annotator()
    store = _workspace.get_store()
    turn = st.session_state.pop(_TURN, None)
    entered = filters.FIRST not in st.session_state
    kept = None if entered else st.session_state.get(_PAGE)
    offered = store.read(filters.look_up)
    bar = filters.bar()
    with bar:
        flt, size = filters.choose(offered)
    asked = (flt, size, who)
    same = kept is not None and kept["asked"] == asked
    if kept is None or turn or not same:
        page = _fetch(flt, size, turn if same else None)
        kept = {"asked": asked, "data": _data(page, offered, flt, size, who)}
        st.session_state[_PAGE] = kept
    counts = offered.counts
    total = store.read(lambda db: queries.review_total(db, flt))
    with bar:
        filters.chips(flt.ranges, flt.outside)
    bar.markdown(f"**{total:,}** of {counts.faces:,}", width="content")
    st.set_page_config(page_title=f"Review · {counts.undecided:,} undecided · Moue")
    if kept["data"]["items"]:
        review_grid(kept["data"], key=GRID, on_turn=_turn)
    else:
        filters.empty(flt, counts)


main()
