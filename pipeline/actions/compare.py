"""Runs two detectors on a sample of the workspace's photos, to compare them. Nothing is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from db.reads.details import image_info
from db.reads.lookup import image_ids
from db.store.store import Db, Store
from pipeline.actions.stored_pixels.read import intact_unified
from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.core.ranges import SAMPLE
from pipeline.core.records import ImageRef, Settings
from pipeline.faces.compare import Difference, compare
from pipeline.faces.detect import check_options
from pipeline.files.hashing import hash_file
from pipeline.files.remote import original_location

MOST_PHOTOS: Final = int(SAMPLE.most)
_SPACE: Final = 1 << 256


@dataclass(frozen=True, slots=True)
class ComparedPhoto:
    """The result for one photo. total: photos in the sample. name: the location at which the photo was found first."""

    total: int
    sha256: str
    name: str
    found: Difference


def compare_detectors(store: Store, a: str, b: str, sample: int) -> Iterator[ComparedPhoto]:
    """Run both detectors, with their default options, on at most `sample` photos; yields each photo once it is done.

    Raises UsageError (a sample out of bounds, an unknown detector) and ModelError.
    """
    if not 1 <= sample <= MOST_PHOTOS:
        raise UsageError(message("sample_range", most=MOST_PHOTOS, n=sample))
    first, second = (Settings(name, check_options(name, ())) for name in (a, b))
    refs = store.read(lambda db: [_ref(db, store.root, sha256) for sha256 in draw(db, sample)])
    for (sha256, ref), found in zip(refs, compare((ref for _, ref in refs), first, second), strict=True):
        yield ComparedPhoto(len(refs), sha256, ref.location, found)


def draw(db: Db, wanted: int) -> list[str]:
    """SHA-256 of at most `wanted` images, spread evenly over all images and the same at each call.

    Hashes are spread evenly whatever the photos, so the first one behind each of equal steps is a fair sample; no row
    is counted.
    """
    first = image_ids(db, size=wanted + 1)
    if len(first) <= wanted:
        return first
    starts = (f"{_SPACE * step // wanted:064x}" for step in range(wanted))
    drawn = {sha for start in starts for sha in image_ids(db, start, 1)}
    more = [sha for sha in first if sha not in drawn]
    return sorted([*drawn, *more[: wanted - len(drawn)]])


def _ref(db: Db, root: Path, sha256: str) -> tuple[str, ImageRef]:
    """Where the photo's pixels are: the original, or the unified JPEG made of it where that is gone or another."""
    image = image_info(db, sha256)
    if image is None:
        raise UsageError(message("image_removed_now", image=sha256))
    path = original_location(root, image.original)
    if hash_file(path) != sha256:
        path = intact_unified(root, image) or path
    return sha256, ImageRef(str(path), image.locations[0] if image.locations else sha256, image.byte_size)
