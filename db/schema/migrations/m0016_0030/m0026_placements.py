"""Which split each image got in the releases of a name; the next one leaves it there. Released: never changed."""

from __future__ import annotations

from typing import Final

SQL: Final = """
CREATE TABLE placements ( -- of an image and a line the row with the greatest `since` holds
  line TEXT NOT NULL, -- the name that releases share
  sha256 TEXT NOT NULL REFERENCES images (sha256) ON DELETE CASCADE,
  since INTEGER NOT NULL, -- the first release that it holds for, by its id, which may be one to come
  split TEXT NOT NULL, -- train, val, test, fold1 …
  PRIMARY KEY (line, sha256, since)
) STRICT, WITHOUT ROWID;
CREATE INDEX placements_image ON placements (sha256); -- for erasing one
"""
