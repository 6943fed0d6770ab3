"""A code for each licence; its last line fills the new column of `db.projection.columns`. Released: never changed."""

from __future__ import annotations

from typing import Final

SQL: Final = """
CREATE TABLE licence_codes ( -- a whole number for each licence: what the column `licence` holds
  code INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE CHECK (name <> '')
) STRICT;
INSERT INTO licence_codes VALUES (0, 'unknown');
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
