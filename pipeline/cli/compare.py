"""`compare`: two detectors on a sample of the workspace's photos. Nothing is written."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from typing import Any

from db.store.store import Store
from pipeline.actions.compare import compare_detectors
from pipeline.cli.output import is_read
from pipeline.core.geometry import BoundingBox
from pipeline.faces.compare import Difference


@dataclass(slots=True)
class Sums:
    """Over all photos that could be looked at."""

    photos: int = 0
    differ: int = 0
    failed: int = 0
    both: int = 0
    only_a: int = 0
    only_b: int = 0
    seconds_a: float = 0.0
    seconds_b: float = 0.0

    def add(self, found: Difference) -> None:
        if found.failure:
            self.failed += 1
            return
        self.photos += 1
        self.differ += found.differs
        self.both += len(found.both)
        self.only_a += len(found.only_a)
        self.only_b += len(found.only_b)
        self.seconds_a += found.seconds_a
        self.seconds_b += found.seconds_b


def cmd_compare(args: argparse.Namespace, store: Store) -> int:
    """args: a, b (names of detectors), sample, json, json_lines. Returns 0. Raises UsageError, ModelError."""
    sums = Sums()
    for photo in compare_detectors(store, args.a, args.b, args.sample):
        if not is_read(sys.stdout):
            return 0  # nothing is written anywhere else
        found = photo.found
        sums.add(found)
        if args.json_lines:
            line = {"total": photo.total, "sha256": photo.sha256, "name": photo.name, **_described(found)}
            print(json.dumps(line), flush=True)
        elif not args.json and found.failure:
            print(f"{photo.name}: {found.failure}")
        elif not args.json and found.differs:
            print(f"{photo.name}: only {args.a} {len(found.only_a)}, only {args.b} {len(found.only_b)}")
    figures = {"a": args.a, "b": args.b} | {name: getattr(sums, name) for name in Sums.__slots__}
    if args.json:
        print(json.dumps(figures))
    elif not args.json_lines:
        failed = f", {sums.failed:,} could not be compared" if sums.failed else ""
        print(f"{sums.photos:,} photos, {sums.differ:,} differ{failed}; faces: both {sums.both:,}, only {args.a} "
              f"{sums.only_a:,}, only {args.b} {sums.only_b:,}; {_rate(sums.photos, sums.seconds_a)} and "
              f"{_rate(sums.photos, sums.seconds_b)} photos a second")  # fmt: skip
    return 0


def _described(found: Difference) -> dict[str, Any]:
    return {
        "width": found.width,
        "height": found.height,
        "both": [[_corners(a), _corners(b)] for a, b in found.both],
        "only_a": [_corners(box) for box in found.only_a],
        "only_b": [_corners(box) for box in found.only_b],
        "seconds_a": round(found.seconds_a, 5),
        "seconds_b": round(found.seconds_b, 5),
        "failure": found.failure,
    }


def _corners(box: BoundingBox) -> list[float]:
    return [round(v, 1) for v in (box.x1, box.y1, box.x2, box.y2)]


def _rate(photos: int, seconds: float) -> str:
    return f"{photos / seconds:.1f}" if seconds > 0 else "0"
