"""The sink of an ingest: images, their faces, and what became of each file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlite_utils.db import Database as Db

from db.base.clock import now_iso
from db.base.messages import from_columns, to_columns
from db.base.outcome_order import OUTCOME_RANKS
from db.base.paths import to_text
from db.duplicates.near_pairs import put_hashes
from db.images.faces import insert_face
from db.people import told
from db.tables import provenance
from pipeline.core.errors import IntegrityError, UsageError
from pipeline.core.messages import Message, message
from pipeline.core.names import find_name
from pipeline.core.outcome import STORED_OUTCOMES, Outcome
from pipeline.core.records import ImageOutcome, StoredOutcome

MOST_PER_BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class KnownFile:
    """What is recorded of one file of a source: size in bytes, mtime_ns as of the file system."""

    size: int
    mtime_ns: int
    sha256: str | None
    outcome: Outcome
    reason: Message


def note_unified(db: Db, sha256: str, unified_sha256: str | None) -> None:
    """Note the hash of a unified JPEG whose writer, an older Moue, noted none; None notes nothing. Inside a write."""
    sql = "UPDATE images SET unified_sha256 = ? WHERE sha256 = ? AND unified = 1 AND unified_sha256 IS NULL"
    db.execute(sql, [unified_sha256, sha256])


def ensure_source(db: Db, kind: str, location: str) -> int:
    """The number of a source, made where it is new. Inside a write. `kind`: folder, file, zip, upload, sample …"""
    sql = "INSERT INTO sources (kind, location, created_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
    location = to_text(location)
    db.execute(sql, [kind, location, now_iso()])
    (number,) = db.execute("SELECT id FROM sources WHERE kind = ? AND location = ?", [kind, location]).fetchone()
    return int(number)


def known(db: Db, source_id: int, location: str) -> KnownFile | None:
    """What an earlier run recorded of this file, None where it is new."""
    return known_from(db, source_id, location, 1).get(to_text(location))


def known_from(db: Db, source_id: int, location: str, most: int) -> dict[str, KnownFile]:
    """`known` of the first `most` files of a source at and behind a location, by location, in their order."""
    sql = """
    SELECT location, size, mtime_ns, sha256, outcome, reason, reason_code, reason_params FROM sightings
    WHERE source_id = ? AND location >= ? ORDER BY location LIMIT ?
    """
    rows = db.execute(sql, [source_id, to_text(location), most])
    return {row[0]: KnownFile(row[1], row[2], row[3], Outcome(row[4]), from_columns(*row[5:])) for row in rows}


def has_size(db: Db, byte_size: int) -> bool:
    """Whether some stored image has this many bytes (else a file of that size cannot be a copy)."""
    return db.execute("SELECT 1 FROM images WHERE byte_size = ? LIMIT 1", [byte_size]).fetchone() is not None


def has_image(db: Db, sha256: str) -> bool:
    """Whether the image has a row, so that it need not be processed again."""
    return db.execute("SELECT 1 FROM images WHERE sha256 = ?", [sha256]).fetchone() is not None


def record_outcomes(db: Db, source_id: int, job_id: str | None, results: Sequence[StoredOutcome]) -> list[Outcome]:
    """Record a batch of at most 500 and return the final outcome of each: `already_present` where the bytes were
    there before, also earlier in this batch. Inside a write; repeating a batch changes nothing. Raises UsageError.
    """
    if len(results) > MOST_PER_BATCH:
        raise UsageError(f"a batch holds at most {MOST_PER_BATCH} outcomes, not {len(results)}")
    ids = {name: number for name, number in db.execute("SELECT name, id FROM classes WHERE archived = 0")}
    at = now_iso()
    return [_record(db, source_id, job_id, stored, ids, at) for stored in results]


def _record(
    db: Db, source_id: int, job_id: str | None, stored: StoredOutcome, class_ids: dict[str, int], at: str
) -> Outcome:
    result = stored.outcome
    proposal = class_ids.get(find_name(result.ref.proposal, class_ids) or "") if result.ref.proposal else None
    final = result.outcome
    if final in STORED_OUTCOMES:
        if result.sha256 is None:
            raise IntegrityError(f"{result.ref.location}: an image to be stored has no hash")
        if not has_image(db, result.sha256):
            _insert_image(db, source_id, stored, result.sha256, proposal, at)
        else:
            final = Outcome.ALREADY_PRESENT
            result = replace(result, reason=message("same_bytes"))  # met twice at once, both were looked at
    _sight(db, source_id, job_id, result, final, proposal, at)
    if result.ref.provenance is not None:
        provenance.put(db, source_id, result.ref.location, result.ref.provenance, at)
    if result.ref.person:
        told.note_listed(db, source_id, result.ref.location, result.ref.person)
    return final


def _insert_image(db: Db, source_id: int, stored: StoredOutcome, sha256: str, proposal: int | None, at: str) -> None:
    result = stored.outcome
    unified = result.unified is not None if stored.unified is None else stored.unified
    detector = stored.detector or (result.faces[0].detector if result.faces else None)
    values = [
        *(sha256, str(result.outcome), *to_columns(result.reason)),
        *(result.width, result.height, result.format, result.ref.size),
        *(
            stored.storage,
            to_text(stored.original),
            int(unified),
            stored.unified_sha256,
            source_id,
            proposal,
            detector,
            stored.margin,
        ),
        *(stored.processing, at),
    ]
    db.execute(
        "INSERT INTO images (sha256, outcome, reason, reason_code, reason_params, width, height, format, byte_size,"
        " storage, original, unified, unified_sha256,"
        f" source_id, proposal, detector, margin, processing, created_at) VALUES ({', '.join('?' * len(values))})",
        values,
    )
    if len(stored.crop_versions) != len(result.faces):
        raise IntegrityError(f"{result.ref.location}: {len(result.faces)} faces, {len(stored.crop_versions)} crops")
    for face, version in zip(result.faces, stored.crop_versions, strict=True):
        insert_face(db, face, version, "detector", at)
    if result.hashes is not None:
        put_hashes(db, [(sha256, result.hashes)])


def _sight(
    db: Db, source_id: int, job_id: str | None, result: ImageOutcome, final: Outcome, proposal: int | None, at: str
) -> None:
    """Write the file's row, unless what is there says more: see `_keeps`."""
    ref = result.ref
    before = known(db, source_id, ref.location)
    if before is not None and _keeps(before, result.sha256, final):
        if final is Outcome.ALREADY_PRESENT:  # touched, with the same bytes: the next run need not read it again
            db.execute(
                "UPDATE sightings SET size = ?, mtime_ns = ? WHERE source_id = ? AND location = ?",
                [ref.size, ref.mtime_ns, source_id, to_text(ref.location)],
            )
        return
    values = [
        *(source_id, to_text(ref.location), ref.size, ref.mtime_ns, result.sha256),
        *(str(final), OUTCOME_RANKS.index(final), *to_columns(result.reason), proposal, job_id, at, ref.group),
    ]
    db.execute(
        "INSERT INTO sightings (source_id, location, size, mtime_ns, sha256, outcome, outcome_rank, reason,"
        " reason_code, reason_params, proposal,"
        " first_job, seen_at, part_of) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (source_id, location) DO UPDATE SET"
        " size = excluded.size, mtime_ns = excluded.mtime_ns, sha256 = excluded.sha256, outcome = excluded.outcome,"
        " outcome_rank = excluded.outcome_rank, reason = excluded.reason, reason_code = excluded.reason_code,"
        " reason_params = excluded.reason_params, proposal = excluded.proposal,"
        " first_job = excluded.first_job,"
        " seen_at = excluded.seen_at, part_of = excluded.part_of",
        values,
    )


def _keeps(before: KnownFile, sha256: str | None, final: Outcome) -> bool:
    """A file that is stored stays what it was when it is met again unchanged, cannot be read for a moment, or would be
    passed over today.
    """
    if before.outcome not in (*STORED_OUTCOMES, Outcome.ALREADY_PRESENT):
        return False
    same = sha256 is not None and sha256 == before.sha256
    return (final is Outcome.ALREADY_PRESENT and same) or final in (Outcome.UNAVAILABLE, Outcome.PASSED_OVER)


def forget_failure(db: Db, source_id: int, location: str) -> None:
    """Take out what a run said of a file that could not be read then, and whose pictures have rows of their own now.

    Inside a write.
    """
    db.execute(
        "DELETE FROM sightings WHERE source_id = ? AND location = ?"
        " AND outcome NOT IN ('added', 'no_face', 'already_present', 'passed_over')",
        [source_id, to_text(location)],
    )
