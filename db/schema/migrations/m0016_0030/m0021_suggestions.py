"""Classes that models propose for faces, and the faces that were drawn at random to tell how good they are. Released:
never changed."""

from __future__ import annotations

from typing import Final

SQL: Final = """
CREATE TABLE suggestion_models (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL CHECK (name <> ''), -- of the suggester: 'moue', or as it came with predictions
  version INTEGER NOT NULL CHECK (version > 0), -- from 1, by name
  kind TEXT NOT NULL CHECK (kind IN ('zero_label', 'learned', 'outside')),
  made_at TEXT NOT NULL,
  annotator TEXT REFERENCES annotators (name), -- who asked for it or brought it; NULL: Moue's background job
  classes TEXT NOT NULL CHECK (json_valid(classes)), -- [class id, ...]: the order of the probabilities
  features TEXT NOT NULL CHECK (json_valid(features)), -- [name, ...]: what it looks at
  head TEXT NOT NULL, -- "seq:hash" of the newest decision that it learned from; '': no decision
  n_labels INTEGER NOT NULL CHECK (n_labels >= 0), -- faces that it learned from
  parameters TEXT NOT NULL CHECK (json_valid(parameters)), -- the model itself
  report TEXT NOT NULL CHECK (json_valid(report)), -- its cross-validated scores
  ready INTEGER NOT NULL CHECK (ready IN (0, 1)), -- 1: its blocks are whole, so it may be in force
  UNIQUE (name, version)
) STRICT;
CREATE TABLE suggestion_blocks (
  model_id INTEGER NOT NULL REFERENCES suggestion_models (id) ON DELETE CASCADE,
  block INTEGER NOT NULL CHECK (block >= 0), -- the faces whose seq / 2048 is this
  data BLOB NOT NULL, -- 2,048 rows × classes, uint16 little endian: probability × 65535; a row of zeros: no suggestion
  PRIMARY KEY (model_id, block)
) STRICT;
CREATE TABLE random_draws (
  face_id TEXT PRIMARY KEY REFERENCES faces (id) ON DELETE CASCADE,
  drawn_at TEXT NOT NULL,
  annotator TEXT NOT NULL REFERENCES annotators (name), -- whose batch drew it
  model_id INTEGER REFERENCES suggestion_models (id) ON DELETE SET NULL, -- in force then; NULL: none was
  class_id INTEGER REFERENCES classes (id), -- suggested then; NULL: none was
  probability REAL -- of that class then, 0 to 1
) STRICT, WITHOUT ROWID;
CREATE INDEX random_draws_model ON random_draws (model_id);
CREATE TABLE suggestion_pending (
  seq INTEGER PRIMARY KEY, -- of the face
  changed INTEGER NOT NULL CHECK (changed IN (0, 1)) -- 1: had a suggestion, and its landmarks or crop changed since
) STRICT;
CREATE INDEX suggestion_pending_changed ON suggestion_pending (seq) WHERE changed = 1;
INSERT INTO suggestion_pending SELECT seq, 0 FROM faces;
CREATE TRIGGER suggestion_of_new_face AFTER INSERT ON faces BEGIN
  INSERT INTO suggestion_pending VALUES (new.seq, 0) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER suggestion_of_changed_face AFTER UPDATE OF landmarks, crop_x, crop_y, crop_width, crop_height,
  crop_angle, crop_version ON faces
WHEN old.landmarks IS NOT new.landmarks OR old.crop_x <> new.crop_x OR old.crop_y <> new.crop_y
  OR old.crop_width <> new.crop_width OR old.crop_height <> new.crop_height OR old.crop_angle <> new.crop_angle
  OR old.crop_version <> new.crop_version
BEGIN
  INSERT INTO suggestion_pending VALUES (new.seq, 1) ON CONFLICT (seq) DO UPDATE SET changed = 1;
END;
CREATE TRIGGER suggestion_of_erased_face AFTER DELETE ON faces BEGIN
  DELETE FROM suggestion_pending WHERE seq = old.seq;
END;
"""
