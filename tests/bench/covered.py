"""How well the figure "mouth covered" tells covered mouths from open ones: covers painted over real faces.

    python -m tests.bench.covered FACES [--photos 300] [--landmarks landmarker]

Each face gets masks of several colours and patterns, hands, a fist, a scarf and a thing, in its own light; the detector
and the landmarks see the painted photo. The figure's coefficients come from KNOWN on half of the photos (by their
names' hash); the other half and UNKNOWN were never used. Prints areas under the ROC curve for that other half.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.core.geometry import DLIB, LANDMARK_MODELS, Bgr, LandmarkModel, Points
from pipeline.faces.covered import covered
from pipeline.faces.landmarks import place_landmarks
from pipeline.faces.yunet import find_yunet
from tests.bench.roc import auc

KNOWN: Final = ("surgical", "black", "cloth", "hand")
UNKNOWN: Final = ("white", "skin", "stripes", "print", "fist", "scarf", "thing")
LONGEST: Final = 1000
Float = npt.NDArray[np.float32]
Rng = np.random.Generator


def noise(shape: tuple[int, int], grain: float, amount: float, rng: Rng) -> Float:
    step = max(2, int(grain))
    coarse = rng.normal(0, amount, (max(2, shape[0] // step), max(2, shape[1] // step))).astype(np.float32)
    return np.asarray(cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_CUBIC), np.float32)


def outline(points: Points, rng: Rng, grow: float = 1.0) -> npt.NDArray[np.int32]:
    """A mask from ear to ear over the nose's bridge."""
    jaw, top = points[1:16] if rng.random() < 0.6 else points[2:15], points[28 + int(rng.integers(2))]
    edge = np.vstack([jaw, (points[14] + points[35]) / 2, top, (points[2] + points[31]) / 2])
    middle = points[30:58].mean(axis=0)
    return np.asarray(middle + (edge - middle) * grow * rng.uniform(0.97, 1.08), np.int32)


def texture(kind: str, bgr: Bgr, points: Points, eyes: float, rng: Rng) -> Float:
    """The cover's surface over the whole photo, float32 (height, width, 3)."""
    shape = bgr.shape[0], bgr.shape[1]
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    x, y = (int(v) for v in np.clip(points[28], 0, np.array(shape[::-1]) - 1))
    skin = bgr[y, x].astype(float) * rng.uniform(0.8, 1.1)
    plain = {"surgical": (200, 170, 110), "white": (235, 235, 235), "black": (35, 35, 38)}
    colour = skin if kind in ("skin", "hand", "fist") else plain.get(kind, rng.uniform(20, 235, 3))
    found = np.ones((*shape, 3), np.float32) * np.asarray(colour, np.float32)
    if kind == "surgical":
        found *= 1 + 0.06 * np.sin(rows / (eyes * 0.09))[..., None]
    elif kind in ("stripes", "print"):
        wave = np.sin((columns * rng.uniform(-1, 1) + rows * rng.uniform(-1, 1)) / (eyes * 0.08))
        where = wave > 0 if kind == "stripes" else noise(shape, eyes * 0.15, 1, rng) > 0.3
        found = np.where(where[..., None], found, rng.uniform(20, 235, 3).astype(np.float32))
    else:
        found += noise(shape, eyes * 0.08, {"scarf": 28.0, "cloth": 8.0}.get(kind, 5.0), rng)[..., None]
    grey = cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY).astype(np.float32)
    light = cv2.GaussianBlur(grey, (0, 0), max(1.0, eyes * 0.35))
    if kind not in ("hand", "fist", "thing"):
        found *= np.clip(light / max(1.0, float(np.median(light))), 0.5, 1.6)[..., None]
    is_grey = int(np.abs(bgr[..., 0].astype(int) - bgr[..., 2]).max()) < 3
    return np.repeat(found.mean(axis=2, keepdims=True), 3, axis=2) if is_grey else found


def painted(kind: str, bgr: Bgr, points: Points, rng: Rng) -> Bgr:
    eyes = float(np.linalg.norm(points[36:42].mean(axis=0) - points[42:48].mean(axis=0)))
    surface = texture(kind, bgr, points, eyes, rng)
    cover = np.zeros(bgr.shape[:2], np.float32)
    mouth = points[48:68].mean(axis=0)
    if kind in ("hand", "fist"):
        fingers, angle = (4, float(rng.uniform(-40, 40))) if kind == "hand" else (1, 0.0)
        across = np.array([-np.sin(np.deg2rad(angle)), np.cos(np.deg2rad(angle))])
        axes = (int(eyes * 0.95), int(eyes * 0.19)) if kind == "hand" else (int(eyes * 0.6), int(eyes * 0.5))
        for finger in range(fingers):
            at = (mouth + across * (finger - (fingers - 1) / 2) * eyes * 0.3).astype(int).tolist()
            rim = np.zeros_like(cover)
            cv2.ellipse(cover, at, axes, angle, 0, 360, 1, cv2.FILLED)
            cv2.ellipse(rim, at, axes, angle, 0, 360, 1, max(1, int(eyes * 0.05)))
            surface *= (1 - 0.35 * cv2.GaussianBlur(rim, (0, 0), max(0.8, eyes * 0.03)))[..., None]
    elif kind == "thing":
        size = eyes * rng.uniform(0.8, 1.4), eyes * rng.uniform(0.7, 1.2)
        corners = cv2.boxPoints((mouth.astype(float).tolist(), size, float(rng.uniform(-30, 30))))
        cv2.fillPoly(cover, [corners.astype(np.int32)], 1)
    else:
        cv2.fillPoly(cover, [outline(points, rng, 1.25 if kind == "scarf" else 1.0)], 1)
    cover = cv2.GaussianBlur(cover, (0, 0), max(0.6, eyes * 0.015))[..., None]
    return np.clip(bgr * (1 - cover) + surface * cover, 0, 255).astype(np.uint8)


def cases(folder: Path, most: int, rng: Rng, model: LandmarkModel) -> Iterator[tuple[str, float]]:
    """("open" or the cover, the figure) of photos that the coefficients never saw."""
    files = [
        path for path in sorted(folder.rglob("*.jp*g")) if int(hashlib.md5(path.name.encode()).hexdigest(), 16) % 2
    ]
    for path in files[:most]:
        read = cv2.imread(str(path), cv2.IMREAD_COLOR)
        if read is None:
            continue
        scale = min(1.0, LONGEST / max(read.shape[:2]))
        bgr = np.asarray(cv2.resize(read, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
        for found in find_yunet(bgr, score=0.8)[:4]:
            if found.box.width < 36:
                continue
            points = place_landmarks(bgr, found, model)
            yield "open", covered(bgr, points)
            for kind in (*KNOWN, *UNKNOWN):
                photo = painted(kind, bgr, points, rng)
                nose = points[30]
                near = [
                    one
                    for one in find_yunet(photo)
                    if abs((one.box.x1 + one.box.x2) / 2 - nose[0]) < found.box.width / 2
                    and abs((one.box.y1 + one.box.y2) / 2 - nose[1]) < found.box.height / 2
                ]
                if near:
                    yield kind, covered(photo, place_landmarks(photo, max(near, key=lambda one: one.score or 0), model))


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.covered", description=__doc__.splitlines()[0])
    parser.add_argument("faces", type=Path)
    parser.add_argument("--photos", type=int, default=300)
    parser.add_argument("--landmarks", choices=LANDMARK_MODELS, default=DLIB)
    args = parser.parse_args(argv)
    cv2.setNumThreads(1)
    found: dict[str, list[float]] = defaultdict(list)
    for kind, figure in cases(args.faces, args.photos, np.random.default_rng(7), args.landmarks):
        found[kind].append(figure)
    unseen = [figure for kind in UNKNOWN for figure in found[kind]]
    print(f"{len(found['open'])} open mouths; covers never seen: AUC {auc(unseen, found['open']):.3f}")
    for kind in (*KNOWN, *UNKNOWN):
        print(f"  {kind:9} {len(found[kind]):4} found, AUC {auc(found[kind], found['open']):.3f}")
    over = sum(figure > 0.5 for figure in found["open"]) / len(found["open"])
    print(f"above .5: {over:.0%} of open mouths, {sum(f > 0.5 for f in unseen) / len(unseen):.0%} of covers never seen")
    return 0


if __name__ == "__main__":
    sys.exit(main())
