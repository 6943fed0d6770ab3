"""The people who decide."""

from __future__ import annotations

from typing import Final

from sqlite_utils.db import Database as Db

from db.base.clock import now_iso
from db.tables import roles
from db.tables.audit import COMMAND_LINE
from pipeline.core import names
from pipeline.core.errors import SignInError
from pipeline.core.messages import message

LONGEST_NAME: Final = 40
LONGEST_RULE: Final = 90
RULE_PREFIX: Final = "rule:"
"""How the names begin under which rules decide; no person may have such a name."""


def clean_name(name: str) -> str:
    """A person's `name` as it is stored: NFC, no space around it, runs of space made one. Raises SignInError.

    1 to 40 characters, no control or formatting characters (they make two names look the same), not a rule's.
    """
    cleaned = _clean(name, LONGEST_NAME)
    if cleaned.casefold().startswith(RULE_PREFIX):
        raise SignInError(message("rule_name_reserved", prefix=RULE_PREFIX))
    if names.name_key(cleaned) == COMMAND_LINE:
        raise SignInError(message("name_reserved", name=cleaned))
    return cleaned


def _clean(name: str, longest: int) -> str:
    cleaned = names.clean_name(name)
    if not cleaned:
        raise SignInError(message("name_empty"))
    if len(cleaned) > longest:
        raise SignInError(message("name_too_long", n=len(cleaned), most=longest))
    if invisible := names.invisible_in(cleaned):
        raise SignInError(message("name_invisible", character=invisible))
    return cleaned


def ensure_annotator(db: Db, name: str) -> str:
    """Know the annotator (a person or a rule) and return the name as it is kept. Inside a write. Raises SignInError.

    Who differs from somebody known in upper and lower case alone is that person; rules are not people.
    """
    is_rule = names.clean_name(name).startswith(RULE_PREFIX)
    cleaned = _clean(name, LONGEST_RULE if is_rule else LONGEST_NAME)
    if db.execute("SELECT 1 FROM annotators WHERE name = ?", [cleaned]).fetchone():
        return cleaned
    known = None if is_rule else names.find_name(cleaned, list_annotators(db))
    if known is not None:
        return known
    db.execute("INSERT INTO annotators (name, created_at) VALUES (?, ?)", [cleaned, now_iso()])
    if not is_rule:
        roles.settle_owner(db)
    return cleaned


def name_of_identity(db: Db, issuer: str, subject: str, shown: str) -> str:
    """The annotator's name of a person whom an OIDC provider signed in: always the same one. Inside a write.

    At the first time it is `shown` (cleaned, cut where too long), with ` (2)` behind it where somebody else has that
    name: names are for show, and two people may share one. Raises SignInError where `shown` is no name.
    """
    known = db.execute(
        "SELECT annotator FROM annotator_identities WHERE issuer = ? AND subject = ?", [issuer, subject]
    ).fetchone()
    if known:
        return str(known[0])
    wanted = clean_name(names.clean_name(shown)[:LONGEST_NAME])
    name, number = wanted, 1
    taken = list_annotators(db)
    while names.find_name(name, taken) is not None:
        number += 1
        mark = f" ({number})"
        name = wanted[: LONGEST_NAME - len(mark)].rstrip() + mark
    ensure_annotator(db, name)
    sql = "INSERT INTO annotator_identities (issuer, subject, annotator) VALUES (?, ?, ?)"
    db.execute(sql, [issuer, subject, name])
    return name


def list_annotators(db: Db) -> list[str]:
    """All names, in alphabetical order."""
    return [name for (name,) in db.execute("SELECT name FROM annotators ORDER BY name")]


def annotator_codes(db: Db) -> dict[int, str]:
    """All names by the whole number that stands for each of them for good, in the order in which they came."""
    return dict(db.execute("SELECT code, name FROM annotator_codes ORDER BY code").fetchall())
