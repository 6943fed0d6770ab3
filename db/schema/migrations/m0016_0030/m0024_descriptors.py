"""What mouths look like, as short vectors that can be compared. Released: never changed."""

from __future__ import annotations

from typing import Final

SQL: Final = """
CREATE TABLE descriptor_bases ( -- the newest one is in force
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  version TEXT NOT NULL, -- of the algorithm
  faces INTEGER NOT NULL CHECK (faces > 0), -- that it was fitted on
  data BLOB NOT NULL -- mean and principal components, float32 little endian
) STRICT;
CREATE TABLE descriptors (
  seq INTEGER PRIMARY KEY REFERENCES faces (seq) ON DELETE CASCADE,
  basis_id INTEGER NOT NULL REFERENCES descriptor_bases (id) ON DELETE CASCADE,
  data BLOB NOT NULL CHECK (length(data) IN (0, 96)) -- 48 numbers, float16 little endian; empty: its crop is unreadable
) STRICT;
CREATE INDEX descriptors_basis ON descriptors (basis_id);
CREATE TRIGGER descriptor_of_changed_face AFTER UPDATE OF landmarks, crop_x, crop_y, crop_width, crop_height,
  crop_angle, crop_version ON faces
WHEN old.landmarks IS NOT new.landmarks OR old.crop_x <> new.crop_x OR old.crop_y <> new.crop_y
  OR old.crop_width <> new.crop_width OR old.crop_height <> new.crop_height OR old.crop_angle <> new.crop_angle
  OR old.crop_version <> new.crop_version
BEGIN
  DELETE FROM descriptors WHERE seq = new.seq;
END;
"""
