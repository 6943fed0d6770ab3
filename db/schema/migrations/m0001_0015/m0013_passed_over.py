"""Files may be passed over: a ninth outcome. Released: never changed.

SQLite cannot change a CHECK, so the table is made anew. What refers to it is taken aside first: dropping a table
deletes its rows, and those of others with them.
"""

from __future__ import annotations

from typing import Final

SQL: Final = """
CREATE TEMP TABLE provenance_in_0013 AS SELECT * FROM provenance;
DROP TRIGGER licence_told;
DROP TRIGGER licence_changed;
DELETE FROM provenance;
CREATE TABLE sightings_in_0013 (
  id INTEGER PRIMARY KEY,
  source_id INTEGER NOT NULL REFERENCES sources (id),
  location TEXT NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
  sha256 TEXT, -- no foreign key: an undecodable file can have a hash and has no image
  outcome TEXT NOT NULL, reason TEXT NOT NULL,
  proposal INTEGER REFERENCES classes (id),
  first_job TEXT, seen_at TEXT NOT NULL,
  outcome_rank INTEGER NOT NULL, -- no generated column: VACUUM of SQLite 3.40 fails on some of those
  part_of TEXT NOT NULL DEFAULT '', -- SHA-256 of the video or animation of a frame
  reason_code TEXT NOT NULL DEFAULT '', -- of the table of messages; '': words alone
  reason_params TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(reason_params)),
  UNIQUE (source_id, location),
  CHECK (ifnull(outcome_rank = CASE outcome
    WHEN 'no_face' THEN 0 WHEN 'undecodable' THEN 1 WHEN 'too_large' THEN 2 WHEN 'unsupported' THEN 3
    WHEN 'unavailable' THEN 4 WHEN 'quarantined' THEN 5 WHEN 'added' THEN 6 WHEN 'already_present' THEN 7
    WHEN 'passed_over' THEN 8 END, 0))
) STRICT;
INSERT INTO sightings_in_0013 SELECT id, source_id, location, size, mtime_ns, sha256, outcome, reason, proposal,
  first_job, seen_at, outcome_rank, part_of, reason_code, reason_params FROM sightings;
DROP TABLE sightings;
ALTER TABLE sightings_in_0013 RENAME TO sightings;
CREATE INDEX sightings_rank ON sightings (outcome_rank, id);
CREATE INDEX sightings_source_rank ON sightings (source_id, outcome_rank, id);
CREATE INDEX sightings_sha ON sightings (sha256, id);
CREATE INDEX sightings_job ON sightings (first_job, outcome_rank, reason);
CREATE INDEX sightings_part ON sightings (part_of, sha256) WHERE part_of <> '';
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
CREATE TRIGGER place_changed AFTER UPDATE OF sha256 ON sightings
WHEN EXISTS (SELECT 1 FROM provenance WHERE sighting = new.id) BEGIN
  INSERT INTO face_changes SELECT seq, 0 FROM faces WHERE sha256 IN (old.sha256, new.sha256) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER place_gone BEFORE DELETE ON sightings
WHEN EXISTS (SELECT 1 FROM provenance WHERE sighting = old.id) BEGIN
  INSERT INTO face_changes SELECT seq, 0 FROM faces WHERE sha256 = old.sha256 ON CONFLICT DO NOTHING;
END;
INSERT INTO provenance SELECT * FROM provenance_in_0013;
DROP TABLE provenance_in_0013;
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
"""
