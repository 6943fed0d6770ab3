"""Runs two detectors on the same photos and reports where they differ. Pure: no database, no workspace."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.core.errors import DecodeError
from pipeline.core.geometry import Bgr, BoundingBox
from pipeline.core.records import ImageRef, Settings
from pipeline.faces.detect import find_faces
from pipeline.faces.match import SAME_AT
from pipeline.pixels.decode import decode, read_capped


@dataclass(frozen=True, slots=True)
class Difference:
    """What two detectors, A and B, made of one photo. Boxes in upright original pixels; seconds of detection alone.

    both: pairs (A's box, B's box) of the same face. failure: why the photo could not be decoded, else empty.
    """

    ref: ImageRef
    width: int = 0
    height: int = 0
    both: tuple[tuple[BoundingBox, BoundingBox], ...] = ()
    only_a: tuple[BoundingBox, ...] = ()
    only_b: tuple[BoundingBox, ...] = ()
    seconds_a: float = 0.0
    seconds_b: float = 0.0
    failure: str = ""

    @property
    def differs(self) -> bool:
        return bool(self.only_a or self.only_b)


def compare(
    refs: Iterable[ImageRef], a: Settings, b: Settings, report: Callable[[Difference], object] | None = None
) -> Iterator[Difference]:
    """Run both on each photo, in order. report: called with each difference as it comes.

    Both run on a blank image first, so that the time to load the models is not counted. Raises UsageError for an
    unknown detector or option, ModelError for missing weights.
    """
    blank = np.full((480, 640, 3), 127, np.uint8)
    for settings in (a, b):
        find_faces(blank, settings)
    for ref in refs:
        found = _compare_photo(ref, a, b)
        if report is not None:
            report(found)
        yield found


def _compare_photo(ref: ImageRef, a: Settings, b: Settings) -> Difference:
    try:
        bgr = decode(read_capped(ref.path, a.max_bytes), ref.location, a).bgr
    except DecodeError as e:
        return Difference(ref, failure=str(e))
    boxes_a, seconds_a = _timed(bgr, a)
    boxes_b, seconds_b = _timed(bgr, b)
    pairs = same_faces(boxes_a, boxes_b)
    matched_a, matched_b = {i for i, _ in pairs}, {j for _, j in pairs}
    return Difference(
        ref,
        bgr.shape[1],
        bgr.shape[0],
        both=tuple((boxes_a[i], boxes_b[j]) for i, j in pairs),
        only_a=tuple(box for i, box in enumerate(boxes_a) if i not in matched_a),
        only_b=tuple(box for j, box in enumerate(boxes_b) if j not in matched_b),
        seconds_a=seconds_a,
        seconds_b=seconds_b,
    )


def _timed(bgr: Bgr, settings: Settings) -> tuple[list[BoundingBox], float]:
    start = time.perf_counter()
    found = find_faces(bgr, settings)
    return [detection.box for detection in found], time.perf_counter() - start


def same_faces(one: Sequence[BoundingBox], other: Sequence[BoundingBox]) -> list[tuple[int, int]]:
    """Pairs of indices (in `one`, in `other`) with an IoU of at least SAME_AT, best first, each box at most once."""
    ranked = sorted((-a.iou(b), i, j) for i, a in enumerate(one) for j, b in enumerate(other))
    matched_a, matched_b, pairs = set[int](), set[int](), []
    for iou, i, j in ranked:
        if -iou >= SAME_AT and i not in matched_a and j not in matched_b:
            matched_a.add(i)
            matched_b.add(j)
            pairs.append((i, j))
    return pairs
