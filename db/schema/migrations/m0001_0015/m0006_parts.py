"""The frames of videos and animations that were decoded to their end. Released: never changed."""

from __future__ import annotations

from typing import Final

SQL: Final = """
CREATE TABLE taken_apart (
  source_id INTEGER NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
  location TEXT NOT NULL, how TEXT NOT NULL, -- which frames were asked for
  size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
  parts TEXT NOT NULL CHECK (json_valid(parts)), -- [["@1.000s", bytes], …]
  PRIMARY KEY (source_id, location, how)
) STRICT, WITHOUT ROWID;
"""
