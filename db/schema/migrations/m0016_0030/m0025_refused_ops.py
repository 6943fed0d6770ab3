"""Key presses that could not be kept, for the page that tells how each person gets on. Released: never changed."""

from __future__ import annotations

from typing import Final

SQL: Final = """
CREATE TABLE refused_ops ( -- a decision, undo or redo that was refused; one that is sent again is the same
  key TEXT PRIMARY KEY, -- the first 32 hex of SHA-256 over annotator and UUID, which may itself be what was wrong
  annotator TEXT NOT NULL REFERENCES annotators (name),
  code TEXT NOT NULL, -- of the message
  at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""
