"""Team, Disagreements: the faces that people differ on, one after another, to be settled."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import asdict
from typing import Any, Final

import streamlit as st

from db.store.store import Db
from db.tables.classes import list_classes
from db.team import disagreements, guidelines
from pages import _ui
from pages._components.adjudication import adjudication
from pages._server import pseudonyms, workspace
from pages._words import t

SIZE: Final = 24
KEY: Final = "team_adjudication"
_PAGE: Final = "team_adjudication_page"
_MORE: Final = "team_adjudication_more"


def show(who: str) -> None:
    """Draw the section."""
    left = workspace.get_store().read(lambda db: len(disagreements.unsettled(db, who)))
    _ui.page_title(t("Team"), t("{n} to settle", n=f"{left:,}"))
    st.caption(t("Your decision counts before the rule of the workspace. The answers stay as they were given, and"
                 " agreement is computed from them alone."))  # fmt: skip
    data = _batch(who)
    if data["items"]:
        adjudication(data, key=KEY, on_more=_more)
    else:
        st.success(t("Nothing is left to settle: where people answered, they agree, or it was settled."))
        _ui.next_step(t("Review"), "review.py")


def _more() -> None:
    st.session_state[_MORE] = st.session_state[KEY].more


def _batch(who: str) -> dict[str, Any]:
    """The batch that is worked on: the same bytes until all of it is settled, or the person comes back."""
    kept = st.session_state.get(_PAGE)
    after = st.session_state.pop(_MORE, None)
    still_there = KEY in st.session_state  # gone from the session once another section was shown
    if kept is not None and kept["who"] == who and after is None and still_there and kept["data"]["items"]:
        return dict(kept["data"])
    store = workspace.get_store()
    data = pseudonyms.hide_in(store.read(lambda db: _load(db, who, int(after or 0))), store.read(pseudonyms.of_page))
    # what waits in the browser must not reach another workspace on the same port
    key = hashlib.sha256(str(workspace.root()).encode()).hexdigest()[:12]
    data |= {"annotator": who, "base": _ui.base_path(), "workspace": key, "page_key": uuid.uuid4().hex}
    st.session_state[_PAGE] = {"who": who, "data": data}
    return data


def _load(db: Db, who: str, after: int) -> dict[str, Any]:
    found = disagreements.batch(db, who, SIZE, after)
    active = {one.id for one in list_classes(db)}
    return {
        "left": found.left,
        "classes": [{**asdict(one), "archived": one.id not in active} for one in list_classes(db, archived=True)],
        "guidelines": [asdict(one) for one in guidelines.list_guidelines(db, who).values()],
        "items": [
            {
                "id": one.face_id, "sha": one.sha256, "v": one.crop_version, "seq": one.seq, "decision": one.decision,
                "waiting": one.waiting, "box": one.box, "size": one.size,
                "copies": [asdict(copy) for copy in one.copies],
                "answers": [{**asdict(answer), "at": _ui.format_time(answer.at)} for answer in one.answers],
            }
            for one in found.items
        ],
    }  # fmt: skip
