"""Releases with a number of their name, and what each of them holds. Released: never changed."""

from __future__ import annotations

from typing import Final

SQL: Final = """
ALTER TABLE releases ADD COLUMN line TEXT NOT NULL DEFAULT ''; -- the name that releases of one data set share
ALTER TABLE releases ADD COLUMN number INTEGER NOT NULL DEFAULT 0; -- which of its line, from 1
ALTER TABLE releases ADD COLUMN content TEXT NOT NULL DEFAULT ''; -- SHA-256 of what it is made of; alike: one number
UPDATE releases SET line = name, number = (
  SELECT count(*) FROM releases o WHERE o.name = releases.name AND o.id <= releases.id);
CREATE INDEX releases_line ON releases (line, number);
CREATE TABLE release_manifests ( -- of a release's newest writing; what it holds stays when its folder is gone
  release_id INTEGER PRIMARY KEY REFERENCES releases (id) ON DELETE CASCADE,
  classes TEXT NOT NULL CHECK (json_valid(classes)), -- the class ids by the names that they had
  release BLOB NOT NULL, -- release.json, compressed by zlib
  manifest BLOB NOT NULL -- manifest.csv, compressed by zlib
) STRICT;
"""
