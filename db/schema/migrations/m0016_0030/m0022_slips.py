"""Labels that are probably slips, as the last training found them, those that a person looked at and kept, and what a
learned model says of faces whose own label it did not see. Released: never changed."""

from __future__ import annotations

from typing import Final

SQL: Final = """
CREATE TABLE possible_slips ( -- accepted faces whose label is probably wrong: computed, written anew by each training
  face_id TEXT PRIMARY KEY REFERENCES faces (id) ON DELETE CASCADE,
  place INTEGER NOT NULL, -- 0: the most probable slip
  class_id INTEGER NOT NULL REFERENCES classes (id), -- the label that was doubted
  suggested INTEGER NOT NULL REFERENCES classes (id), -- the likeliest other class
  probability REAL NOT NULL, suggested_probability REAL NOT NULL, -- of the label and of the other class, 0 to 1
  others INTEGER NOT NULL, -- answers of other people, and labels of near copies, that say otherwise
  found_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX possible_slips_place ON possible_slips (place);
CREATE TABLE slip_examples ( -- for a possible slip the faces of each class that look most like it: computed as well
  face_id TEXT NOT NULL REFERENCES possible_slips (face_id) ON DELETE CASCADE,
  class_id INTEGER NOT NULL REFERENCES classes (id),
  place INTEGER NOT NULL, -- 0: the nearest
  example TEXT NOT NULL REFERENCES faces (id) ON DELETE CASCADE,
  PRIMARY KEY (face_id, class_id, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX slip_examples_example ON slip_examples (example);
CREATE TABLE kept_labels ( -- a possible slip that somebody looked at and kept; it is doubted again under another label
  face_id TEXT PRIMARY KEY REFERENCES faces (id) ON DELETE CASCADE,
  class_id INTEGER NOT NULL REFERENCES classes (id),
  annotator TEXT NOT NULL REFERENCES annotators (name), at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE held_out ( -- the likeliest class by a learned model that did not see the face's label: computed
  model_id INTEGER NOT NULL REFERENCES suggestion_models (id) ON DELETE CASCADE,
  face_id TEXT NOT NULL REFERENCES faces (id) ON DELETE CASCADE, -- gold, or drawn at random and answered
  class_id INTEGER NOT NULL REFERENCES classes (id),
  PRIMARY KEY (model_id, face_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX held_out_face ON held_out (face_id);
"""
