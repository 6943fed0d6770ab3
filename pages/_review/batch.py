"""The next faces for one person: a batch that they claimed, shown as a page of the grid, and kept in the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import streamlit as st

from db.base.paging import Page
from db.decisions.changes import newest_seq
from db.projection.filters import ReviewFilter
from db.projection.suggestions import Suggester, in_force
from db.reads.review import ReviewItem, newest_face, review_items
from db.store.store import Db
from db.team import blind, claims
from db.team.claims import Batch
from pages import _ui
from pages._review.query import BATCH
from pages._server import permission, pseudonyms, workspace
from pages._words import count, recorded, t
from pipeline.core.errors import NotAllowedError

_WANTED: Final = "review_batch_wanted"


@dataclass(frozen=True, slots=True)
class Found:
    """A page as the database knew it at one moment. seq: of the newest decision then; face: the seq of the newest face.
    suggester: whose suggestions its cards tell, None: nobody's."""

    page: Page[ReviewItem]
    seq: int
    face: int
    suggester: Suggester | None


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows of batches. batch: None: the list. told: what the person must hear, "" for nothing.

    fresh: it was claimed just now, or lost. step: what was told of, where one press takes it back, else "".
    """

    batch: Batch | None = None
    told: str = ""
    fresh: bool = False
    step: str = ""


def button() -> None:
    """Takes the next faces; the grid has a key for it, too."""
    _ui.button(
        t("Next for me"), "claim", icon=":material/skip_next:", key="review-next-for-me", on_click=want,
        help=t("The next faces of this list that nobody else is given (q); what was handed out to you comes first"),
    )  # fmt: skip


def hand_out(params: Mapping[str, str], people: int) -> None:
    """Leads to Team, where the faces of this filter are handed out; for those who may, where there is somebody else."""
    if people > 1 and not _ui.why_not("hand_out") and st.button(
        t("Hand out"), icon=":material/assignment_ind:", key="review-hand-out", width="stretch",
        help=t("Give the faces of this filter to one person"),
    ):  # fmt: skip
        st.switch_page("team.py", query_params={**params, "section": "handouts"})


def want() -> None:
    """Take the next faces in this run of the page."""
    st.session_state[_WANTED] = True


def current(who: str, flt: ReviewFilter, size: int, turn: Mapping[str, Any] | None) -> Shown:
    """The batch that the address names, or the next one where the person asked for it."""
    named = st.query_params.get(BATCH, "")
    asked = st.session_state.pop(_WANTED, False)
    to = (turn or {}).get("to")
    if asked or to == "mine" or (named and to == "next"):
        return _next(who, flt, size)
    if not named:
        return Shown()
    found = workspace.get_store().read(lambda db: claims.batch_of(db, who, named))
    if found is not None:
        return Shown(found)
    leave()
    return Shown(told=t("your batch went back to the others: nobody was here for a while; q takes the next faces"))


def leave() -> None:
    """Back to the list."""
    st.query_params.pop(BATCH, None)


def _next(who: str, flt: ReviewFilter, size: int) -> Shown:
    def work(db: Db) -> Batch:
        return claims.claim_next(db, who, flt, size)

    try:
        permission.require("claim")
        found = workspace.get_store().write(work)
    except NotAllowedError as e:
        return Shown(told=recorded.translate(e.message), fresh=True)
    if not found.id:
        leave()
        return Shown(told=t("nothing is left for you here: others are working on the rest"), fresh=True)
    st.query_params[BATCH] = found.id
    if found.handout is None:
        return Shown(found, t("{faces} for you", faces=count(len(found.faces), "face")), fresh=True)
    by, faces = pseudonyms.shown()(found.handout.given_by), count(len(found.faces), "face")
    told = t("{faces} of hand-out {letter}, from {name}", faces=faces, letter=found.handout.letter, name=by)
    return Shown(found, told, fresh=True)


def fetch(batch: Batch, who: str) -> Found:
    """The batch as one page."""

    def read(db: Db) -> Found:
        items = blind.visible_items(db, who, review_items(db, batch.faces))
        page = Page(items, len(items), 0, "", "", has_next=True, has_prev=False)
        return Found(page, newest_seq(db), newest_face(db), in_force(db))

    return workspace.get_store().read(read)


def chip(batch: Batch) -> None:
    """Says that a batch is shown, and leads back to the list."""
    st.button(
        t("Your batch of {n}", n=f"{len(batch.faces):,}"), icon=":material/close:", icon_position="right",
        key="review-batch", on_click=_give_back, args=(batch.id,),
        help=t("Give it back: what you have not answered goes to the others"),
    )  # fmt: skip


def _give_back(batch: str) -> None:
    who = permission.require("claim")
    workspace.get_store().write(lambda db: claims.release(db, who, batch))
    leave()
