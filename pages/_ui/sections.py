"""A page that shows one section at a time, chosen in a row of buttons and kept in the address."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import streamlit as st

from db.tables import roles
from pages import _ui
from pages._server import workspace
from pages._words import t
from pages._words.purpose import PURPOSES
from pipeline.core.roles import Action, Role, may

_PARAMETER: Final = "section"


@dataclass(frozen=True, slots=True)
class Section:
    """slug: in the address (`?section=agreement`). show: draws it for the annotator whose name it gets. action: what
    one's role must allow for it to be offered."""

    slug: str
    title: str
    show: Callable[[str], None]
    action: Action


def offered(sections: Sequence[Section], role: Role) -> dict[str, Section]:
    """By slug, what somebody of this role may open."""
    return {one.slug: one for one in sections if may(role, one.action)}


def show(page: str, key: str, sections: Sequence[Section], who: str) -> None:
    """Draw the page at this address: its title, the choice under this key, and the section that is chosen."""
    title = t(PURPOSES[page].title)
    open_to = offered(sections, workspace.get_store().read(lambda db: roles.role_of(db, who)))
    _ui.page_head(page, anchor=False)
    if not open_to:
        _ui.page_title(title)
        st.info(t("Nothing here is for your role. Who owns the workspace can give you another one."))
        return
    asked = st.query_params.get(_PARAMETER, "")
    slug = asked if asked in open_to else next(iter(open_to))
    st.session_state[key] = slug
    if len(open_to) > 1:
        st.segmented_control(
            t("Section"), list(open_to), format_func=lambda one: t(open_to[one].title), key=key,
            on_change=_chosen, args=(key,), required=True, label_visibility="collapsed",
        )  # fmt: skip
    _ui.page_title(title, t(open_to[slug].title))
    open_to[slug].show(who)


def _chosen(key: str) -> None:
    """Another section is another place: what the address said of the one before does not hold there."""
    st.query_params.from_dict({_PARAMETER: st.session_state[key]})
