"""Duplicates: is it the same photo?"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

import streamlit as st

from db.base.paging import Page
from db.duplicates.groups import DuplicateGroup, count_new, group_page, newest_image, open_groups
from db.duplicates.not_duplicates import NotDuplicatePair, not_duplicate_page
from db.reads.counts import workspace_counts
from db.store.store import Db
from db.tables.classes import list_classes
from db.team.blind import without_blind
from pages import _ui
from pages._components.duplicate_groups import duplicate_groups
from pages._duplicates import filters, rows
from pages._duplicates.filters import State
from pages._server import pseudonyms, workspace
from pages._ui import badge
from pages._ui.addresses import whereabouts
from pages._ui.job import arrivals
from pages._words import t
from pipeline.core.errors import UsageError

GROUPS: Final = "duplicate_groups"
_PAGE: Final = "duplicates_page"
_TURN: Final = "duplicates_turn"


def _turn() -> None:
    st.session_state[_TURN] = st.session_state[GROUPS].turn


def _classes(db: Db) -> list[dict[str, Any]]:
    """All classes; those that are put away have names, too."""
    active = {spec.id for spec in list_classes(db)}
    known = list_classes(db, archived=True)
    return [{**asdict(c), "archived": c.id not in active, "ink": badge.ink(c.colour)} for c in known]


def _fetch(state: State, size: int, who: str, where: Mapping[str, str]) -> dict[str, Any]:
    """One page of groups, its place among all of them, and its cursors. Raises UsageError for a foreign cursor."""

    def load(
        db: Db,
    ) -> tuple[Page[DuplicateGroup] | Page[NotDuplicatePair], list[dict[str, Any]], list[dict[str, Any]]]:
        if state == "apart":
            pairs = not_duplicate_page(db, size, **where)
            told = [rows.not_duplicate_pair(pair) for pair in pairs.items]
            return pairs, without_blind(db, who, told), _classes(db)
        found = group_page(db, state, size, **where)
        return found, without_blind(db, who, [rows.group(one) for one in found.items]), _classes(db)

    store = workspace.get_store()
    newest = store.read(newest_image)  # before the page is read: what comes between is offered, and shown already
    page, groups, classes = store.read(load)
    return {
        "newest": newest,
        "groups": groups, "classes": classes, "page_key": uuid.uuid4().hex, "view": repr((state, size)),
        "total": page.total, "position": page.position, "first": page.first, "last": page.last,
        "has_next": page.has_next, "has_prev": page.has_prev,
    }  # fmt: skip


def _page(state: State, size: int, who: str, entered: bool) -> dict[str, Any]:
    """The page that is looked at: the same bytes until the person turns it, filters, or comes back."""
    locked = _ui.why_not("duplicates")
    asked = (state, size, who, locked)
    kept = st.session_state.get(_PAGE, {})
    turn = st.session_state.pop(_TURN, None)
    same = kept.get("asked") == asked
    where: dict[str, str] = {}
    if entered or (same and kept.get("again")):
        where = whereabouts.cursor(kept["data"]["first"] if same else "")
    elif same:
        if not turn:
            return dict(kept["data"])
        where = {"after": str(turn["last"])} if turn.get("to") == "next" else {"before": str(turn["first"])}
    else:
        whereabouts.forget()
    try:
        data = _fetch(state, size, who, where)
    except UsageError:  # a cursor of another list: begin this one
        data = _fetch(state, size, who, {})
    fits = entered and data["total"] <= size  # what has come back meanwhile would be on a page before the only one
    if where and (fits or not data["groups"]):
        data = _fetch(state, size, who, {})
    data = pseudonyms.hide_in(data, workspace.get_store().read(pseudonyms.of_page))
    # what waits in the browser must not reach another workspace on the same port
    data |= {"annotator": who, "base": _ui.base_path(), "workspace": whereabouts.workspace_key(), "locked": locked}
    st.session_state[_PAGE] = {"asked": asked, "data": data}
    return data


def _again() -> None:
    """The page that is looked at is read once more, where it is."""
    st.session_state[_PAGE] = {**st.session_state.get(_PAGE, {}), "again": True}


def main() -> None:
    who = _ui.require_annotator()
    entered = filters.FIRST not in st.session_state
    store = workspace.get_store()
    counts, numbers = store.read(workspace_counts), store.read(filters.look_up)
    _ui.page_title(t("Duplicates"), t("{n} open", n=f"{numbers['open']:,}"))
    _ui.page_head("duplicates", anchor=False)
    bar = st.container(horizontal=True, vertical_alignment="center", key="wide")  # the shell's style: the whole width
    if not counts.images:
        st.info(t("There are no photos yet. Point Moue at a folder of photos, or load the sample photos."))
        _ui.next_step(t("Collect photos"), "collect.py")
        return
    waiting, incomplete = store.read(filters.tell_pending)
    filters.note_pending(waiting, incomplete)
    if numbers["all"] or numbers["apart"]:
        state, size = filters.choose(bar, numbers)
        data = _page(state, size, who, entered)
        if data["groups"]:
            duplicate_groups(data, key=GROUPS, on_turn=_turn)
        else:
            filters.nothing_passes(state, numbers)
        after = data["newest"]
    else:
        filters.none_found(counts, waiting)
        state, after = "open", store.read(newest_image)
    if state != "apart":
        arrivals.offer(lambda db: count_new(db, state, after), _again, (open_groups, numbers["open"]))
    filters.note_exact_copies(counts)
    if not _ui.to_review():
        _ui.next_step(t("Export"), "export.py")


main()
