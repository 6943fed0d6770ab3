"""Letters in the place of people's names, where the workspace wants that: who may not see a name is not sent it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from sqlite_utils.db import Database as Db

from db.base.meta import put_value, value_of
from db.tables import audit
from db.tables.annotators import RULE_PREFIX, annotator_codes
from db.tables.roles import role_of
from pipeline.core.roles import Role, may

Aliases = Mapping[str, str]
"""What is shown instead of a name, by name; empty where all are seen."""

_NOT_PEOPLE: Final = frozenset({"name", "text", "label", "location", "source", "title", "words", "examples"})
"""Fields that hold no person's name, though they may hold the same word: a class may be called like somebody."""
_SENTENCES: Final = frozenset({"message", "error"})
"""Fields that may have a name within a sentence."""
_KEY: Final = "pseudonyms"
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def are_on(db: Db) -> bool:
    """Whether others are shown as letters to whoever may not see names; False at first."""
    return value_of(db, _KEY) == "1"


def switch(db: Db, on: bool, *, by: str) -> None:
    """Show letters, or names again. Inside a write."""
    if on == are_on(db):
        return
    audit.append(db, by, "setting", {"name": _KEY, "value": on})
    put_value(db, _KEY, "1" if on else "0")


def letters_for(db: Db, viewer: str, role: Role | None = None) -> dict[str, str]:
    """The letter of each other person, by name; empty where the viewer sees names. Rules keep theirs.

    role: what the viewer may do here, where that is less than their own role: by a token.

    In the order in which people came, A to Z, AA, AB …: a person keeps their letter for good.
    """
    if not are_on(db) or may(role or role_of(db, viewer), "see_names"):
        return {}
    people = [name for name in annotator_codes(db).values() if not name.startswith(RULE_PREFIX)]
    return {name: letters(place) for place, name in enumerate(people) if name != viewer}


def letters(place: int) -> str:
    """A, B, … Z, AA, AB, …; place from 0."""
    found = ""
    number = place + 1
    while number:
        number, digit = divmod(number - 1, len(_LETTERS))
        found = _LETTERS[digit] + found
    return found


def for_terminal(db: Db, names: bool = False) -> dict[str, str]:
    """What the command line prints instead of each name. names: it was asked for them."""
    return {} if names else {name: f"Annotator {letter}" for name, letter in letters_for(db, "", "viewer").items()}


def hide(value: Any, aliases: Aliases, field: str = "") -> Any:
    """The same JSON with each name replaced, also as a key, and within messages."""
    if not aliases or field in _NOT_PEOPLE:
        return value
    if isinstance(value, str):
        return in_sentence(value, aliases) if field in _SENTENCES else aliases.get(value, value)
    if isinstance(value, Mapping):
        return {aliases.get(key, key): hide(one, aliases, str(key)) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [hide(one, aliases, field) for one in value]
    return value


def in_sentence(text: str, aliases: Aliases) -> str:
    """A sentence with each name replaced. Longer names first: `Ann` is no part of `Ann Lee`."""
    if not aliases:
        return text
    names = "|".join(re.escape(name) for name in sorted(aliases, key=len, reverse=True))
    return re.sub(rf"(?<!\w)(?:{names})(?!\w)", lambda found: aliases[found[0]], text)
