"""Faces that people selected on the map, and which blocks of descriptors changed. Released: never changed."""

from __future__ import annotations

from typing import Final

SQL: Final = """
CREATE TABLE selections ( -- sets of faces that people selected on the map; Review shows one as a filter
  id INTEGER PRIMARY KEY AUTOINCREMENT, -- never used again: an address that names it may be kept
  annotator TEXT NOT NULL REFERENCES annotators (name),
  at TEXT NOT NULL
) STRICT;
CREATE TABLE selection_blocks (
  selection_id INTEGER NOT NULL REFERENCES selections (id) ON DELETE CASCADE,
  block INTEGER NOT NULL CHECK (block >= 0), -- of 2,048 faces by seq; one without any selected face is left out
  data TEXT NOT NULL CHECK (length(data) = 2048), -- a digit each: 1 is selected, 0 is not
  PRIMARY KEY (selection_id, block)
) STRICT, WITHOUT ROWID;
CREATE INDEX selection_blocks_block ON selection_blocks (block);
CREATE TRIGGER selected_face_gone AFTER DELETE ON faces
BEGIN
  UPDATE selection_blocks
  SET data = substr(data, 1, old.seq % 2048) || '0' || substr(data, old.seq % 2048 + 2)
  WHERE block = old.seq / 2048 AND substr(data, old.seq % 2048 + 1, 1) = '1';
END;
CREATE TABLE descriptor_blocks ( -- what is kept of descriptors in memory holds as long as their blocks' tokens do
  block INTEGER PRIMARY KEY, -- of 2,048 faces by seq
  token INTEGER NOT NULL -- another random number with each change
) STRICT;
INSERT INTO descriptor_blocks (block, token) SELECT seq / 2048, random() FROM descriptors GROUP BY 1;
CREATE TRIGGER descriptor_added AFTER INSERT ON descriptors
BEGIN
  INSERT OR REPLACE INTO descriptor_blocks (block, token) VALUES (new.seq / 2048, random());
END;
CREATE TRIGGER descriptor_changed AFTER UPDATE ON descriptors
BEGIN
  INSERT OR REPLACE INTO descriptor_blocks (block, token) VALUES (old.seq / 2048, random());
  INSERT OR REPLACE INTO descriptor_blocks (block, token) VALUES (new.seq / 2048, random());
END;
CREATE TRIGGER descriptor_gone AFTER DELETE ON descriptors
BEGIN
  INSERT OR REPLACE INTO descriptor_blocks (block, token) VALUES (old.seq / 2048, random());
END;
"""
