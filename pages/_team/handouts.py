"""Hand-outs: who is to answer which faces, what is left of it, and taking it back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

import streamlit as st

from db.projection.columns import Faces
from db.store.store import Db
from db.tables import roles
from db.team import handouts, unanswered
from db.team.handouts import HandOut
from pages import _ui
from pages._review import filters, query
from pages._review.query import Choices, Params
from pages._server import permission, pseudonyms, workspace
from pages._words import count, recorded, t
from pipeline.core.errors import MoueError

_PERSON: Final = "handout-person"
_ERROR: Final = "handout_error"


def show(_who: str) -> None:
    """The form for the filter in the address, then what is handed out."""
    st.caption(t("“Next for me” gives a person what was handed out to them first, and to nobody else. Choose the faces "
                 "with Review's filters, and press “Hand out” there."))  # fmt: skip
    offered, params, people, faces, standing, left = workspace.get_store().read(_load)
    _form(params, offered, people, faces)
    if error := st.session_state.pop(_ERROR, ""):
        st.error(_ui.escaped(error), icon=":material/error:")
    if not standing:
        st.info(t("Nothing is handed out."))
    for one in standing:
        _row(one, left[one.id], offered)


def _load(db: Db) -> tuple[Choices, Params, list[str], int, list[HandOut], dict[int, int]]:
    offered = query.look_up(db)
    params = query.validated(query.current(), offered)
    people = [one.name for one in roles.list_people(db) if one.role != "viewer"]
    faces = int(unanswered.passing(Faces(db), query.filter_of(params)[0]).sum())
    standing = handouts.standing(db)
    return offered, params, people, faces, standing, handouts.count_left(db, standing)


def _form(params: Params, offered: Choices, people: list[str], faces: int) -> None:
    with st.container(border=True, key="handout-form"):
        st.markdown(t("**{faces}**: {words}", faces=count(faces, "face"), words=_words(params, offered)))
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.selectbox(t("For"), people, key=_PERSON, width=240, format_func=pseudonyms.shown())
            _ui.button(t("Hand out"), "hand_out", type="primary", key="handout-give", disabled=not faces,
                       on_click=_give, args=(params,))  # fmt: skip
            if st.button(t("Choose other faces"), key="handout-choose"):
                st.switch_page("review.py", query_params=params)


def _row(one: HandOut, left: int, offered: Choices) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"handout-{one.id}"):
        called = pseudonyms.shown()
        words = _words(query.validated(one.query, offered), offered)
        name, given_by = _ui.escaped(called(one.annotator)), _ui.escaped(called(one.given_by))
        told = t(
            "**{name}** {letter} · {words} · {left} left", name=name, letter=one.letter, words=words, left=f"{left:,}"
        )
        st.markdown(told, width="stretch")
        by = t("handed out by {name}, {when}", name=given_by, when=_ui.format_time(one.given_at))
        st.caption(by, width="content")
        _ui.button(t("Take back"), "hand_out", key=f"handout-back-{one.id}", on_click=partial(_take_back, one.id))


def _words(params: Params, offered: Choices) -> str:
    return _ui.escaped(" · ".join(filters.describe(params, offered)))


def _give(params: Params) -> None:
    person = st.session_state[_PERSON]
    asked = {name: said for name, said in params.items() if name != "size"}
    _try(lambda by: workspace.get_store().write(lambda db: handouts.hand_out(db, asked, person, by)))


def _take_back(number: int) -> None:
    _try(lambda by: workspace.get_store().write(lambda db: handouts.take_back(db, number, by)))


def _try(work: Callable[[str], object]) -> None:
    try:
        work(permission.require("hand_out"))
    except MoueError as e:
        st.session_state[_ERROR] = recorded.sentence(e.message)
