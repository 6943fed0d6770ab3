"""Where names are hidden from a person, everything that is sent to them has letters in their place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import streamlit as st

from db.store.store import Db
from db.team.pseudonyms import letters_for
from pages._server import identity, workspace
from pages._words import language, mark, translate
from pipeline.core.roles import Role

Aliases = Mapping[str, str]
"""What is shown instead of a name, by name; empty where all are seen."""

_ALIAS: Final = mark("Annotator {letter}")
_NOT_PEOPLE: Final = frozenset({"name", "text", "label", "location", "source", "title", "words", "examples"})
"""Fields that hold no person's name, though they may hold the same word: a class may be called like somebody."""
_SENTENCES: Final = frozenset({"message", "error"})
"""Fields that may have a name within a sentence."""


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


def hide_in(data: dict[str, Any], aliases: Aliases) -> dict[str, Any]:
    """`hide` for what a component is given."""
    found: dict[str, Any] = hide(data, aliases)
    return found


def hide(value: Any, aliases: Aliases, field: str = "") -> Any:
    """The same JSON with each name replaced, also as a key, and within messages."""
    if not aliases or field in _NOT_PEOPLE:
        return value
    if isinstance(value, str):
        return _in_sentence(value, aliases) if field in _SENTENCES else aliases.get(value, value)
    if isinstance(value, Mapping):
        return {aliases.get(key, key): hide(one, aliases, str(key)) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [hide(one, aliases, field) for one in value]
    return value


def _in_sentence(text: str, aliases: Aliases) -> str:
    """Longer names first: `Ann` is no part of `Ann Lee`."""
    names = "|".join(re.escape(name) for name in sorted(aliases, key=len, reverse=True))
    return re.sub(rf"(?<!\w)(?:{names})(?!\w)", lambda found: aliases[found[0]], text)
