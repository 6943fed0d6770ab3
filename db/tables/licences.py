"""Under which licence a photo from the web may be used, where its page names one: a code for each licence."""

from __future__ import annotations

from typing import Final

from sqlite_utils.db import Database as Db

from pipeline.core.names import UNKNOWN_LICENCE

UNKNOWN: Final = UNKNOWN_LICENCE

LICENCE_OF: Final = f"""
SELECT l.code FROM sightings g JOIN provenance p ON p.sighting = g.id JOIN licence_codes l ON l.name = p.licence
WHERE g.sha256 = f.sha256 AND l.name <> '{UNKNOWN}' ORDER BY g.id LIMIT 1
"""
"""The code of the licence of the face f's photo: of its first web page that names one. No row: none does."""


def codes(db: Db) -> dict[str, int]:
    """The code of each licence that was ever recorded, and of UNKNOWN, by name in alphabetical order."""
    return dict(db.execute("SELECT name, code FROM licence_codes ORDER BY name COLLATE NOCASE").fetchall())
