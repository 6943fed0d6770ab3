"""Where on the web photos are from; which video or animation a frame is of. Released: never changed."""

from __future__ import annotations

from typing import Final

SQL: Final = """
CREATE TABLE provenance (
  sighting INTEGER PRIMARY KEY REFERENCES sightings (id) ON DELETE CASCADE,
  image_url TEXT NOT NULL, page_url TEXT NOT NULL, title TEXT NOT NULL, author TEXT NOT NULL,
  licence TEXT NOT NULL, licence_url TEXT NOT NULL, engine TEXT NOT NULL, query TEXT NOT NULL,
  at TEXT NOT NULL
) STRICT;
ALTER TABLE sightings ADD COLUMN part_of TEXT NOT NULL DEFAULT ''; -- SHA-256 of the video or animation of a frame
CREATE INDEX sightings_part ON sightings (part_of, sha256) WHERE part_of <> '';
"""
