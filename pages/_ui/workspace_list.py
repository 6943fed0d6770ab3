"""The first page of a server with several workspaces: which ones there are, to somebody who is known."""

from __future__ import annotations

import html
from typing import Final

import streamlit as st

from db.base.workspaces import LONGEST
from pages import _ui
from pages._server import space_list, spaces
from pages._server.space_list import Space
from pages._words import recorded, t
from pipeline.core.errors import MoueError
from pipeline.core.names import clean_name

_NAME: Final = "workspace-name"
_ERROR: Final = "workspace_error"


def show() -> None:
    """The list; of an address that named a workspace in vain, that first."""
    _ui.require_known()
    st.header(t("Workspaces"))
    unknown = st.query_params.get(spaces.UNKNOWN)
    if unknown:
        st.warning(_ui.escaped(t("There is no workspace {name} here.", name=unknown)), icon=":material/help:")
    found = space_list.spaces_of(st.context.cookies, st.context.headers)
    if found:
        rows = "".join(f"<li>{_row(one)}</li>" for one in found)
        st.html(f"<ul class='moue-workspaces'>{rows}</ul>")
    else:
        st.info(t("There is no workspace yet."))
    if space_list.maker(found) is not None:
        _form()


def _form() -> None:
    """For whoever may make one."""
    with st.form("workspace-new", width=480, border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(t("A new workspace"), key=_NAME, max_chars=LONGEST, placeholder=t("its name"))
        st.form_submit_button(t("Make it"), key="workspace-make", on_click=_make)
    if _ERROR in st.session_state:
        st.error(_ui.escaped(st.session_state.pop(_ERROR)), icon=":material/error:")


def _make() -> None:
    name = clean_name(st.session_state[_NAME])
    try:
        space_list.make(name, st.context.cookies, st.context.headers)
    except MoueError as e:
        st.session_state[_ERROR] = recorded.sentence(e.message)
        return
    st.session_state[_NAME] = ""


def _row(one: Space) -> str:
    more = t("not signed in") if one.annotator is None else one.annotator
    if one.undecided is not None:
        more += " · " + (_ui.to_decide_on(one.undecided) if one.undecided else t("nothing to decide on"))
    # no target: the link stays in this tab
    return f"<a href='{html.escape(one.address)}'>{html.escape(one.name)}</a> <span>{html.escape(more)}</span>"
