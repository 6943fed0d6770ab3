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

LICENCES: Final = f"""
CREATE TABLE licence_codes ( -- a whole number for each licence: what the column `licence` holds
  code INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE CHECK (name <> '')
) STRICT;
INSERT INTO licence_codes VALUES (0, '{UNKNOWN}');
INSERT INTO licence_codes (name) SELECT DISTINCT licence FROM provenance WHERE true AND licence <> '' ORDER BY licence
  ON CONFLICT DO NOTHING;
CREATE TRIGGER licence_told AFTER INSERT ON provenance BEGIN
  INSERT INTO licence_codes (name) SELECT new.licence WHERE new.licence <> '' ON CONFLICT DO NOTHING;
  INSERT INTO face_changes SELECT f.seq, 0 FROM sightings g JOIN faces f ON f.sha256 = g.sha256
    WHERE g.id = new.sighting ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER licence_changed AFTER UPDATE OF licence ON provenance BEGIN
  INSERT INTO licence_codes (name) SELECT new.licence WHERE new.licence <> '' ON CONFLICT DO NOTHING;
  INSERT INTO face_changes SELECT f.seq, 0 FROM sightings g JOIN faces f ON f.sha256 = g.sha256
    WHERE g.id = new.sighting ON CONFLICT DO NOTHING;
END;
-- a place on the web holds other bytes than before, or is forgotten
CREATE TRIGGER place_changed AFTER UPDATE OF sha256 ON sightings
WHEN EXISTS (SELECT 1 FROM provenance WHERE sighting = new.id) BEGIN
  INSERT INTO face_changes SELECT seq, 0 FROM faces WHERE sha256 IN (old.sha256, new.sha256) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER place_gone BEFORE DELETE ON sightings
WHEN EXISTS (SELECT 1 FROM provenance WHERE sighting = old.id) BEGIN
  INSERT INTO face_changes SELECT seq, 0 FROM faces WHERE sha256 = old.sha256 ON CONFLICT DO NOTHING;
END;
INSERT INTO face_changes SELECT seq, 0 FROM face_state WHERE true ON CONFLICT DO NOTHING;
"""
"""The SQL of the migration 0005_licences; its last line fills the new column."""


def codes(db: Db) -> dict[str, int]:
    """The number of each licence that was ever told, and of UNKNOWN, in alphabetical order."""
    return dict(db.execute("SELECT name, code FROM licence_codes ORDER BY name COLLATE NOCASE").fetchall())
