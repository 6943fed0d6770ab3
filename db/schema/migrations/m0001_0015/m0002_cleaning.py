"""Quality metrics, rules, near copies; the projection once more, by column. Released: never changed."""

from __future__ import annotations

from typing import Final

SQL: Final = """
ALTER TABLE images ADD COLUMN processing TEXT NOT NULL DEFAULT ''; -- Settings.processing; '' is from before
ALTER TABLE faces ADD COLUMN crop_angle REAL NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN pause INTEGER NOT NULL DEFAULT 0 CHECK (pause IN (0, 1));
ALTER TABLE jobs ADD COLUMN paused_seconds REAL NOT NULL DEFAULT 0;
CREATE INDEX sightings_job ON sightings (first_job, outcome_rank, reason);
CREATE TABLE face_quality (
  seq INTEGER PRIMARY KEY REFERENCES faces (seq), -- whole numbers: value * scale of pipeline.measures
  side INTEGER NOT NULL, sharpness INTEGER NOT NULL, exposure INTEGER NOT NULL, contrast INTEGER NOT NULL,
  yaw INTEGER NOT NULL, pitch INTEGER NOT NULL, roll INTEGER NOT NULL, outside INTEGER NOT NULL,
  score INTEGER NOT NULL, plausibility INTEGER NOT NULL,
  opening INTEGER NOT NULL, width INTEGER NOT NULL, lift INTEGER NOT NULL
) STRICT;
CREATE TABLE rules (
  name TEXT PRIMARY KEY CHECK (name <> ''),
  conditions TEXT NOT NULL CHECK (json_valid(conditions)), -- {"side": [low, null], …}: what a face must have
  reason TEXT NOT NULL,
  active INTEGER NOT NULL CHECK (active IN (0, 1)),
  step TEXT, -- of the decisions that its last switching-on wrote
  annotator TEXT NOT NULL, changed_at TEXT NOT NULL
) STRICT;
CREATE TABLE image_hashes (
  sha256 TEXT PRIMARY KEY REFERENCES images (sha256),
  hashes BLOB NOT NULL CHECK (length(hashes) = 192),
  compared INTEGER NOT NULL DEFAULT 0 CHECK (compared IN (0, 1)) -- with every image that was compared before it
) STRICT;
CREATE INDEX hashes_new ON image_hashes (sha256) WHERE compared = 0;
CREATE TABLE near_pairs (
  a TEXT NOT NULL, b TEXT NOT NULL CHECK (a < b),
  phash INTEGER NOT NULL, dhash INTEGER NOT NULL,
  view TEXT NOT NULL CHECK (view IN ('plain', 'mirror', 'centre')), found_at TEXT NOT NULL,
  PRIMARY KEY (a, b)
) STRICT;
CREATE INDEX near_pairs_b ON near_pairs (b);
CREATE TABLE pair_verdicts ( -- appended to; the newest row of a pair counts
  id INTEGER PRIMARY KEY,
  a TEXT NOT NULL, b TEXT NOT NULL CHECK (a < b),
  same INTEGER NOT NULL CHECK (same IN (0, 1)), annotator TEXT NOT NULL, at TEXT NOT NULL
) STRICT;
CREATE INDEX pair_verdicts_pair ON pair_verdicts (a, b, id);
CREATE TABLE duplicate_groups (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  keeper TEXT NOT NULL, reason TEXT NOT NULL, size INTEGER NOT NULL CHECK (size > 1)
) STRICT;
CREATE TABLE duplicate_members (
  sha256 TEXT PRIMARY KEY REFERENCES images (sha256),
  group_id INTEGER NOT NULL REFERENCES duplicate_groups (id),
  live INTEGER NOT NULL DEFAULT 0 CHECK (live IN (0, 1)), -- has a face that is not rejected; kept by the triggers
  least_class INTEGER, most_class INTEGER -- of its accepted faces; kept by the triggers
) STRICT;
CREATE INDEX members_group ON duplicate_members (group_id, live, least_class, most_class);
CREATE TABLE face_columns ( -- face_state and face_quality once more, by column: see db/columns.py
  name TEXT NOT NULL, block INTEGER NOT NULL,
  data BLOB NOT NULL CHECK (length(data) = 8192), -- 2,048 whole numbers, int32 little endian
  PRIMARY KEY (name, block)
) STRICT;
CREATE TABLE face_changes ( -- what the blocks do not hold yet
  seq INTEGER PRIMARY KEY, figures INTEGER NOT NULL CHECK (figures IN (0, 1))
) STRICT;
CREATE TRIGGER state_inserted AFTER INSERT ON face_state BEGIN
  INSERT INTO face_changes VALUES (new.seq, 0) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER state_deleted AFTER DELETE ON face_state BEGIN
  INSERT INTO face_changes VALUES (old.seq, 0) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER state_updated AFTER UPDATE OF seq, verdict, class_id, source_id, proposal ON face_state BEGIN
  INSERT INTO face_changes VALUES (old.seq, 0) ON CONFLICT DO NOTHING;
  INSERT INTO face_changes VALUES (new.seq, 0) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER quality_inserted AFTER INSERT ON face_quality BEGIN
  INSERT INTO face_changes VALUES (new.seq, 1) ON CONFLICT (seq) DO UPDATE SET figures = 1;
END;
CREATE TRIGGER quality_deleted AFTER DELETE ON face_quality BEGIN
  INSERT INTO face_changes VALUES (old.seq, 1) ON CONFLICT (seq) DO UPDATE SET figures = 1;
END;
CREATE TRIGGER quality_updated AFTER UPDATE ON face_quality BEGIN
  INSERT INTO face_changes VALUES (new.seq, 1) ON CONFLICT (seq) DO UPDATE SET figures = 1;
END;
INSERT INTO face_changes SELECT seq, 0 FROM face_state;
-- lists and counts read the columns: the indices that served them cost each decision more than they give
DROP INDEX state_verdict;
DROP INDEX state_source;
DROP INDEX state_source_verdict;
DROP INDEX state_source_class;
DROP INDEX state_proposal;
DROP INDEX state_verdict_proposal;
DROP INDEX state_class_proposal;
DROP INDEX state_source_proposal;
DROP INDEX state_source_verdict_proposal;
DROP INDEX state_by_proposal;
CREATE TRIGGER members_state_insert AFTER INSERT ON face_state\x20
BEGIN
  UPDATE duplicate_members SET (live, least_class, most_class) = (
    SELECT ifnull(max(s.verdict IS NOT 'reject'), 0), min(s.class_id), max(s.class_id)
    FROM faces f JOIN face_state s ON s.face_id = f.id WHERE f.sha256 = duplicate_members.sha256)
  WHERE sha256 = (SELECT sha256 FROM faces WHERE seq = new.seq);
END;
CREATE TRIGGER members_state_delete AFTER DELETE ON face_state\x20
BEGIN
  UPDATE duplicate_members SET (live, least_class, most_class) = (
    SELECT ifnull(max(s.verdict IS NOT 'reject'), 0), min(s.class_id), max(s.class_id)
    FROM faces f JOIN face_state s ON s.face_id = f.id WHERE f.sha256 = duplicate_members.sha256)
  WHERE sha256 = (SELECT sha256 FROM faces WHERE seq = old.seq);
END;
CREATE TRIGGER members_state_update AFTER UPDATE ON face_state WHEN \
old.verdict IS NOT new.verdict OR old.class_id IS NOT new.class_id
BEGIN
  UPDATE duplicate_members SET (live, least_class, most_class) = (
    SELECT ifnull(max(s.verdict IS NOT 'reject'), 0), min(s.class_id), max(s.class_id)
    FROM faces f JOIN face_state s ON s.face_id = f.id WHERE f.sha256 = duplicate_members.sha256)
  WHERE sha256 = (SELECT sha256 FROM faces WHERE seq = new.seq);
END;
"""
