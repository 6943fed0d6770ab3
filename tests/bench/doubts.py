"""How well plausibility and the landmark models' disagreement tell wrong mouths, and likeness wrong boxes.

    python -m tests.bench.doubts FACES [--things FOLDER] [--photos 150] [--landmarks landmarker]

FACES: a folder of photos, searched whole. Those with one sure face are turned, warped, covered, masked, shrunk and
cut; the right mouth moves along, and one is wrong where its crop meets less than .7 of the right one (IoU). THINGS:
pictures without people, of which random parts are searched: each box that is found is wrong. Prints areas under the ROC
curve (.5 tells nothing, 1 everything) and how much of the first 50 by each order is wrong, over the share in the
whole. Agreement: of the two landmark models, see `mouth_disagreement`.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from pipeline.core.geometry import DLIB, LANDMARK_MODELS, MESH, Bgr, CropBox, LandmarkModel, Points
from pipeline.core.records import Detection
from pipeline.faces.crop import mouth_crop
from pipeline.faces.landmarker.values import find_mesh
from pipeline.faces.landmarks import place_landmarks
from pipeline.faces.likeness import likeness
from pipeline.faces.quality import mesh_plausibility, mouth_disagreement, plausibility_of
from pipeline.faces.yunet import find_yunet
from tests.bench.covered import painted
from tests.bench.roc import auc

WRONG: Final = 0.7
ANGLES: Final = (20, -35, 50, -70, 90, -110, 180)
LONGEST: Final = 900


@dataclass(frozen=True)
class Case:
    """One found face. good: a person's, with the mouth where it is."""

    kind: str
    good: bool
    score: float
    plausibility: float
    likeness: float
    agreement: float


ORDERS: Final[dict[str, Callable[[Case], float]]] = {
    "score": lambda case: case.score,
    "plausibility": lambda case: case.plausibility,
    "likeness": lambda case: case.likeness,
    "agreement": lambda case: case.agreement,
}


def photos(folder: Path) -> Iterator[Bgr]:
    for path in sorted(folder.rglob("*")):
        read = cv2.imread(str(path), cv2.IMREAD_COLOR) if path.suffix.lower() in (".jpg", ".jpeg", ".png") else None
        if read is not None and min(read.shape[:2]) >= 40:
            scale = min(1.0, LONGEST / max(read.shape[:2]))
            yield np.asarray(cv2.resize(read, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def sure_face(bgr: Bgr) -> tuple[Detection, Points] | None:
    """The only face of a photo, where the detector's own mouth corners confirm the landmarks."""
    found = find_yunet(bgr)
    if len(found) != 1 or (found[0].score or 0) < 0.85 or found[0].five is None:
        return None
    points = place_landmarks(bgr, found[0])
    eyes = max(float(np.linalg.norm(found[0].five[1] - found[0].five[0])), 1.0)
    off = float(np.linalg.norm(points[[48, 54]] - found[0].five[3:5], axis=1).mean()) / eyes
    return (found[0], points) if off < 0.25 else None


def spoiled(bgr: Bgr, detection: Detection, points: Points, rng: random.Random) -> Iterator[tuple[str, Bgr, Points]]:
    """Copies of a photo, each with where its landmarks are then."""
    height, width = bgr.shape[:2]
    side = detection.box.width
    yield "as it is", bgr, points
    for angle in ANGLES:
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1)
        cos, sin = abs(turn[0, 0]), abs(turn[0, 1])
        size = int(height * sin + width * cos), int(height * cos + width * sin)
        turn[:, 2] += (size[0] - width) / 2, (size[1] - height) / 2
        turned = cv2.warpAffine(bgr, turn, size, borderMode=cv2.BORDER_REPLICATE)
        yield "turned", np.asarray(turned, np.uint8), points @ turn[:, :2].T + turn[:, 2]
    for _ in range(3):
        corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
        moved = corners + np.array(
            [[rng.uniform(-0.3, 0.3) * width, rng.uniform(-0.3, 0.3) * height] for _ in corners], np.float32
        )
        moved -= moved.min(axis=0)
        warp = cv2.getPerspectiveTransform(corners, moved)
        size = int(moved[:, 0].max()) + 1, int(moved[:, 1].max()) + 1
        warped = cv2.warpPerspective(bgr, warp, size, borderMode=cv2.BORDER_REPLICATE)
        yield "warped", np.asarray(warped, np.uint8), cv2.perspectiveTransform(points[None], warp)[0]
    for part in (slice(48, 68), slice(36, 48), slice(27, 36)):
        covered = bgr.copy()
        x, y = (int(v) for v in points[part].mean(axis=0))
        half = int(side * rng.uniform(0.18, 0.35))
        colour = [rng.randint(0, 255) for _ in range(3)]
        cv2.rectangle(covered, (x - half, y - half), (x + half, y + half), colour, cv2.FILLED)
        yield "covered", covered, points
    for kind in ("surgical", "cloth", "print", "hand", "scarf"):
        yield "masked", painted(kind, bgr, points, np.random.default_rng(rng.randrange(2**32))), points
    tiny = cv2.resize(bgr, None, fx=22 / side, fy=22 / side, interpolation=cv2.INTER_AREA)
    yield "tiny", np.asarray(cv2.resize(tiny, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8), points
    yield "cut", bgr[: max(40, int(points[48:68, 1].mean()))], points


def judged(kind: str, bgr: Bgr, detection: Detection, right: Points | None, model: LandmarkModel) -> Case:
    """right: the landmarks as they are; None where there is no face."""
    points = place_landmarks(bgr, detection, model)
    score = detection.score or 0.0
    mesh = find_mesh(bgr, points)
    by_mesh = model == MESH
    plausible = mesh_plausibility(points, mesh, score) if by_mesh else plausibility_of(bgr, points, score)
    agreement = math.nan if mesh is None or by_mesh else -mouth_disagreement(points, mesh)
    good = right is not None and overlap(mouth_crop(points, 1.5), mouth_crop(right.astype(np.float32), 1.5)) >= WRONG
    return Case(kind, good, score, plausible, likeness(bgr, detection.box, score, plausible), agreement)


def overlap(one: CropBox, other: CropBox) -> float:
    """Intersection over union."""
    width = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    height = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    both = max(width, 0) * max(height, 0)
    return both / (one.width * one.height + other.width * other.height - both)


def cases_of_faces(folder: Path, most: int, rng: random.Random, model: LandmarkModel) -> Iterator[Case]:
    every = list(photos(folder))
    rng.shuffle(every)
    taken = 0
    for bgr in every:
        face = sure_face(bgr)
        if face is None:
            continue
        taken += 1
        for kind, copy, right in spoiled(bgr, *face, rng):
            nose, reach = right[27:36].mean(axis=0), 0.8 * face[0].box.width
            near = [one for one in find_yunet(np.ascontiguousarray(copy)) if _distance(one, nose) < reach]
            if near:
                best = max(near, key=lambda one: one.score or 0)
                yield judged(kind, np.ascontiguousarray(copy), best, right, model)
        if taken == most:
            return


def _distance(detection: Detection, point: Points) -> float:
    box = detection.box
    return float(np.hypot((box.x1 + box.x2) / 2 - point[0], (box.y1 + box.y2) / 2 - point[1]))


def cases_of_things(folder: Path, rng: random.Random, model: LandmarkModel) -> Iterator[Case]:
    for bgr in photos(folder):
        height, width = bgr.shape[:2]
        for _ in range(14):
            wide, high = (max(40, int(length * rng.uniform(0.25, 0.9))) for length in (width, height))
            x, y = rng.randint(0, max(0, width - wide)), rng.randint(0, max(0, height - high))
            part = bgr[y : y + high, x : x + wide]
            scale = rng.choice((96, 160, 320, 480)) / max(part.shape[:2])
            seen = np.asarray(cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
            for found in find_yunet(seen) if min(seen.shape[:2]) >= 20 else ():
                yield judged("thing", seen, found, None, model)


def main(argv: Sequence[str] | None = None) -> int:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("python -m tests.bench.doubts", description=__doc__, formatter_class=raw)
    parser.add_argument("faces", type=Path)
    parser.add_argument("--things", type=Path, default=None)
    parser.add_argument("--photos", type=int, default=150)
    parser.add_argument("--landmarks", choices=LANDMARK_MODELS, default=DLIB)
    args = parser.parse_args(argv)
    cv2.setNumThreads(1)
    rng = random.Random(5)
    faces = list(cases_of_faces(args.faces, args.photos, rng, args.landmarks))
    things = list(cases_of_things(args.things, rng, args.landmarks)) if args.things else []
    good, wrong = [one for one in faces if one.good], [one for one in faces if not one.good]
    print(f"{len(good)} right mouths, {len(wrong)} wrong ones, {len(things)} boxes on things")
    for name, order in ORDERS.items():
        if name == "agreement" and any(math.isnan(order(c)) for c in good):
            continue  # of one model with itself
        row = [f"{'all'} {auc([order(c) for c in good], [order(c) for c in wrong]):.2f}"]
        for kind in ("turned", "warped", "covered", "masked", "tiny", "cut"):
            bad = [order(c) for c in wrong if c.kind == kind]
            row.append(f"{kind} {auc([order(c) for c in good if c.kind in (kind, 'as it is')], bad):.2f}")
        people = [order(c) for c in good if c.kind == "as it is"]
        row.append(f"thing {auc(people, [order(c) for c in things]):.3f}")
        print(f"{name:13} {'  '.join(row)}")
    _first_fifty(faces, wrong, things, rng)
    return 0


def _first_fifty(faces: Sequence[Case], wrong: Sequence[Case], things: Sequence[Case], rng: random.Random) -> None:
    """A set as one collects it: many people, a few in the hundred wrong."""
    plain = [one for one in faces if one.kind == "as it is" and one.good]
    few = max(1, len(plain) // 25)
    mixed = [*plain, *rng.sample(list(wrong), min(few, len(wrong))), *rng.sample(list(things), min(few, len(things)))]
    share = sum(not one.good for one in mixed) / len(mixed)
    for name, order in ORDERS.items():
        if any(math.isnan(order(one)) for one in mixed):
            continue
        first = sorted(mixed, key=order)[:50]
        found = sum(not one.good for one in first)
        wrong_ones = sum(not one.good for one in mixed)
        told = f"{found} of {wrong_ones} wrong ones, {found / 50 / share:.1f} times a random 50's"
        print(f"the first 50 of {len(mixed)} by {name}: {told}")


if __name__ == "__main__":
    sys.exit(main())
