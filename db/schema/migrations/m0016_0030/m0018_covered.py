"""How likely something is before the mouth. Released: never changed."""

from __future__ import annotations

from typing import Final

SQL: Final = """
ALTER TABLE face_quality ADD COLUMN covered INTEGER NOT NULL DEFAULT 2147483647; -- the default: not measured
"""
