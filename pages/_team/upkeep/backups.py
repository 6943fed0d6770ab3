"""The backups of the workspace: made by hand and by the server, each checked before it counts."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from pages import _ui
from pages._server import permission, workspace
from pages._server.upkeep import backups
from pages._team.upkeep import put_back
from pages._ui.html_table import figures_table
from pages._words import recorded, sentences, t
from pipeline.actions.backups import rotation
from pipeline.core.errors import MoueError

_ERROR = "backup_error"
_LOOK_S = 2


def show(_who: str) -> None:
    """How often, one now, those that are there, and how one is put back."""
    st.caption(
        t("A backup holds what people decided and what was measured; photos and crops are files beside it. It is read "
          "back whole before it counts, and only then the oldest goes.")
    )  # fmt: skip
    st.markdown(_ui.escaped(_how_often(backups.schedule())))
    found = rotation.kept(rotation.folder_of(workspace.get_store().root))
    _list(found)
    if found:
        put_back.show(found)


@st.fragment(run_every=_LOOK_S)
def _list(shown: list[rotation.Kept]) -> None:
    """shown: those that the page offers to put back."""
    store = workspace.get_store()
    found = rotation.kept(rotation.folder_of(store.root))
    if found != shown:
        st.rerun()
    running = backups.is_running(store.root)
    _ui.button(t("Back up now"), "restore", key="backup-now", icon=":material/save:", disabled=running, on_click=_now)
    if running:
        st.caption(t("A backup is being made …"))
    if problem := st.session_state.pop(_ERROR, "") or ("" if running else backups.said(store.root)):
        st.error(_ui.escaped(problem), icon=":material/error:")
    if not found:
        st.info(t("There is no backup yet."))
        return
    rows = [
        {
            t("Made"): _ui.format_time(one.made_at.isoformat()),
            t("Size"): f"{one.size / 1e6:,.1f} MB",
            t("File"): one.file.name,
        }
        for one in found
    ]
    st.html(figures_table(rows, name=t("Backups")))


def _now() -> None:
    try:
        permission.require("restore")
        backups.begin_now(workspace.get_store())
    except MoueError as e:
        st.session_state[_ERROR] = recorded.sentence(e.message)


def _how_often(plan: backups.Schedule) -> str:
    if plan.every is None:
        return t("The server makes none by itself: start it with MOUE_BACKUP_EVERY=6h to have one every six hours.")
    hours = plan.every / timedelta(hours=1)
    words = t("The server makes one every {hours} h and keeps {n}.", hours=f"{hours:g}", n=plan.keep)
    return sentences(words, t("Each is sent to {place}, too.", place=plan.to) if plan.to else "")
