"""How a row says which video its picture is a frame of: one word for it in all formats that have columns or fields."""

from __future__ import annotations

import re
from typing import Final

from pipeline.export.readers.labelled import Fields

NAMES: Final = ("video_id", "video")
"""Names of the column, the better one first."""
_JOINTS: Final = re.compile(r"[\s_-]+")
_KEYS: Final = tuple(_JOINTS.sub("", name) for name in NAMES)


def told(row: Fields) -> str:
    """The data set's own name for the video, "" where none is told. As in tables, a column's name counts without case,
    spaces, hyphens and underscores. Raises UsageError for what is neither a text nor a whole number: a video that is
    passed over would stand on both sides of a split."""
    known = {key: name for name in row.names() if (key := _JOINTS.sub("", name.lower())) in _KEYS and row.has(name)}
    found = (_name(row, known[key]) for key in _KEYS if key in known)
    return next(filter(None, found), "")


def track(row: Fields) -> str:
    """The name of the track that an annotation is one frame of, "" where none is told: CVAT's exports as COCO name no
    video, but `track_id` among the attributes."""
    inside = [row, row.inner("attributes")] if row.is_object("attributes") else [row]
    return next((f"track {one.key('track_id')}" for one in inside if one.has("track_id")), "")


def _name(row: Fields, name: str) -> str:
    """Hugging Face's feature `Video` is an object with the file's path."""
    if row.is_object(name) and row.inner(name).is_text("path"):
        return row.inner(name).text("path").strip()
    return row.key(name).strip()
