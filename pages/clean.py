"""Clean: what did the machine see?"""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from db.reads.counts import workspace_counts
from db.reads.files import count_new
from db.store.store import Store
from db.tables.jobs import jobs_recent
from db.team.blind import without_blind
from pages import _ui
from pages._clean import erase_photo, filters, manual_faces, reading, reprocess, rows
from pages._components.photo_list import photo_list
from pages._server import jobs, workspace
from pages._ui import black_bars, job_view
from pages._ui.addresses import whereabouts
from pages._ui.job import arrivals
from pages._words import t

LIST: Final = "photo_list"
_PAGE: Final = "clean_page"
_ANSWER: Final = "clean_answer"
_OURS: Final = ("asked", "reprocessed", "cursors", "newest")
"""What is kept of a page and is not the list's business."""


def _act() -> None:
    """A box or a crop was confirmed: do it, and look again at the rows of that photo alone."""
    asked = st.session_state[LIST].act
    if not isinstance(asked, dict):
        return
    said = manual_faces.answer(asked)
    st.session_state[_ANSWER] = said
    kept = st.session_state.get(_PAGE)
    if said["ok"] and kept:
        who = _ui.require_annotator()
        store = workspace.get_store()
        refreshed = store.read(lambda db: without_blind(db, who, rows.with_image_anew(db, kept["rows"], said["sha"])))
        st.session_state[_PAGE] = {**kept, "rows": refreshed}


def _turn() -> None:
    st.session_state["clean_turn"] = st.session_state[LIST].turn


def _again() -> None:
    """The page that is looked at is read once more, where it is."""
    st.session_state[_PAGE] = {**st.session_state[_PAGE], "again": True}


def _page(outcome: str, source_id: int | None, who: str, entered: bool, reprocessed: str) -> dict[str, Any]:
    """The page that is looked at, kept until the person turns it, filters, or comes back from another page.

    reprocessed: the job that processed the photos anew; after it nothing that was shown holds.
    """
    kept = st.session_state.get(_PAGE)
    turn = st.session_state.pop("clean_turn", None)
    same = kept is not None and kept["asked"] == (outcome, source_id)
    if entered or (kept and same and kept.get("again")):
        kept = reading.fetch(
            outcome, source_id, who, whereabouts.cursor(kept["cursors"]["prev"] if kept and same else "")
        )
    elif kept is None or not same:
        whereabouts.forget()
        kept = reading.fetch(outcome, source_id, who, {})
    elif kept.get("reprocessed", "") != reprocessed:  # the same page's key: it does not scroll away from how that went
        kept = {**reading.fetch(outcome, source_id, who, {}), "page_key": kept["page_key"]}
    elif turn and turn.get("page_key") == kept["page_key"] and turn.get("to") in kept["cursors"]:
        name = "after" if turn["to"] == "next" else "before"
        kept = reading.fetch(outcome, source_id, who, {name: kept["cursors"][turn["to"]]})
    st.session_state[_PAGE] = {**kept, "reprocessed": reprocessed}
    return kept


def _work(store: Store, photos: int) -> str:
    """What works now, or how the last second look went; and the drawer for another one. The last one's job id."""
    job = jobs.running(store)
    recent = store.read(lambda db: jobs_recent(db, 1))
    if job is not None:
        job_view.live(job.id)
        return str(st.session_state.get(_PAGE, {}).get("reprocessed", ""))
    last = recent[0] if recent and recent[0].kind == "reprocess" else None
    if last is not None:
        job_view.ended(store, last)
    if photos:
        black_bars.line(store, "clean-bars")
        reprocess.drawer(store, photos)
    return last.id if last is not None else ""


def main() -> None:
    who = _ui.require_annotator()
    store = workspace.get_store()
    entered = filters.OUTCOME not in st.session_state
    counts = store.read(workspace_counts)
    misses = counts.by_outcome.get("no_face", 0)
    _ui.page_title(t("Clean"), t("{n} without a face", n=f"{misses:,}"))
    with st.container(key="wide"):  # the shell's style gives such a page its whole width
        _ui.page_head("clean")
    if not sum(counts.by_outcome.values()):
        st.info(t("There are no photos yet. Point Moue at a folder of photos, or load the sample photos."))
        _ui.next_step(t("Collect photos"), "collect.py")
        return
    reprocessed = _work(store, counts.images)
    erase_photo.show(store, _PAGE)
    kept = st.session_state.get(_PAGE)
    outcome, source_id = filters.choose(store, kept["asked"] if kept else ("", None))
    page = _page(outcome, source_id, who, entered, reprocessed)
    if page["rows"]:
        shown = {name: value for name, value in page.items() if name not in _OURS}
        data = {**shown, "base": _ui.base_path(), "answer": st.session_state.get(_ANSWER)}
        data |= {"from": page["cursors"]["prev"], "annotator": who, "workspace": whereabouts.workspace_key()}
        data |= {"locked": _ui.why_not("clean"), "erase_locked": _ui.why_not("erase")}
        photo_list(
            data, key=LIST, on_act=_act, on_turn=_turn, on_erase=lambda: erase_photo.ask(st.session_state[LIST].erase)
        )
    else:
        st.info(t("No photo has this outcome any more. Choose All to see the others."))
    arrivals.offer(lambda db: count_new(db, outcome or None, source_id, page["newest"]), _again)
    _ui.to_review()


main()
