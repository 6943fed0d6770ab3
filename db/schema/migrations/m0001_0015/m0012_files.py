"""Files that go once their rows are gone, and the hash of each unified JPEG. Released: never changed."""

from __future__ import annotations

from typing import Final

SQL: Final = """
CREATE TABLE files_to_delete ( -- their rows are gone; emptied behind the commit, and whenever the workspace is opened
  path TEXT PRIMARY KEY -- relative to the workspace
) STRICT, WITHOUT ROWID;
ALTER TABLE images ADD COLUMN unified_sha256 TEXT; -- of the unified JPEG; NULL: none, or an older Moue's, not read yet
"""
