"""What the Face Landmarker says of a face, where it is installed. Released: never changed."""

from __future__ import annotations

from typing import Final

SQL: Final = """
CREATE TABLE face_meshes ( -- of faces that were processed while the landmarker was installed
  face_id TEXT PRIMARY KEY REFERENCES faces (id) ON DELETE CASCADE,
  data BLOB NOT NULL CHECK (length(data) = 232) -- 52 blendshapes and 6 numbers of geometry, float32 little endian
) STRICT, WITHOUT ROWID;
CREATE TRIGGER mesh_of_changed_face AFTER UPDATE OF landmarks ON faces WHEN old.landmarks IS NOT new.landmarks BEGIN
  DELETE FROM face_meshes WHERE face_id = new.id;
END;
"""
