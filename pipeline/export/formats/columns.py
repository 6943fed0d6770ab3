"""What tables tell of a face: names, and values as Python has them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from pipeline.core.metrics import METRICS, FaceFacts
from pipeline.export.attribution import licence_of
from pipeline.export.formats.content import ExportRow, ReleaseContent, row_path

SHORT: Final = (
    "split", "class", "face_id", "image_sha256", "group", "detector", "landmark_model", "box_x1", "box_y1", "box_x2",
    "box_y2", "crop_x", "crop_y", "crop_width", "crop_height", "crop_angle", "border", "licence", "confirmed",
    "agreement", "votes", "person",
)  # fmt: skip
"""Boxes are in pixels of the upright original; votes: JSON, from each answer to how many people gave it; person: the
same for all faces of one, in this release line alone, "" where nothing tells whose a face is."""
METRIC_COLUMNS: Final = tuple(f"quality_{metric.name}" for metric in METRICS)
"""Units and ranges: see docs/formats.md."""
POINTS: Final = "landmarks"
"""68 points, x and y in turn, in pixels of the upright original."""


def values(release: ReleaseContent, row: ExportRow, facts: FaceFacts, columns: Sequence[str]) -> list[Any]:
    """Of these columns: text, numbers, None for what is not known; `landmarks` as 136 numbers."""
    item = row.item
    found: dict[str, Any] = {
        "file": row_path(release, row),
        "split": row.split,
        "class": release.written_names[item.label],
        "face_id": item.face_id,
        "image_sha256": item.image_sha256,
        "group": item.group,
        "detector": item.detector,
        "landmark_model": item.landmark_model,
        "box_x1": round(item.box.x1, 2),
        "box_y1": round(item.box.y1, 2),
        "box_x2": round(item.box.x2, 2),
        "box_y2": round(item.box.y2, 2),
        "crop_x": item.crop.x,
        "crop_y": item.crop.y,
        "crop_width": item.crop.width,
        "crop_height": item.crop.height,
        "crop_angle": item.crop.angle,
        "border": item.border,
        "licence": licence_of(item),
        "confirmed": item.confirmed,
        "agreement": facts.agreement("reject" if item.rejected else item.label),
        "person": item.person,
        "votes": json.dumps(dict(facts.votes), ensure_ascii=False, sort_keys=True),
    }
    found |= {f"quality_{metric.name}": facts.metrics.get(metric.name) for metric in METRICS}
    points = facts.landmarks
    found[POINTS] = None if points is None else [round(float(v), 2) for v in points.reshape(-1)]
    return [found[name] for name in columns]
