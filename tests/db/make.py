"""Records made up for the database's tests."""

from __future__ import annotations

import hashlib
import time
import uuid
from pathlib import Path

import numpy as np

from db.decisions.changes import mark_of
from db.decisions.ops import DecideOp
from db.images import images
from db.projection.columns import Faces
from db.projection.filters import ReviewFilter, matching
from db.store.store import Db, Store
from pipeline.core.geometry import BoundingBox, CropBox
from pipeline.core.messages import verbatim
from pipeline.core.outcome import Outcome
from pipeline.core.records import Face, ImageOutcome, ImageRef, StoredOutcome, Verdict, face_id


def sha_of(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def make_face(sha256: str, rank: int = 0) -> Face:
    box = BoundingBox(10.5 + 100 * rank, 20.0, 60.25 + 100 * rank, 80.0)
    points = (np.arange(136, dtype=np.float32) / 3 + rank).reshape(68, 2)
    crop = CropBox(-3, 40 + rank, 31, 31)
    return Face(face_id(sha256, box, "yunet"), sha256, rank, box, "yunet", 0.875, points, crop, look="320 turned 90")


def make_outcome(
    name: str,
    faces: int = 1,
    location: str | None = None,
    proposal: str | None = None,
    failure: Outcome | None = None,
    mtime_ns: int = 7,
) -> StoredOutcome:
    """An image whose bytes are `name`; `failure` makes it one that is not stored."""
    ref = ImageRef(f"/x/{name}", location or f"/x/{name}.jpg", 1000 + len(name), mtime_ns, proposal)
    if failure is not None:
        return StoredOutcome(ImageOutcome(ref, failure, verbatim(f"because {failure}")), "referenced", "")
    sha256 = sha_of(name)
    found = tuple(make_face(sha256, rank) for rank in range(faces))
    result = ImageOutcome(
        ref,
        Outcome.ADDED if faces else Outcome.NO_FACE,
        verbatim("" if faces else "no face was found"),
        sha256,
        640,
        480,
        "JPEG",
        found,
    )
    return StoredOutcome(result, "referenced", ref.path, tuple(f"{r:016x}" for r in range(faces)))


def add_images(store: Store, names: list[str], faces: int = 1, source: str = "/x") -> list[str]:
    """Record images and return the ids of their faces, in order."""

    def work(db: Db) -> list[str]:
        source_id = images.ensure_source(db, "folder", source)
        made = [make_outcome(name, faces) for name in names]
        for start in range(0, len(made), images.MOST_PER_BATCH):
            images.record_outcomes(db, source_id, None, made[start : start + images.MOST_PER_BATCH])
        return [face.face_id for one in made for face in one.outcome.faces]

    return store.write(work)


def new_uuid() -> str:
    return str(uuid.uuid4())


def decide(
    db: Db,
    face: str,
    verdict: Verdict = Verdict.ACCEPT,
    class_id: int | None = 3,
    reason: str | None = None,
    step: str | None = None,
    key: str | None = None,
) -> DecideOp:
    """An op on a face of the database; with a verdict other than accept `class_id` is left out."""
    (sha256,) = db.execute("SELECT sha256 FROM faces WHERE id = ?", [face]).fetchone()
    number = key or new_uuid()
    label = class_id if verdict is Verdict.ACCEPT else None
    return DecideOp(number, step or number, face, sha256, verdict, label, reason, 250)


def wait_for_a_mark(file: Path) -> tuple[int, int]:
    """Until the last write is old enough to be told from the next one."""
    until = time.monotonic() + 60
    while (mark := mark_of(file)) is None and time.monotonic() < until:
        time.sleep(0.02)
    assert mark is not None
    return mark


def review_total(db: Db, flt: ReviewFilter) -> int:
    """How many faces pass the filter. Raises UsageError for a bad one."""
    return len(matching(Faces(db), flt))
