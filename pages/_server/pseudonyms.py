"""Where names are hidden from a person, everything that is sent to them has letters in their place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import streamlit as st

from db.store.store import Db
from db.team.pseudonyms import Aliases, hide, letters_for
from pages._server import identity, workspace
from pages._words import audit, language, mark, translate
from pipeline.core.roles import Role

_ALIAS: Final = mark("Annotator {letter}")


def aliases_in(db: Db, viewer: str, locale: str, role: Role | None = None) -> dict[str, str]:
    """For what is read of `db`. role: see `letters_for`."""
    return {name: translate(locale, _ALIAS, letter=one) for name, one in letters_for(db, viewer, role).items()}


def aliases_for(viewer: str, locale: str, role: Role | None = None) -> dict[str, str]:
    """For the workspace that the request is about. Raises MoueError."""
    return workspace.get_store().read(lambda db: aliases_in(db, viewer, locale, role))


def of_page(db: Db) -> dict[str, str]:
    """For the person whose page is drawn, in their language."""
    viewer = identity.identify(st.context.cookies, st.context.headers) or ""
    return aliases_in(db, viewer, language())


def shown() -> Callable[[str], str]:
    """How a person is called on the page that is drawn: by name or by letter; the command line in words."""
    aliases = workspace.get_store().read(of_page)
    return lambda name: aliases.get(name) or audit.who(name, language())


def hide_in(data: dict[str, Any], aliases: Aliases) -> dict[str, Any]:
    """`hide` for what a component is given."""
    found: dict[str, Any] = hide(data, aliases)
    return found
