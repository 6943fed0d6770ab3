"""Under which licence a photo from the web may be used, as far as that was told: a whole number for each licence."""

from __future__ import annotations

from typing import Final

from sqlite_utils.db import Database as Db

from pipeline.core.records import UNKNOWN_LICENCE

UNKNOWN: Final = UNKNOWN_LICENCE

LICENCE_OF: Final = f"""
SELECT l.code FROM sightings g JOIN provenance p ON p.sighting = g.id JOIN licence_codes l ON l.name = p.licence
WHERE g.sha256 = f.sha256 AND l.name <> '{UNKNOWN}' ORDER BY g.id LIMIT 1
"""
"""The code of the face f's photo: what the first place told that told one. No row: nobody did."""


def codes(db: Db) -> dict[str, int]:
    """The number of each licence that was ever told, and of UNKNOWN, in alphabetical order."""
    return dict(db.execute("SELECT name, code FROM licence_codes ORDER BY name COLLATE NOCASE").fetchall())
