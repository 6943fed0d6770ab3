"""Codes for annotators, saved views, and what the filters of Review read. Released: never changed."""

from __future__ import annotations

from typing import Final

SQL: Final = """
CREATE TABLE annotator_codes ( -- a whole number for each name: what the column `annotator` holds
  code INTEGER PRIMARY KEY, -- never changes, which the rowid of `annotators` may
  name TEXT NOT NULL UNIQUE REFERENCES annotators (name)
) STRICT;
INSERT INTO annotator_codes (name) SELECT name FROM annotators ORDER BY created_at, name;
CREATE TRIGGER annotator_named AFTER INSERT ON annotators BEGIN
  INSERT INTO annotator_codes (name) VALUES (new.name);
END;
CREATE TABLE views (
  name TEXT PRIMARY KEY COLLATE NOCASE CHECK (name <> ''),
  query TEXT NOT NULL CHECK (json_valid(query)), -- {"state": "undecided", …}: the parameters of Review's address
  annotator TEXT NOT NULL REFERENCES annotators (name), at TEXT NOT NULL
) STRICT;
DROP TRIGGER state_updated;
CREATE TRIGGER state_updated
AFTER UPDATE OF seq, verdict, class_id, source_id, proposal, annotator, at, n_decisions ON face_state BEGIN
  INSERT INTO face_changes VALUES (old.seq, 0) ON CONFLICT DO NOTHING;
  INSERT INTO face_changes VALUES (new.seq, 0) ON CONFLICT DO NOTHING;
END;
-- a file with the bytes of a known photo was met, or is not any more
CREATE TRIGGER copy_met AFTER INSERT ON sightings WHEN new.outcome = 'already_present' BEGIN
  INSERT INTO face_changes SELECT seq, 0 FROM faces WHERE sha256 = new.sha256 ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER copy_gone AFTER DELETE ON sightings WHEN old.outcome = 'already_present' BEGIN
  INSERT INTO face_changes SELECT seq, 0 FROM faces WHERE sha256 = old.sha256 ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER copy_changed AFTER UPDATE OF outcome, sha256 ON sightings
WHEN old.outcome = 'already_present' OR new.outcome = 'already_present' BEGIN
  INSERT INTO face_changes SELECT seq, 0 FROM faces WHERE sha256 IN (old.sha256, new.sha256) ON CONFLICT DO NOTHING;
END;
INSERT INTO face_changes SELECT seq, 0 FROM face_state WHERE true ON CONFLICT DO NOTHING;
"""
