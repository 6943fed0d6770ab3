"""Second opinions: how many faces several people answer without seeing each other's answers."""

from __future__ import annotations

import secrets
from typing import Final

import streamlit as st

from db.store.store import Db
from db.tables import roles
from db.team import second_opinions
from db.team.second_opinions import DEFAULT_SHARE, WANTED, OpinionCounts, Setting
from pages import _ui
from pages._server import permission, workspace
from pages._words import recorded, t
from pipeline.core.errors import MoueError

_SHARE: Final = "opinions-share"
_PEOPLE: Final = "opinions-wanted"
_ERROR: Final = "opinions_error"
_LARGEST_SEED: Final = 2**31


def show(_who: str) -> None:
    """What holds, how far it is, and the form."""
    now, counts, people = workspace.get_store().read(_load)
    st.caption(t("A share of the faces goes to several people. Until all of them have answered, each sees only their "
                 "own answer and no suggestion, and the face does not count. Which faces is drawn before anybody "
                 "answers them; faces that were answered before are never among them."))  # fmt: skip
    _told(now, counts)
    if people < 2:
        st.info(t("You are the only one who labels here: such faces would wait for somebody else."))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        share = now.share or DEFAULT_SHARE
        st.number_input(t("Share of the faces, %"), 0, 100, round(100 * share), key=_SHARE, width=200)
        st.selectbox(t("People who answer each"), WANTED, WANTED.index(now.wanted), key=_PEOPLE, width=200)
        _ui.button(t("Draw these faces"), "second_opinions", type="primary", key="opinions-set", on_click=_set)
        if now.share:
            _ui.button(t("No second opinions"), "second_opinions", key="opinions-none", on_click=_set, args=(True,),
                       help=t("What is open counts with the answers that are there"))  # fmt: skip
    if error := st.session_state.pop(_ERROR, ""):
        st.error(_ui.escaped(error), icon=":material/error:")


def _load(db: Db) -> tuple[Setting, OpinionCounts, int]:
    people = sum(one.role != "viewer" for one in roles.list_people(db))
    return second_opinions.current(db), second_opinions.counts(db), people


def _told(now: Setting, counts: OpinionCounts) -> None:
    if not now.share and not counts.chosen:
        st.markdown(t("There are no second opinions here."))
        return
    numbers = {"n": f"{counts.chosen:,}", "open": f"{counts.open:,}", "rest": f"{counts.untouched:,}",
               "done": f"{counts.chosen - counts.open - counts.untouched:,}"}  # fmt: skip
    st.markdown(t("**{n}** faces want several opinions: {done} have them, {open} wait for more, {rest} wait for the "
                  "first.", **numbers))  # fmt: skip


def _set(none: bool = False) -> None:
    try:
        by = permission.require("second_opinions")
        share = 0.0 if none else int(st.session_state[_SHARE]) / 100
        wanted = WANTED[0] if none else int(st.session_state[_PEOPLE])
        setting = Setting(share, wanted, secrets.randbelow(_LARGEST_SEED))
        workspace.get_store().write(lambda db: second_opinions.set_share(db, setting, by))
    except MoueError as e:
        st.session_state[_ERROR] = recorded.sentence(e.message)
