"""Suggestions: how good are they, and what do they doubt?"""

from __future__ import annotations

from typing import Final

import streamlit as st

from db.tables import roles
from pages import _ui
from pages._server import workspace
from pages._suggest import sections
from pages._words import t

_PARAMETER: Final = "section"
_CHOICE: Final = "suggest_section"


def _chosen() -> None:
    """Another section is another place: what the address said of the one before does not hold there."""
    st.query_params.from_dict({_PARAMETER: st.session_state[_CHOICE]})


def main() -> None:
    who = _ui.require_annotator()
    offered = sections.offered(workspace.get_store().read(lambda db: roles.role_of(db, who)))
    st.header(t("Suggestions"), anchor=False)
    asked = st.query_params.get(_PARAMETER, "")
    slug = asked if asked in offered else next(iter(offered))
    st.session_state[_CHOICE] = slug
    if len(offered) > 1:
        st.segmented_control(
            t("Section"), list(offered), format_func=lambda one: t(offered[one].title), key=_CHOICE,
            on_change=_chosen, required=True, label_visibility="collapsed",
        )  # fmt: skip
    _ui.page_title(t("Suggestions"), t(offered[slug].title))
    offered[slug].show(who)


main()
