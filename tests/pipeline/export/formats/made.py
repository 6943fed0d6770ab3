"""A small release made by hand: a picture tells its class by its colour; each class of each split has its own count."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence

import cv2
import numpy as np

from pipeline.core.geometry import BoundingBox, CropBox, Points
from pipeline.core.metrics import FaceFacts
from pipeline.core.records import ExportItem
from pipeline.export.formats.content import ExportRow, Picture, ReleaseContent
from pipeline.export.pictures.options import Shows, Suffix

CLASSES = ("none", "pout", "smile", "openmouth")
SPLITS = ("train", "val", "test")
WIDTH, HEIGHT = 40, 32
BOX = BoundingBox(8.0, 16.0, 28.0, 26.0)
#: By class in the workspace's order: blue-green-red, far apart, so that a JPEG's losses confuse none.
COLOURS = ((20, 20, 20), (20, 20, 230), (20, 230, 20), (230, 20, 20), (230, 230, 20), (20, 230, 230))


def made_item(number: int, label: str, image: int | None = None) -> ExportItem:
    sha = hashlib.sha256(f"photo {number if image is None else image}".encode()).hexdigest()
    face = hashlib.sha256(f"face {number}".encode()).hexdigest()[:32]
    box, crop = BoundingBox(1.005, 2, 30.5, 40), CropBox(-3, 5, 20, 20)
    return ExportItem(face, sha, sha, label, "Ann", "yunet", box, crop, "0" * 16, "/home/ann/x.jpg")


def points_of(row: ExportRow) -> Points:
    """68 points, the first 30 in the picture and the others not."""
    at = np.arange(68, dtype=np.float32)
    return np.stack([1 + at * 1.3, 2 + at / 4], axis=1).astype(np.float32)


def votes_of(row: ExportRow) -> tuple[tuple[str, int], ...]:
    """Two agree, one does not."""
    return ((row.item.label, 2), ("unsure", 1))


def count_of(split_at: int, class_at: int) -> int:
    return 2 + 3 * class_at + split_at


def expected_counts(classes: Sequence[str] = CLASSES, splits: Sequence[str] = SPLITS) -> Counter[tuple[str, str]]:
    """By split and class: what every reader must count."""
    return Counter({(split, name): count_of(s, c) for s, split in enumerate(splits) for c, name in enumerate(classes)})


def made_rows(classes: Sequence[str], splits: Sequence[str], suffix: Suffix) -> list[ExportRow]:
    rows, number = [], 0
    for s, split in enumerate(splits):
        for c, name in enumerate(classes):
            for _ in range(count_of(s, c)):
                item = made_item(number, name)
                file = f"{split}/{name}/{item.image_sha256[:16]}_{item.face_id[:8]}{suffix}"
                rows.append(ExportRow(file, split, item))
                number += 1
    return sorted(rows, key=lambda row: row.file)


def made_release(
    classes: tuple[str, ...] = CLASSES,
    splits: tuple[str, ...] = SPLITS,
    suffix: Suffix = ".png",
    shows: Shows = "mouth",
    rows: Sequence[ExportRow] | None = None,
    *,
    course_names: bool = False,
) -> ReleaseContent:
    def picture(row: ExportRow) -> Picture:
        pixels = np.full((HEIGHT, WIDTH, 3), COLOURS[classes.index(row.item.label)], np.uint8)
        ok, data = cv2.imencode(suffix, pixels)
        assert ok
        return Picture(data.tobytes(), suffix, WIDTH, HEIGHT, BOX, points_of(row))

    def facts(some: Sequence[ExportRow]) -> list[FaceFacts]:
        return [FaceFacts(points_of(row), {"sharpness": 12.5, "score": None}, votes_of(row)) for row in some]

    found = made_rows(classes, splits, suffix) if rows is None else rows
    return ReleaseContent(found, classes, splits, picture, facts, shows, classes if course_names else ())


def class_of(rgb: Sequence[float], classes: Sequence[str] = CLASSES) -> str:
    """The class whose colour a picture has. rgb: its mean colour."""
    distances = [sum((a - b) ** 2 for a, b in zip(rgb, colour[::-1], strict=True)) for colour in COLOURS]
    return classes[distances.index(min(distances))]


def made_photo() -> ReleaseContent:
    """One whole photo with three mouths: none, smile and smile."""
    rows = []
    for number, name in enumerate(("none", "smile", "smile")):
        item = made_item(number, name, image=7)
        rows.append(ExportRow(f"train/{name}/{item.image_sha256[:16]}_{item.face_id[:8]}.png", "train", item))
    return made_release(shows="photo", rows=sorted(rows, key=lambda row: row.file))
