"""How many faces are found, and how well crops sit, on real photos with known answers.

    python -m tests.bench.faces FOLDER [--detector yunet]

FOLDER has truth.csv and landmarks/*.xml. A face is found where a box has an IoU of at least .4 with it, one box for
one face. The wanted crop is what Moue cuts for the known points. dlib's makers placed those points with the same
predictor from boxes of their own, so the crops' IoU tells how well our boxes suit the predictor, not how well the
predictor sees a mouth.

Then photos made of the close-ups: `tight`, cut to the face's box, .9 and .8 of it, as wide as 24 to 1,200 pixels;
`wide`, montages of faces of 160 pixels; `turned` by 90, 180 and 270 degrees, where a face counts as found only if its
mouth is that of the upright photo.
"""

from __future__ import annotations

import argparse
import csv
import json
import statistics
import sys
import xml.etree.ElementTree as ET
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from pipeline.core.geometry import BoundingBox, CropBox
from pipeline.core.records import Face, ImageRef, Settings
from pipeline.faces.crop import mouth_crop
from pipeline.faces.detect import DETECTORS, find_faces
from pipeline.run.executors import open_executor
from tests.bench import made_photos

FOUND_AT: Final = 0.4
WRONG_MOUTH: Final = 0.5


@dataclass
class Tally:
    """Of one folder: photos, known faces, those found, boxes that fit none."""

    photos: int = 0
    faces: int = 0
    found: int = 0
    wrong: int = 0


def match(known: Sequence[BoundingBox], faces: Sequence[Face]) -> list[tuple[int, int]]:
    """Pairs (known, face), the best IoU first, each at most once."""
    pairs = sorted(
        ((k.iou(f.box), i, j) for i, k in enumerate(known) for j, f in enumerate(faces)), key=lambda p: -p[0]
    )
    left, right, matched = set[int](), set[int](), []
    for iou, i, j in pairs:
        if iou >= FOUND_AT and i not in left and j not in right:
            left.add(i)
            right.add(j)
            matched.append((i, j))
    return matched


def read_truth(folder: Path) -> dict[str, list[BoundingBox]]:
    """Path below `folder` -> its faces' boxes."""
    with (folder / "truth.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return {
        row["path"]: [BoundingBox(x, y, x + w, y + h) for x, y, w, h in json.loads(row["boxes"] or "[]")]
        for row in rows
    }


def known_mouths(folder: Path) -> Iterator[tuple[str, BoundingBox, BoundingBox]]:
    """Path below `folder`, the extent of the 68 points, and the crop that they give, of each face with known points."""
    seen = set[tuple[str, BoundingBox]]()
    for file in sorted((folder / "landmarks").glob("*.xml")):
        for image in ET.parse(file).iter("image"):
            name = f"landmarks/{image.get('file')}"
            for box in image.iter("box"):
                points = [(float(p.get("x", "")), float(p.get("y", ""))) for p in box.iter("part")]
                if len(points) != 68 or not (folder / name).is_file():
                    continue
                extent = bounding_box_of(points)
                if (name, extent) not in seen:
                    seen.add((name, extent))
                    yield name, extent, extent_of(mouth_crop(np.array(points, np.float32), Settings().margin))


def bounding_box_of(points: Sequence[tuple[float, float]]) -> BoundingBox:
    xs, ys = zip(*points, strict=True)
    return BoundingBox(min(xs), min(ys), max(xs), max(ys))


def extent_of(crop: CropBox) -> BoundingBox:
    return BoundingBox(crop.x, crop.y, crop.x + crop.width, crop.y + crop.height)


def process(folder: Path, names: Sequence[str], detector: str) -> dict[str, tuple[Face, ...]]:
    refs = [ImageRef(str(folder / name), name, (folder / name).stat().st_size) for name in names]
    executor = open_executor("processes")
    try:
        return {o.ref.location: o.faces for o in executor.outcomes(iter(refs), Settings(detector=detector))}
    finally:
        executor.close()


def print_faces(truth: dict[str, list[BoundingBox]], found: dict[str, tuple[Face, ...]]) -> None:
    tallies: dict[str, Tally] = defaultdict(Tally)
    for name, known in truth.items():
        matched = len(match(known, found[name]))
        for tally in (tallies[name.partition("/")[0]], tallies["all"]):
            tally.photos += 1
            tally.faces += len(known)
            tally.found += matched
            tally.wrong += len(found[name]) - matched
    tallies["all"] = tallies.pop("all")
    print(f"{'':12}{'photos':>8}{'faces':>8}{'found':>8}{'share':>9}{'other boxes':>13}")
    for folder, t in tallies.items():
        share = f"{t.found / t.faces:8.1%}" if t.faces else f"{'-':>8}"
        print(f"{folder:12}{t.photos:8}{t.faces:8}{t.found:8} {share}{t.wrong:13}")


def print_crops(folder: Path, found: dict[str, tuple[Face, ...]]) -> None:
    ious, missed = [], 0
    for name, extent, wanted in known_mouths(folder):
        near = max(found.get(name, ()), key=lambda face: points_box(face).iou(extent), default=None)
        if near is None or points_box(near).iou(extent) < 0.2:
            missed += 1
            continue
        ious.append(wanted.iou(extent_of(near.crop)))
    if ious:
        wrong = sum(iou < WRONG_MOUTH for iou in ious)
        print(f"crops of {len(ious)} faces with known points ({missed} more not found): IoU median "
              f"{statistics.median(ious):.3f}, worst {min(ious):.3f}, below {WRONG_MOUTH}: {wrong}")  # fmt: skip


def print_made(folder: Path, truth: dict[str, list[BoundingBox]], detector: str) -> None:
    """Tight, wide and turned photos made of the close-ups with one face."""
    settings = Settings(detector=detector)
    ones = [
        (folder / name, known[0]) for name, known in truth.items() if name.startswith("closeups/") and len(known) == 1
    ]
    photos = [(np.asarray(cv2.imread(str(path)), np.uint8), box) for path, box in ones]
    print(f"{'made of them':20}{'photos':>8}{'faces':>8}{'found':>8}{'share':>9}{'other boxes':>13}")
    for side in (48, 80, 160, 350, 640, 1200):
        cuts = [made_photos.tight(bgr, box, share, side) for bgr, box in photos for share in (1.0, 0.9, 0.8)]
        boxes = [find_faces(cut, settings) for cut in cuts]
        found = sum(any(one.box.area > 0.3 * cut[..., 0].size for one in b) for cut, b in zip(cuts, boxes, strict=True))
        print_row(f"tight, {side} px", len(cuts), len(cuts), found, sum(map(len, boxes)) - found)
    for width, height, number in ((6000, 750, 30), (8000, 6000, 40), (1500, 12000, 40), (4000, 3000, 40)):
        photo, known = made_photos.wide([bgr for bgr, _ in photos], width, height, number)
        wide_boxes = [one.box for one in find_faces(photo, settings)]
        found = sum(any(within.iou(box) > 0.25 for box in wide_boxes) for within in known)
        print_row(f"wide, {width} x {height}", 1, number, found, len(wide_boxes) - found)
    for degrees in (90, 180, 270):
        results = [made_photos.turned_mouth(bgr, degrees, settings) for bgr, _ in photos]
        right, wrong = results.count("right"), results.count("wrong")
        print_row(f"turned by {degrees}", len(photos), len(photos), right, wrong)


def print_row(name: str, photos: int, faces: int, found: int, other: int) -> None:
    print(f"{name:20}{photos:8}{faces:8}{found:8} {found / faces:8.1%}{other:13}")


def points_box(face: Face) -> BoundingBox:
    (x1, y1), (x2, y2) = face.landmarks.min(axis=0).tolist(), face.landmarks.max(axis=0).tolist()
    return BoundingBox(x1, y1, x2, y2)


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.faces", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--detector", choices=list(DETECTORS), default="yunet")
    args = parser.parse_args(argv)
    if not (args.folder / "truth.csv").is_file():
        sys.exit(f"{args.folder} has no truth.csv: give the folder of photos with known faces")
    truth = read_truth(args.folder)
    found = process(args.folder, list(truth), args.detector)
    print(f"{args.detector} on {args.folder.name}")
    print_faces(truth, found)
    print_crops(args.folder, found)
    print_made(args.folder, truth, args.detector)


if __name__ == "__main__":
    main()
