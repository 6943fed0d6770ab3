"""Who is on the photos: what tells persons apart, the switch for looks, names and merges by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import streamlit as st

from db.people import by_hand, embeddings, persons, switch, told
from db.people.persons import Person
from db.reads.sources import list_sources
from db.store.store import Db
from pages import _ui
from pages._server import permission, workspace
from pages._ui import tables
from pages._words import count, labelled, listed, mark, recorded, t
from pipeline.actions.people.looks import switch_looks
from pipeline.actions.people.told import set_level
from pipeline.core.errors import MoueError

SHOWN: Final = 50
_ERROR: Final = "persons_error"
_TOLD_BY: Final = {
    "list": mark("a list"), "folder": mark("a folder"), "looks": mark("looks"), "hand": mark("somebody"),
}  # fmt: skip
_LEVELS: Final = {
    0: mark("No folder"), 1: mark("The folders in the source"), 2: mark("The folders in these"),
    -1: mark("The folder that a photo lies in"), -2: mark("The folder around that"),
}  # fmt: skip


def show(who: str) -> None:
    """What is known, then what changes it."""
    st.caption(t("Photos of one person go to one side of a split, so that a model is not tried on a mouth that it has "
                 "seen. Names stay in this workspace: no export holds one."))  # fmt: skip
    store = workspace.get_store()
    found, on, described = store.read(lambda db: (persons.list_persons(db), switch.is_on(db), embeddings.count(db)))
    if _ERROR in st.session_state:
        st.error(_ui.escaped(st.session_state.pop(_ERROR)), icon=":material/error:")
    _people(found)
    _folders()
    _looks(on, described)


def _people(found: list[Person]) -> None:
    st.subheader(count(len(found), "person", "persons"), anchor=False)
    if not found:
        st.markdown(t("Nothing tells persons apart yet: say below which folders are named after persons, or take in a "
                      "list with the column “person”."))  # fmt: skip
    for one in found[:SHOWN]:
        name, by, review = st.columns((3, 4, 1), vertical_alignment="center")
        key = f"persons-name-{one.id}"
        st.session_state[key] = one.name
        name.text_input(
            t("Name"), key=key, placeholder=t("Person {n}", n=one.id), label_visibility="collapsed",
            disabled=bool(_ui.why_not("settings")), on_change=_rename, args=(one.id,),
        )  # fmt: skip
        by.caption(t("{photos}, told by {means}", photos=count(one.photos, "photo"),
                     means=listed(t(_TOLD_BY[means]) for means in one.told_by)))  # fmt: skip
        if review.button(t("Show"), key=f"persons-show-{one.id}", help=t("Only this person, in Review")):
            st.switch_page("review.py", query_params={"state": "all", "person": str(one.id)})
    if len(found) > SHOWN:
        st.caption(t("The {n} with the most photos are shown; `python -m pipeline people` lists all.", n=SHOWN))
    if len(found) > 1:
        names = {one.id: one.name or t("Person {n}", n=one.id) for one in found}
        _merging(names)


def _merging(names: Mapping[int, str]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.multiselect(
            t("These are one person"), list(names), format_func=lambda one: f"{names.get(one, one)} ({one})",
            key="persons-merged", placeholder=t("Persons"),
        )  # fmt: skip
        _ui.button(t("Merge"), "settings", key="persons-merge", on_click=_merge)


def _folders() -> None:
    st.subheader(t("Folders named after persons"), anchor=False)
    store = workspace.get_store()
    sources, levels = store.read(lambda db: (list_sources(db), told.levels(db)))
    if not sources:
        return
    places = {one.id: tables.source_name(one) for one in sources}
    for level in levels:
        folder = t(_LEVELS[level.level]) if level.level in _LEVELS else str(level.level)
        st.caption(_ui.escaped(labelled(places.get(level.source_id, ""), folder)))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(t("Source"), list(places), format_func=lambda one: places.get(one, ""), key="persons-source")
        st.selectbox(t("Named after persons"), list(_LEVELS), format_func=lambda n: t(_LEVELS[n]), key="persons-level")
        st.checkbox(t("The names hold in this source only"), key="persons-own")
        _ui.button(t("Save"), "settings", key="persons-folders", on_click=_save_level)


def _looks(on: bool, described: int) -> None:
    st.subheader(t("Told apart by looks"), anchor=False)
    st.warning(
        t("This is biometric data. Of each face 128 numbers are stored in this workspace's database, made on this "
          "machine by dlib's recognition net, and which faces are one person's by them. Ask the people on the photos, "
          "or know why you may do without. Backups and exports leave the numbers out. To erase them, switch this off: "
          "all of them are deleted and overwritten. To erase one person with all photos: "
          "`python -m pipeline erase --person ID`."),
        icon=":material/fingerprint:",
    )  # fmt: skip
    st.markdown(
        t("On: {faces} described so far.", faces=count(described, "face")) if on else t("Off: faces are not described.")
    )
    label = t("Switch off, and delete every description") if on else t("Describe faces to tell people apart")
    _ui.button(label, "settings", key="persons-looks", on_click=_switch, args=(not on,))


def _rename(person: int) -> None:
    name = str(st.session_state[f"persons-name-{person}"])
    _try(lambda db, by: by_hand.rename(db, person, name, by=by))


def _merge() -> None:
    chosen = [int(one) for one in st.session_state["persons-merged"]]
    if len(chosen) > 1:
        _try(lambda db, by: by_hand.merge(db, chosen[0], chosen[1:], by=by))
    st.session_state["persons-merged"] = []


def _try(work: Callable[[Db, str], object]) -> None:
    _guarded(lambda by: workspace.get_store().write(lambda db: work(db, by) and None))


def _save_level() -> None:
    source, level = int(st.session_state["persons-source"]), int(st.session_state["persons-level"])
    own = bool(st.session_state["persons-own"])
    _guarded(lambda by: set_level(workspace.get_store(), source, level or None, own, by=by))


def _switch(on: bool) -> None:
    _guarded(lambda by: switch_looks(workspace.get_store(), on, by=by))


def _guarded(work: Callable[[str], object]) -> None:
    try:
        work(permission.require("settings"))
    except MoueError as e:
        st.session_state[_ERROR] = recorded.sentence(e.message)
