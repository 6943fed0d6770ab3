"""How much a face is like a person's. Released: never changed."""

from __future__ import annotations

from typing import Final

SQL: Final = """
ALTER TABLE face_quality ADD COLUMN likeness INTEGER NOT NULL DEFAULT 2147483647; -- the default: not measured
"""
