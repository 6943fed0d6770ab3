"""Persons, told apart by a list, a folder level or looks. Released: never changed."""

from __future__ import annotations

from typing import Final

SQL: Final = """
CREATE TABLE persons (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL, -- as it is shown; '': told apart by looks, and nobody gave a name
  at TEXT NOT NULL
) STRICT;
CREATE TABLE person_names ( -- whom a name in a list or of a folder means
  scope INTEGER NOT NULL, -- a source whose names are its own; 0: all others
  name TEXT NOT NULL,
  person_id INTEGER NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  PRIMARY KEY (scope, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX person_names_person ON person_names (person_id);
CREATE TABLE person_levels ( -- which folder of a source's files is named after the person on them
  source_id INTEGER PRIMARY KEY REFERENCES sources (id) ON DELETE CASCADE,
  level INTEGER NOT NULL CHECK (level <> 0), -- 1: the folders in the source; -1: the folder that a file lies in
  own INTEGER NOT NULL CHECK (own IN (0, 1)) -- its names mean nobody outside of it
) STRICT;
CREATE TABLE sighting_persons ( -- the person on a photo, as a list or a folder says
  sighting INTEGER PRIMARY KEY REFERENCES sightings (id) ON DELETE CASCADE,
  person_id INTEGER NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  told_by TEXT NOT NULL CHECK (told_by IN ('list', 'folder'))
) STRICT;
CREATE INDEX sighting_persons_person ON sighting_persons (person_id);
CREATE TABLE face_persons ( -- whose face it is, by looks, or as somebody said
  face_id TEXT PRIMARY KEY REFERENCES faces (id) ON DELETE CASCADE,
  person_id INTEGER NOT NULL REFERENCES persons (id) ON DELETE CASCADE,
  told_by TEXT NOT NULL CHECK (told_by IN ('looks', 'list', 'hand')) -- looks never change what the others say
) STRICT, WITHOUT ROWID;
CREATE INDEX face_persons_person ON face_persons (person_id);
CREATE TABLE face_embeddings ( -- biometric data: only while the owner has them made
  face_id TEXT PRIMARY KEY REFERENCES faces (id) ON DELETE CASCADE,
  data BLOB NOT NULL CHECK (length(data) IN (0, 512)) -- 128 numbers, float32 little endian; empty: pixels are gone
) STRICT, WITHOUT ROWID;
CREATE TRIGGER embedding_of_changed_face AFTER UPDATE OF landmarks, x1, y1, x2, y2 ON faces
WHEN old.landmarks IS NOT new.landmarks OR old.x1 <> new.x1 OR old.y1 <> new.y1 OR old.x2 <> new.x2 OR old.y2 <> new.y2
BEGIN
  DELETE FROM face_embeddings WHERE face_id = new.id;
END;
"""
