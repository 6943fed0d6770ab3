"""A backup put back in the place of the database, from the page."""

from __future__ import annotations

import streamlit as st

from db.store.backup import later_decisions
from pages import _ui
from pages._server import permission, workspace
from pages._server.upkeep import put_back
from pages._ui import choices
from pages._words import count, recorded, sentences, t
from pipeline.actions.backups.rotation import Kept, restore_line
from pipeline.core.errors import MoueError

_ERROR = "put-back-error"
_SURE = "put-back-sure"
_BEGUN = "put-back-begun"
_DRAWER = "put-back-drawer"


def show(found: list[Kept]) -> None:
    """Which one, what goes with it, and the button. found: the newest first."""
    _tell_last()
    with choices.drawer(t("Put a backup back"), ":material/settings_backup_restore:", _DRAWER) as box:
        if not choices.was_opened(box, _DRAWER):
            return
        chosen = st.selectbox(
            t("Backup"), found, format_func=lambda one: _ui.format_time(one.made_at.isoformat()), key="put-back-which"
        )
        if chosen is None:
            return
        try:
            st.markdown(_ui.escaped(_what_goes(chosen)))
        except MoueError as e:
            st.error(_ui.escaped(recorded.sentence(e.message)), icon=":material/error:")
            return
        st.caption(
            t("What is there now is kept in the folder backups of the workspace. The server begins anew: everybody's "
              "pages wait for some seconds and come back by themselves. Tokens for scripts are revoked.")
        )  # fmt: skip
        sure = st.checkbox(t("Put it in the place of what is there now"), key=_SURE)
        _ui.button(
            t("Put back"), "restore", key="put-back", icon=":material/settings_backup_restore:", disabled=not sure,
            on_click=_put_back, args=(chosen,),
        )  # fmt: skip
        if problem := st.session_state.pop(_ERROR, ""):
            st.error(_ui.escaped(problem), icon=":material/error:")
        if st.session_state.pop(_BEGUN, False):
            st.info(t("The server stops and begins anew with the backup …"))
        st.caption(t("To put one back without this page, stop the server and run:"))
        st.code(restore_line(chosen.file, workspace.get_store().root), language="bash")


def _what_goes(chosen: Kept) -> str:
    later = later_decisions(workspace.get_store(), chosen.file)
    if later is None:
        return t(
            "Its decisions are not those with which this workspace began: it is of another one, or of a state that "
            "was put aside."
        )
    if not later:
        return t("It holds every decision that there is.")
    return sentences(
        t("Since then there came {decisions}.", decisions=count(later, "decision")),
        t("They will not be in the workspace any more."),
    )


def _put_back(chosen: Kept) -> None:
    try:
        who = permission.require("restore")
        put_back.ask(workspace.get_store(), chosen.file, who)
        st.session_state[_BEGUN] = True
    except MoueError as e:
        st.session_state[_ERROR] = recorded.sentence(e.message)


def _tell_last() -> None:
    last = put_back.last_outcome(workspace.get_store().root)
    if last is None:
        return
    told = f"{_ui.format_time(last.at)}: {recorded.translate(last.said)}"
    if last.well:
        st.success(_ui.escaped(told), icon=":material/check:")
    else:
        st.error(_ui.escaped(told), icon=":material/error:")
