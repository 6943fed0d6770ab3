"""What data sets say belongs together. Released: never changed."""

from __future__ import annotations

from typing import Final

SQL: Final = """
CREATE TABLE told_together ( -- photos of one thing, as a data set said: frames of one video, faces of one photo
  told TEXT NOT NULL, -- SHA-256 of the data set's place and its own name for the thing
  sha256 TEXT NOT NULL REFERENCES images (sha256) ON DELETE CASCADE,
  PRIMARY KEY (told, sha256)
) STRICT, WITHOUT ROWID;
CREATE INDEX told_together_sha ON told_together (sha256);
"""
