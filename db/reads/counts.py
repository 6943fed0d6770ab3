"""What pages and commands read: counts, lists, pages. Nothing here writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlite_utils.db import Database as Db

from db.base.outcome_order import OUTCOME_RANKS
from db.projection import columns
from db.reads.details import FaceInfo, ImageInfo, face_info, image_info, locations
from db.reads.files import CleanFace, CleanItem, CleanPage, clean_page
from db.reads.review import ReviewFilter, ReviewItem, ReviewPage, proposed, review_page, review_total
from db.reads.split_groups import split_groups
from db.tables import provenance
from db.tables.jobs import Job, jobs_recent
from pipeline.core.geometry import BoundingBox, CropBox
from pipeline.core.records import ExportItem

__all__ = [
    "CleanFace",
    "CleanItem",
    "CleanPage",
    "Counts",
    "FaceInfo",
    "ImageInfo",
    "Job",
    "ReviewFilter",
    "ReviewItem",
    "ReviewPage",
    "SourceRow",
    "accepted_items",
    "clean_page",
    "counts",
    "face_info",
    "image_ids",
    "image_info",
    "jobs_recent",
    "locations",
    "proposed",
    "review_page",
    "review_total",
    "sources",
]

COUNT_SQL: Final = {
    "images": "SELECT count(*) FROM images",
    "outcomes": "SELECT outcome_rank, count(*) FROM sightings GROUP BY outcome_rank",
    "decisions": "SELECT ifnull(max(seq), 0) FROM decisions",  # the log has no gaps
    "annotators": "SELECT count(*) FROM annotators",
    "sources": "SELECT count(*) FROM sources",
}
"""The statements of `counts`, for the test that looks at their plans."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of the whole workspace at one moment.

    images: stored ones (added and no_face). faces = undecided + accepted + rejected + unsure. decisions: rows of the
    log, undos too. by_outcome: every outcome, over all files met. by_class: accepted faces by class name, in the
    classes' order, with zeros.
    """

    images: int
    faces: int
    undecided: int
    accepted: int
    rejected: int
    unsure: int
    decisions: int
    annotators: int
    sources: int
    by_outcome: dict[str, int]
    by_class: dict[str, int]


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One source. images: those that first came from it; files: all that were met in it."""

    id: int
    kind: str
    location: str
    images: int
    files: int
    created_at: str


def counts(db: Db) -> Counts:
    """All counts; also what `status` prints."""
    states = columns.count_states(db)
    by_class_id = {state - columns.ACCEPTED: n for state, n in states.items() if state >= columns.ACCEPTED}
    by_rank = dict(db.execute(COUNT_SQL["outcomes"]).fetchall())
    classes = db.execute("SELECT id, name FROM classes WHERE archived = 0 ORDER BY position, id").fetchall()
    single = {name: _single(db, COUNT_SQL[name]) for name in ("images", "decisions", "annotators", "sources")}
    return Counts(
        **single,
        faces=sum(states.values()),
        undecided=states.get(columns.UNDECIDED, 0),
        accepted=sum(by_class_id.values()),
        rejected=states.get(columns.REJECTED, 0),
        unsure=states.get(columns.UNSURE, 0),
        by_outcome={str(outcome): by_rank.get(rank, 0) for rank, outcome in enumerate(OUTCOME_RANKS)},
        by_class={name: by_class_id.get(number, 0) for number, name in classes},
    )


def accepted_items(db: Db) -> list[ExportItem]:
    """What an export takes: the accepted faces, sorted by image hash and face id.

    The group is the first-imported image of its near copies (`db.reads.split_groups`), most often the image itself.
    """
    sql = """
    SELECT f.id, f.sha256, c.name, s.annotator, f.detector, f.x1, f.y1, f.x2, f.y2,
           f.crop_x, f.crop_y, f.crop_width, f.crop_height, f.crop_angle,
           ifnull((SELECT g.location FROM sightings g WHERE g.sha256 = f.sha256 ORDER BY g.id LIMIT 1), i.original)
    FROM face_state s
    JOIN faces f ON f.id = s.face_id
    JOIN images i ON i.sha256 = f.sha256
    JOIN classes c ON c.id = s.class_id
    WHERE s.verdict = 'accept' ORDER BY f.sha256, f.id
    """
    groups, from_web = split_groups(db), provenance.of_all(db)
    return [
        ExportItem(
            face_id=row[0],
            image_sha256=row[1],
            group=groups.get(row[1], row[1]),
            label=row[2],
            annotator=row[3],
            detector=row[4],
            box=BoundingBox(*row[5:9]),
            crop=CropBox(*row[9:14]),
            location=row[14],
            provenance=from_web.get(row[1], ()),
        )
        for row in db.execute(sql)
    ]


def image_ids(db: Db, after: str = "", size: int = 1000) -> list[str]:
    """Hashes of the stored images in order, `size` at a time behind `after`: for a walk over all of them."""
    rows = db.execute("SELECT sha256 FROM images WHERE sha256 > ? ORDER BY sha256 LIMIT ?", [after, size])
    return [sha256 for (sha256,) in rows]


def sources(db: Db) -> list[SourceRow]:
    """All sources, in the order in which they came."""
    sql = """
    SELECT s.id, s.kind, s.location, (SELECT count(*) FROM images i WHERE i.source_id = s.id),
           (SELECT count(*) FROM sightings g WHERE g.source_id = s.id), s.created_at
    FROM sources s ORDER BY s.id
    """
    return [SourceRow(*row) for row in db.execute(sql)]


def _single(db: Db, sql: str) -> int:
    (number,) = db.execute(sql).fetchone()
    return int(number)
