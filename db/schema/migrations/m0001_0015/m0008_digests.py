"""A digest of each table, and where the decision log ended at each release. Released: never changed."""

from __future__ import annotations

from typing import Final

SQL: Final = """
CREATE TABLE table_digests ( -- what each table held when Moue wrote it last: see db/schema/table_digests.py
  name TEXT PRIMARY KEY, -- of the table
  row_count INTEGER NOT NULL,
  digest BLOB NOT NULL CHECK (length(digest) = 32) -- the sum of the SHA-256 of its rows, big endian, modulo 2^256
) STRICT;
ALTER TABLE releases ADD COLUMN head TEXT NOT NULL DEFAULT ''; -- "seq:hash" of the newest decision at that time
"""
