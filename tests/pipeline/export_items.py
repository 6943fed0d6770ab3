"""Items of an export that need no workspace, and what is written of them."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pipeline.core.geometry import BoundingBox, CropBox
from pipeline.core.records import ExportItem
from pipeline.export.split import SplitPlan

FORTY = SplitPlan(val=0.4, seed=3)


NAMES = ["pout", "none", "smile"]


SECRET = "/home/ann/secret folder/x.jpg"


def version_of(png: bytes) -> str:
    return hashlib.sha256(png).hexdigest()[:16]


def item(number: int, label: str, face: int = 0, group: str | None = None) -> ExportItem:
    sha = hashlib.sha256(f"image {number}".encode()).hexdigest()
    face_id = hashlib.sha256(f"{sha}{face}".encode()).hexdigest()[:32]
    box, crop = BoundingBox(1.005, 2, 30.5, 40), CropBox(-3, 5, 20, 20)
    return ExportItem(
        face_id,
        sha,
        group or sha,
        label,
        "Ann",
        "yunet",
        box,
        crop,
        version_of(f"pixels of {face_id}".encode()),
        SECRET,
    )


def items(each: int = 5) -> list[ExportItem]:
    return [item(10 * n + c, name) for n in range(each) for c, name in enumerate(NAMES)]


def tree(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}
