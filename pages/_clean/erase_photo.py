"""Erase a photo from the workspace for good: says what goes and what stays, and asks before it does it."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from db.store.store import Store
from pages import _ui
from pages._server import permission
from pages._words import count, listed, recorded, t
from pipeline.actions.erase import Erased, erase_image, preview_erase
from pipeline.core.errors import MoueError, UsageError

_ASKED: Final = "clean_erase"
_DONE: Final = "clean_erased"


def ask(asked: Any) -> None:
    """Note that the list's button was pressed: {"sha", "name"}."""
    if isinstance(asked, dict):
        st.session_state[_ASKED] = str(asked.get("sha", "")), str(asked.get("name", ""))


def show(store: Store, page: str) -> None:
    """How the last erase went, and the dialog where one was asked for. page: the session's key of the list's rows."""
    if said := st.session_state.pop(_DONE, None):
        st.success(said)
    asked = st.session_state.pop(_ASKED, None)
    if asked is not None:
        sha256, name = asked
        st.dialog(t("Erase this photo for good?"))(_dialog)(store, sha256, name, page)


def _dialog(store: Store, sha256: str, name: str, page: str) -> None:
    try:
        found = preview_erase(store, sha256)
    except UsageError as e:  # somebody else erased it meanwhile
        st.info(recorded.sentence(e.message))
        return
    plan = found.plan
    st.markdown(f"**{_ui.escaped(name)}**")
    faces, decisions = count(plan.faces, "face"), count(plan.decisions, "decision")
    st.write(t("What goes: its copy here, {faces}, crops and thumbnails, and the names of its files.", faces=faces))
    if plan.decisions:
        st.write(t("What stays: {decisions} in the log, with a number instead of the photo.", decisions=decisions))
    if plan.outside:
        st.write(t("The file itself is yours and stays where it is:"))
        st.text("\n".join(plan.outside))
    st.caption(t("Exports that were made earlier still hold it. This cannot be undone."))
    copies = found.copies and st.checkbox(
        t("Also delete the backups that hold it ({n})", n=len(found.copies)), key="erase_backups"
    )
    if found.copies:
        st.caption(_ui.escaped(t("In the folder backups: {names}", names=listed(path.name for path in found.copies))))
    with st.container(horizontal=True):
        if _ui.button(t("Erase for good"), "erase", type="primary", key="erase_now"):
            _erase(store, sha256, name, bool(copies), page)
        if st.button(t("Keep it"), key="erase_not"):
            st.rerun()


def _erase(store: Store, sha256: str, name: str, backups: bool, page: str) -> None:
    try:
        done = erase_image(store, sha256, backups=backups, by=permission.require("erase"))
    except MoueError as e:
        st.error(_ui.escaped(recorded.sentence(e.message)))
        return
    _forget(page, sha256)
    st.session_state[_DONE] = _ui.escaped(_told(done, name))
    st.rerun()


def _forget(page: str, sha256: str) -> None:
    """Take an image's rows off the page that is looked at; where none is left it is read anew."""
    kept = st.session_state.pop(page)
    left = [row for row in kept["rows"] if row["sha"] != sha256]
    fewer = len(kept["rows"]) - len(left)
    if left:
        st.session_state[page] = {**kept, "rows": left, "last": kept["last"] - fewer, "total": kept["total"] - fewer}


def _told(done: Erased, name: str) -> str:
    said = [t("{name} was erased.", name=name)]
    if done.copies and not done.copies_deleted:
        said.append(t("Backups that still hold it: {n}.", n=len(done.copies)))
    if not done.log_emptied:
        said.append(t("Parts of it stay in the database's side file until Moue is closed."))
    return " ".join(said)
