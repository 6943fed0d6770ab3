"""`compare`: two detectors on a sample of the workspace's photos. Nothing is written."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from db.reads import counts
from db.store.store import Db, Store
from pipeline.core.errors import UsageError
from pipeline.core.geometry import BoundingBox
from pipeline.core.records import ImageRef, Settings
from pipeline.faces.compare import Difference, compare
from pipeline.faces.detect import check_options
from pipeline.files.blobs import BlobStore
from pipeline.files.remote import original_location

MOST_PHOTOS: Final = 1000
_SPACE: Final = 1 << 256


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
    if not 1 <= args.sample <= MOST_PHOTOS:
        raise UsageError(f"a sample is 1 to {MOST_PHOTOS:,} photos, not {args.sample:,}")
    a, b = (Settings(name, check_options(name, ())) for name in (args.a, args.b))
    refs = store.read(lambda db: [_ref(db, store.root, sha256) for sha256 in draw(db, args.sample)])
    sums = Sums()
    for (sha256, ref), found in zip(refs, compare((ref for _, ref in refs), a, b), strict=True):
        sums.add(found)
        if args.json_lines:
            print(json.dumps({"total": len(refs), "sha256": sha256, "name": ref.location, **_told(found)}), flush=True)
        elif not args.json and found.differs:
            print(f"{ref.location}: only {args.a} {len(found.only_a)}, only {args.b} {len(found.only_b)}")
    figures = {"a": args.a, "b": args.b} | {name: getattr(sums, name) for name in Sums.__slots__}
    if args.json:
        print(json.dumps(figures))
    elif not args.json_lines:
        print(f"{sums.photos:,} photos, {sums.differ:,} differ; faces: both {sums.both:,}, only {args.a} "
              f"{sums.only_a:,}, only {args.b} {sums.only_b:,}; {_rate(sums.photos, sums.seconds_a)} and "
              f"{_rate(sums.photos, sums.seconds_b)} photos a second")  # fmt: skip
    return 0


def draw(db: Db, wanted: int) -> list[str]:
    """SHA-256 of at most `wanted` images, evenly over all and the same each time.

    Hashes are spread evenly whatever the photos, so the first one behind each of equal steps is a fair sample; no row
    is counted.
    """
    first = counts.image_ids(db, size=wanted + 1)
    if len(first) <= wanted:
        return first
    starts = (f"{_SPACE * step // wanted:064x}" for step in range(wanted))
    drawn = {sha for start in starts for sha in counts.image_ids(db, start, 1)}
    more = [sha for sha in first if sha not in drawn]
    return sorted([*drawn, *more[: wanted - len(drawn)]])


def _ref(db: Db, root: Path, sha256: str) -> tuple[str, ImageRef]:
    """Where the photo's pixels are: the original, or the unified JPEG made of it where that is gone."""
    image = counts.image_info(db, sha256)
    if image is None:
        raise UsageError(f"the image {sha256} was removed just now: run it again")
    path = original_location(root, image.original)
    unified = BlobStore(root).path("images", sha256, "jpg")
    if unified.is_file() and (isinstance(path, str) or not path.is_file()):
        path = unified
    return sha256, ImageRef(str(path), image.locations[0] if image.locations else sha256, image.byte_size)


def _told(found: Difference) -> dict[str, Any]:
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
