"""The people who decide."""

from __future__ import annotations

import unicodedata
from typing import Final

from sqlite_utils.db import Database as Db

from db.base.clock import now_iso
from pipeline.core.errors import SignInError

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
        raise SignInError(f"names that begin with {RULE_PREFIX!r} belong to rules: choose another one")
    return cleaned


def _clean(name: str, longest: int) -> str:
    cleaned = " ".join(unicodedata.normalize("NFC", name).split())
    if not cleaned:
        raise SignInError("the name is empty: type the name that your decisions shall carry")
    if len(cleaned) > longest:
        raise SignInError(f"the name has {len(cleaned)} characters: use at most {longest}")
    if any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn") for c in cleaned):
        raise SignInError("the name holds an invisible character: type it anew without it")
    return cleaned


def ensure_annotator(db: Db, name: str) -> str:
    """Know the annotator (a person or a rule) and return the cleaned name. Inside a write. Raises SignInError."""
    cleaned = _clean(name, LONGEST_RULE if name.startswith(RULE_PREFIX) else LONGEST_NAME)
    db.execute("INSERT INTO annotators (name, created_at) VALUES (?, ?) ON CONFLICT DO NOTHING", [cleaned, now_iso()])
    return cleaned


def list_annotators(db: Db) -> list[str]:
    """All names, in alphabetical order."""
    return [name for (name,) in db.execute("SELECT name FROM annotators ORDER BY name")]
