"""Which of the detector's looks found a face. Released: never changed."""

from __future__ import annotations

from typing import Final

SQL: Final = """
ALTER TABLE faces ADD COLUMN look TEXT NOT NULL DEFAULT ''; -- '640', '320 turned 180'; '' is from before, or drawn
"""
