"""The first page of a server with several workspaces: which ones there are, to somebody who is known."""

from __future__ import annotations

import html

import streamlit as st

from pages import _ui
from pages._server import space_list, spaces
from pages._server.space_list import Space
from pages._words import t


def show() -> None:
    """The list; of an address that named a workspace in vain, that first."""
    _ui.require_known()
    st.header(t("Workspaces"))
    unknown = st.query_params.get(spaces.UNKNOWN)
    if unknown:
        st.warning(_ui.escaped(t("There is no workspace {name} here.", name=unknown)), icon=":material/help:")
    found = space_list.spaces_of(st.context.cookies, st.context.headers)
    if not found:
        st.info(t("There is no workspace yet. Whoever runs Moue makes an empty folder for one."))
        return
    rows = "".join(f"<li>{_row(one)}</li>" for one in found)
    st.html(f"<ul class='moue-workspaces'>{rows}</ul>")


def _row(one: Space) -> str:
    more = t("not signed in") if one.annotator is None else one.annotator
    if one.undecided is not None:
        more += " · " + (_ui.to_decide_on(one.undecided) if one.undecided else t("nothing to decide on"))
    # no target: the link stays in this tab
    return f"<a href='{html.escape(one.address)}'>{html.escape(one.name)}</a> <span>{html.escape(more)}</span>"
