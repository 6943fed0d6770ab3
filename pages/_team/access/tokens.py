"""Tokens for scripts: one's own, made and revoked; an owner sees and revokes everybody's."""

from __future__ import annotations

from typing import Final

import streamlit as st

from db.base.clock import now_iso
from db.store.store import Db
from db.tables.access import tokens
from db.tables.access.tokens import LONGEST_NAME, Token
from db.tables.roles import role_of
from pages import _ui
from pages._server import permission, pseudonyms, workspace
from pages._ui.html_table import labelled_cell
from pages._words import audit, mark, recorded, t
from pipeline.core import roles
from pipeline.core.errors import MoueError
from pipeline.core.roles import ROLES, Role

WIDTHS: Final = (2.4, 1.6, 1.4, 1.6, 1.6, 1.6, 1.4)
HEADS: Final = (
    mark("What for"), mark("Speaks for"), mark("Role at most"), mark("Made"), mark("Used last"), mark("Ends"), "",
)  # fmt: skip
DAYS: Final[dict[int, str]] = {30: mark("30 days"), 90: mark("90 days"), 365: mark("a year"), 0: mark("until revoked")}
_SECRET: Final = "token_made"  # noqa: S105 - a key of the page's state
_ERROR: Final = "token_error"


def show(who: str) -> None:
    """The token that was just made, once; the form for a new one; those that hold."""
    store = workspace.get_store()
    sees_all = not _ui.why_not("roles")
    own, found = store.read(lambda db: (role_of(db, who), _held(db, who, sees_all)))
    st.caption(t("A script that sends a token speaks for its person here, with no more than the token's role."))
    if (secret := st.session_state.pop(_SECRET, None)) is not None:
        st.success(t("Copy it now: it is not shown again."), icon=":material/key:")
        st.code(secret, language=None)
    if _ERROR in st.session_state:
        st.error(_ui.escaped(st.session_state.pop(_ERROR)), icon=":material/error:")
    _form(who, own)
    if not found:
        st.info(t("No token is valid."))
        return
    with st.container(key="heads-tokens"):
        for cell, head in zip(st.columns(WIDTHS), HEADS, strict=True):
            cell.caption(t(head) if head else "")
    for one in found:
        _row(one)


def _held(db: Db, who: str, sees_all: bool) -> list[Token]:
    now = now_iso()
    return [one for one in (tokens.list_all(db) if sees_all else tokens.of_person(db, who)) if one.holds(now)]


def _form(who: str, own: Role) -> None:
    with st.form("token-new", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(t("What it is for"), max_chars=LONGEST_NAME, key="token-name", width=280)
        offered = [role for role in ROLES if ROLES.index(role) <= ROLES.index(own)]
        role = st.selectbox(t("Role at most"), offered, format_func=_role, key="token-role", width=180)
        days = st.selectbox(t("Valid for"), list(DAYS), format_func=lambda n: t(DAYS[n]), index=1, key="token-days",
                            width=160)  # fmt: skip
        if st.form_submit_button(t("Make a token"), type="primary", key="token-make"):
            _make(name, role, days)


def _make(name: str, role: Role, days: int) -> None:
    try:
        by = permission.require("tokens")
        st.session_state[_SECRET], _ = workspace.get_store().write(
            lambda db: tokens.make(db, by, name, role, by=by, days=days or None)
        )
    except MoueError as e:
        st.session_state[_ERROR] = recorded.sentence(e.message)
    st.rerun()


def _row(one: Token) -> None:
    name, person, role, made, used, ends, revoke = st.columns(WIDTHS, vertical_alignment="center")
    name.markdown(f"**{_ui.escaped(one.name)}**")
    told = (
        pseudonyms.shown()(one.annotator), _role(one.role), _ui.format_time(one.made_at),
        _ui.format_time(one.used_at) or t("never"), _ui.format_time(one.expires_at) or t("when revoked"),
    )  # fmt: skip
    for cell, head, text in zip((person, role, made, used, ends), HEADS[1:-1], told, strict=True):
        cell.html(labelled_cell(t(head), text))
    revoke.button(t("Revoke"), key=f"token-revoke-{one.id}", on_click=_revoke, args=(one.id,))


def _revoke(number: int) -> None:
    try:
        by = permission.require("tokens")
        of = None if roles.may(permission.role_of(by), "roles") else by
        workspace.get_store().write(lambda db: tokens.revoke(db, number, by=by, of=of))
    except MoueError as e:
        st.session_state[_ERROR] = recorded.sentence(e.message)


def _role(role: str) -> str:
    return t(audit.ROLES[role])
