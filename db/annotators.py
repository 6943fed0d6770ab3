"""The people who decide."""

from __future__ import annotations

import unicodedata
from typing import Final

from sqlite_utils.db import Database as Db

from db.clock import now_iso
from pipeline.errors import SignInError

LONGEST_NAME: Final = 40


def clean_name(name: str) -> str:
    """`name` as it is stored: NFC, no space around it, runs of space made one. Raises SignInError.

    1 to 40 characters, no control or formatting characters (they make two names look the same).
    """
    cleaned = " ".join(unicodedata.normalize("NFC", name).split())
    if not cleaned:
        raise SignInError("the name is empty: type the name that your decisions shall carry")
    if len(cleaned) > LONGEST_NAME:
        raise SignInError(f"the name has {len(cleaned)} characters: use at most {LONGEST_NAME}")
    if any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn") for c in cleaned):
        raise SignInError("the name holds an invisible character: type it anew without it")
    return cleaned


def ensure_annotator(db: Db, name: str) -> str:
    """Know the annotator and return the cleaned name. Inside a write. Raises SignInError."""
    cleaned = clean_name(name)
    db.execute("INSERT INTO annotators (name, created_at) VALUES (?, ?) ON CONFLICT DO NOTHING", [cleaned, now_iso()])
    return cleaned


def list_annotators(db: Db) -> list[str]:
    """All names, in alphabetical order."""
    return [name for (name,) in db.execute("SELECT name FROM annotators ORDER BY name")]
