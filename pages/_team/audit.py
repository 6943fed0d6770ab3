"""What was done here, by whom and when: decisions by step, and everything else."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from urllib.parse import urlencode

import streamlit as st

from db.store.store import Db
from db.tables.annotators import list_annotators
from db.tables.audit import COMMAND_LINE
from db.team import history
from db.team.history import DECISIONS, Cursor, Wanted
from pages import _ui
from pages._review import query
from pages._server import workspace
from pages._ui.html_table import figures_table
from pages._words import audit, language, t

_CURSORS: Final = "audit_cursors"
_ASKED: Final = "audit_asked"


def show(_who: str) -> None:
    """The filters, one page of the list, and the whole of it as CSV."""
    store = workspace.get_store()
    wanted = _filters(*store.read(_choices))
    if st.session_state.get(_ASKED) != wanted:
        st.session_state.update({_ASKED: wanted, _CURSORS: [Cursor()]})
    cursors: list[Cursor] = st.session_state[_CURSORS]
    found, following = store.read(lambda db: history.entries(db, wanted, cursors[-1]))
    rows = [
        {t("When"): _ui.format_time(one.at), t("Who"): audit.who(one.annotator, language()),
         t("What"): audit.sentence(one, language())}
        for one in found
    ]  # fmt: skip
    if rows:
        st.html(figures_table(rows, name=t("Audit")))
    else:
        st.info(t("Nothing in the audit fits these filters."))
    with st.container(horizontal=True, vertical_alignment="center"):
        if len(cursors) > 1 or following is not None:
            st.button(t("Newer"), key="audit-newer", disabled=len(cursors) == 1, on_click=_newer)
            st.button(t("Older"), key="audit-older", disabled=following is None, on_click=_older, args=(following,))
        asked = {name: value for name in ("annotator", "action", "since", "until") if (value := getattr(wanted, name))}
        st.link_button(
            t("All of this as CSV"), f"{_ui.base_path()}api/audit.csv?{urlencode(asked)}", icon=":material/download:"
        )
    st.caption(t("Each row is chained to the one before it and to the decisions; the check on Overview reads both."))


def _newer() -> None:
    st.session_state[_CURSORS].pop()


def _older(following: Cursor) -> None:
    st.session_state[_CURSORS].append(following)


def _choices(db: Db) -> tuple[list[str], list[str]]:
    return [*list_annotators(db), COMMAND_LINE], history.actions(db)


def _filters(names: list[str], actions: list[str]) -> Wanted:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        everybody = t("Everybody")
        who = st.selectbox(
            t("Who"), ["", *names], format_func=lambda name: name or everybody, key="audit-who", width=240
        )
        what = st.selectbox(t("What"), ["", DECISIONS, *actions], format_func=_action, key="audit-what", width=240)
        since = st.date_input(t("From"), None, key="audit-since", width=160, format="YYYY-MM-DD")
        until = st.date_input(t("To (that day included)"), None, key="audit-until", width=160, format="YYYY-MM-DD")
    return Wanted(who, what, _midnight(since), _midnight(until, later=1))


def _person(name: str) -> str:
    return audit.who(name, language()) if name else t("Everybody")


def _action(slug: str) -> str:
    return t(audit.NAMES.get(slug, slug)) if slug else t("Everything")


def _midnight(day: object, later: int = 0) -> str:
    """The reader's, so many days later, as stored times are."""
    if not isinstance(day, date):
        return ""
    moment = datetime.combine(day + timedelta(days=later), time(), query.zone()).astimezone(UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
