"""What the clean page shows: every file of the sources with its outcome and faces, the misses first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlite_utils.db import Database as Db

from db.base import paging
from db.base.messages import from_columns, with_message
from db.base.outcome_order import OUTCOME_RANKS
from db.base.paging import Page
from db.reads.counts import COPIES, count_files
from db.schema.kept_results import kept
from pipeline.core.errors import UsageError
from pipeline.core.geometry import BoundingBox
from pipeline.core.messages import Message, message
from pipeline.core.outcome import Outcome

_REASONS_READ: Final = 200
_REASONS_SQL: Final = """
SELECT reason, reason_code, reason_params FROM sightings WHERE outcome_rank = ? ORDER BY id LIMIT ?
"""


@dataclass(frozen=True, slots=True)
class CleanFace:
    """One face of a row: box in upright original pixels, verdict None while undecided."""

    face_id: str
    crop_version: str
    box: BoundingBox
    verdict: str | None


@dataclass(frozen=True, slots=True)
class CleanItem:
    """One file. sha256, width, height (upright pixels) and storage are None where no image is stored for it."""

    sighting_id: int
    location: str
    outcome: str
    reason: Message
    sha256: str | None
    width: int | None
    height: int | None
    format: str | None
    source_id: int
    source_kind: str
    proposal: int | None
    faces: tuple[CleanFace, ...]


def clean_page(
    db: Db,
    outcome: str | None = None,
    source_id: int | None = None,
    size: int = 50,
    after: str | None = None,
    before: str | None = None,
) -> Page[CleanItem]:
    """At most `size` files; `already_present` ones only where `outcome` asks for them. Raises UsageError."""
    listed = listing(outcome, source_id)
    page = paging.fetch(db, listed, size, after, before, count_files(db, outcome, source_id))
    faces = _faces(db, [row["sha256"] for row in page.items if row["sha256"]])
    return page.map(lambda row: CleanItem(**with_message(row, "reason"), faces=faces.get(row["sha256"], ())))


def first_reasons(db: Db, outcome: str) -> tuple[tuple[Message, int], ...]:
    """Why the first files with this outcome have it: each reason once, as they come, with how many have it."""
    return kept(db, _first_reasons, "sightings")[outcome]


def _first_reasons(db: Db) -> dict[str, tuple[tuple[Message, int], ...]]:
    found: dict[str, tuple[tuple[Message, int], ...]] = {}
    for rank, outcome in enumerate(OUTCOME_RANKS):
        rows: Counter[tuple[str, str, str]] = Counter(db.execute(_REASONS_SQL, [rank, _REASONS_READ]))
        found[str(outcome)] = tuple((from_columns(*row), number) for row, number in rows.items())
    return found


def newest_file(db: Db) -> int:
    """The number of the file that was read last; 0 where none was. See `count_new`."""
    return int(db.execute("SELECT ifnull(max(id), 0) FROM sightings").fetchone()[0])


def count_new(db: Db, outcome: str | None, source_id: int | None, after: int) -> int:
    """How many files of this list have come behind the file number `after`. Raises UsageError."""
    wanted = listing(outcome, source_id)
    where = " AND ".join(one for one in ("t.id > ?", *wanted.where, wanted.bound) if one)
    # of all outcomes or of a source SQLite would go through every file in an index, and the new ones are last
    indexed = "NOT INDEXED" if outcome is None else ""
    sql = f"SELECT count(*) FROM sightings t {indexed} WHERE {where}"
    return int(db.execute(sql, [after, *wanted.params]).fetchone()[0])


def listing(outcome: str | None, source_id: int | None) -> paging.Listing:
    """The filter as conditions on `sightings`. Raises UsageError."""
    where: list[str] = []
    bound = ""
    params: list[Any] = []
    if source_id is not None:
        where.append("t.source_id = ?")
        params.append(source_id)
    if outcome is None:
        bound = f"t.outcome_rank < {COPIES}"
    else:
        if outcome not in set(OUTCOME_RANKS):
            raise UsageError(message("outcome_unknown", outcome=outcome, names=tuple(OUTCOME_RANKS)))
        where.append("t.outcome_rank = ?")
        params.append(OUTCOME_RANKS.index(Outcome(outcome)))
    columns = (
        *(
            "t.id AS sighting_id",
            "t.location",
            "t.outcome",
            "t.reason",
            "t.reason_code",
            "t.reason_params",
            "i.sha256",
            "i.width",
            "i.height",
        ),
        *("i.format", "t.source_id", "s.kind AS source_kind", "t.proposal"),
    )
    joins = "CROSS JOIN sources s ON s.id = t.source_id LEFT JOIN images i ON i.sha256 = t.sha256"
    key = ("outcome_rank", "id") if outcome is None else ("id",)
    return paging.Listing("sightings", key, columns, joins, tuple(where), tuple(params), bound)


def _faces(db: Db, hashes: Sequence[str]) -> dict[str | None, tuple[CleanFace, ...]]:
    sql = f"""
    SELECT f.sha256, f.id, f.crop_version, f.x1, f.y1, f.x2, f.y2, s.verdict
    FROM faces f JOIN face_state s ON s.face_id = f.id
    WHERE f.sha256 IN ({", ".join("?" * len(hashes))}) ORDER BY f.sha256, f.rank, f.seq
    """
    found: dict[str | None, tuple[CleanFace, ...]] = {}
    for row in db.execute(sql, list(hashes)):
        found[row[0]] = (*found.get(row[0], ()), CleanFace(row[1], row[2], BoundingBox(*row[3:7]), row[7]))
    return found
