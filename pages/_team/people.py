"""Who is here, in which role, since when; an owner gives roles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import streamlit as st

from db.tables import roles as roles_table
from db.tables.roles import FIRST, Person
from pages import _ui
from pages._server import auth_mode, permission, pseudonyms, workspace
from pages._ui.html_table import labelled_cell
from pages._words import audit, mark, recorded, t
from pipeline.core import roles
from pipeline.core.errors import MoueError
from pipeline.core.roles import ROLES, Role

WIDTHS: Final = (2.4, 1.8, 2.4, 1.6, 1.6)
HEADS: Final = (mark("Name"), mark("Role"), mark("Given by"), mark("Here since"), mark("Decided last"))
MEANS: Final[dict[Role, str]] = {
    "owner": mark("Owner: everything, also roles, classes, settings, sources and erasing"),
    "reviewer": mark("Reviewer: labels, collects, settles what people differ on, hands out, exports"),
    "annotator": mark("Annotator: labels, writes notes, decides on near copies, draws missed faces"),
    "viewer": mark("Viewer: looks, and changes nothing"),
}
_ERROR: Final = "people_error"
_NEWCOMERS: Final = "people_newcomers"


def show(who: str) -> None:
    """The list, the role of newcomers, and what a role may do."""
    store = workspace.get_store()
    found, newcomers = store.read(lambda db: (roles_table.list_people(db), roles_table.newcomers_role(db)))
    locked = _ui.why_not("roles")
    if auth_mode.mode() == "local":
        st.info(
            t(
                "Here a name is only what somebody typed. Roles then guard against slips, not against people: whoever "
                "types an owner's name is that owner. A sign-in that knows people makes them hold."
            ),
            icon=":material/info:",
        )
    with st.container(key="heads-people"):
        for cell, head in zip(st.columns(WIDTHS), HEADS, strict=True):
            cell.caption(t(head))
    called = pseudonyms.shown()
    for number, person in enumerate(found):
        _row(number, person, person.name == who, locked, called)
    if _ERROR in st.session_state:
        st.error(_ui.escaped(st.session_state.pop(_ERROR)), icon=":material/error:")
    st.session_state[_NEWCOMERS] = newcomers
    st.selectbox(
        t("Role of newcomers"), [role for role in reversed(ROLES) if role != "owner"], key=_NEWCOMERS, width=320,
        format_func=_role, on_change=_set_newcomers, disabled=bool(locked),
        help=locked or t("Of everybody to whom no owner gave a role"),
    )  # fmt: skip
    st.caption("  \n".join(t(MEANS[role]) for role in reversed(ROLES)))


def _row(number: int, person: Person, is_me: bool, locked: str, called: Callable[[str], str]) -> None:
    name, role, given, since, last = st.columns(WIDTHS, vertical_alignment="center")
    shown = _ui.escaped(called(person.name))
    name.markdown(t("**{name}** (you)", name=shown) if is_me else f"**{shown}**")
    key = f"role-{number}"
    st.session_state[key] = person.role
    role.selectbox(
        t("Role of {name}", name=called(person.name)), list(reversed(ROLES)), key=key, format_func=_role,
        label_visibility="collapsed", on_change=_give, args=(person.name, key), disabled=bool(locked),
    )  # fmt: skip
    if person.given_by == FIRST:
        giver = t("was here first")
    elif person.given_by:
        giver = t("{name}, {at}", name=called(person.given_by), at=_ui.format_time(person.given_at))
    else:
        giver = t("nobody: the role of newcomers")
    told = (giver, _ui.format_time(person.since), _ui.format_time(person.last_decided) or t("never"))
    for cell, head, text in zip((given, since, last), HEADS[2:], told, strict=True):
        cell.html(labelled_cell(t(head), text))


def _role(role: str) -> str:
    return t(audit.ROLES[role])


def _give(name: str, key: str) -> None:
    try:
        by = permission.require("roles")
        role = roles.as_role(str(st.session_state[key]))
        workspace.get_store().write(lambda db: roles_table.set_role(db, name, role, by))
    except MoueError as e:
        st.session_state[_ERROR] = recorded.sentence(e.message)


def _set_newcomers() -> None:
    try:
        by = permission.require("roles")
        role = roles.as_role(str(st.session_state[_NEWCOMERS]))
        workspace.get_store().write(lambda db: roles_table.set_newcomers_role(db, role, by))
    except MoueError as e:
        st.session_state[_ERROR] = recorded.sentence(e.message)
