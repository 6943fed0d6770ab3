"""Which model placed a face's landmarks, and how far two of them disagree on its mouth. Released: never changed."""

from __future__ import annotations

from typing import Final

SQL: Final = """
ALTER TABLE faces ADD COLUMN landmark_model TEXT NOT NULL DEFAULT 'dlib' -- which model placed the landmarks
  CHECK (landmark_model IN ('dlib', 'landmarker'));
ALTER TABLE face_quality ADD COLUMN mouth_disagreement INTEGER NOT NULL DEFAULT 2147483647; -- the default: not measured
ALTER TABLE rules ADD COLUMN landmark_model TEXT NOT NULL DEFAULT 'dlib' -- whose figures its ranges were set by
  CHECK (landmark_model IN ('dlib', 'landmarker'));
CREATE TRIGGER column_of_landmark_model AFTER UPDATE OF landmark_model ON faces
WHEN old.landmark_model IS NOT new.landmark_model BEGIN
  INSERT INTO face_changes VALUES (new.seq, 0) ON CONFLICT DO NOTHING;
END;
"""
