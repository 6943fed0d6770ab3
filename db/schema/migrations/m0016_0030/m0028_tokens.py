"""Tokens by which scripts say who they are. Released: never changed."""

from __future__ import annotations

from typing import Final

SQL: Final = """
CREATE TABLE tokens (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  annotator TEXT NOT NULL REFERENCES annotators (name), -- whose it is
  name TEXT NOT NULL CHECK (name <> ''), -- what it is for
  role TEXT NOT NULL CHECK (role IN ('viewer', 'annotator', 'reviewer', 'owner')), -- no more than this
  hash TEXT NOT NULL UNIQUE CHECK (length(hash) = 64), -- SHA-256 of the token, which is kept nowhere
  made_by TEXT NOT NULL, made_at TEXT NOT NULL,
  expires_at TEXT, used_at TEXT, -- the last use, to the minute
  revoked_by TEXT, revoked_at TEXT
) STRICT;
CREATE INDEX tokens_annotator ON tokens (annotator, id);
"""
