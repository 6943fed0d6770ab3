"""Queues: a person claims the next faces that nobody else has before them; a claim that no page renews ends.

A batch is what was claimed at once. Its rows stay while its page lives, also those of faces that are answered by now:
they say how far the batch is. Nobody else is kept from a face by a claim that was answered.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
from sqlite_utils.db import Database as Db

from db.base.clock import iso_of, now_seconds
from db.projection.columns import UNDECIDED, Faces
from db.projection.filters import Mask, ReviewFilter, first
from db.projection.suggestion_orders import MIX
from db.tables import audit
from db.tables.annotators import ensure_annotator
from db.team import gold, handouts, mix, unanswered
from db.team.blind import VisibleFaces, hides_something
from db.team.handouts import HandOut
from pipeline.core.metrics import MISSING

SIZE: Final = 96
SECONDS: Final = 600
"""How long a claim lasts that no page renews."""
GRACE_SECONDS: Final = 60
"""How long it lasts after its page was left: whoever reloads it, or comes right back, finds it again."""

_CLAIMED_SQL: Final = "SELECT seq FROM claims WHERE annotator <> ?"
_ANSWERED_SQL: Final = """
SELECT c.seq FROM claims c CROSS JOIN answers a ON a.face_id = c.face_id AND a.annotator = c.annotator
WHERE c.annotator <> ? AND c.seq IN (SELECT value FROM json_each(?))
"""
_ANSWERS_SQL: Final = "SELECT t.seq, t.n_answers FROM json_each(?) j CROSS JOIN face_state t ON t.seq = j.value"
_BATCH_SQL: Final = """
SELECT c.face_id, c.expires_at, a.annotator IS NOT NULL FROM claims c JOIN face_state t ON t.face_id = c.face_id
LEFT JOIN answers a ON a.face_id = c.face_id AND a.annotator = c.annotator
WHERE c.annotator = :annotator AND c.batch = :batch AND c.expires_at > :now
  AND NOT (a.annotator IS NULL AND t.verdict IS NOT NULL AND t.at >= :claimed)
ORDER BY c.place
"""
"""Without the faces that others decided while this person had them."""
_OTHERS_SQL: Final = """
SELECT c.face_id, min(c.annotator) FROM json_each(?) j CROSS JOIN claims c ON c.face_id = j.value
JOIN face_state t ON t.face_id = c.face_id WHERE t.verdict IS NULL AND c.annotator <> ? AND c.expires_at BETWEEN ? AND ?
  AND NOT EXISTS (SELECT 1 FROM answers a WHERE a.face_id = c.face_id AND a.annotator = c.annotator)
GROUP BY c.face_id
"""


@dataclass(frozen=True, slots=True)
class Batch:
    """Faces that one person has claimed, in their order. id: "" where nothing was left to claim.

    answered: how many of them this person has answered. seconds_left: until it ends if no page renews it. handout: the
    one that it is from, None: from the filter asked for, or not known any more.
    """

    id: str
    faces: tuple[str, ...]
    answered: int = 0
    seconds_left: int = SECONDS
    handout: HandOut | None = None


def claim_next(db: Db, annotator: str, flt: ReviewFilter, size: int = SIZE, now: int | None = None) -> Batch:
    """Claim the next faces of a person: of what was handed out to them first, else of the filter. Inside a write.

    None is claimed that somebody else has before them, was handed out to somebody else, or has this person's answer;
    but a face that wants several opinions goes to as many people. What they had claimed before is given back. In the
    order `mix` a quarter is drawn at random, see `db.team.mix`, also of what was handed out.
    now: seconds since 1970, None for the present. Raises UsageError for a bad filter.
    """
    now = now_seconds() if now is None else now
    name = ensure_annotator(db, annotator)
    # none lasts longer: what ends later was claimed before the clock was set back
    db.execute(
        "DELETE FROM claims WHERE expires_at NOT BETWEEN ? AND ? OR annotator = ?", [now + 1, now + SECONDS, name]
    )
    faces = Faces(db)
    taken = _taken(db, faces, name)
    for one in handouts.standing(db, name):
        wanted = replace(one.filter, order=MIX) if flt.order == MIX else one.filter
        if found := _next(db, faces, wanted, name, taken, size):
            return _claim(db, name, found, now, one)
    others, findable = handouts.for_others(db, name), None
    if flt != ReviewFilter(state=flt.state, order=flt.order, ranges=flt.ranges) and hides_something(db, name):
        findable = _findable(db, flt, name)
    found = _next(db, faces, flt, name, taken, size, others, findable)
    return _claim(db, name, found, now, None) if found else Batch("", ())


def renew(db: Db, annotator: str, batch: str, now: int | None = None, seconds: int = SECONDS) -> bool:
    """Let a batch last `seconds` from now on; False where it has ended. Inside a write.

    With GRACE_SECONDS: the page was left.
    """
    now = now_seconds() if now is None else now
    sql = "UPDATE claims SET expires_at = ? WHERE annotator = ? AND batch = ? AND expires_at > ?"
    return db.execute(sql, [now + seconds, annotator, batch, now]).rowcount > 0


def release(db: Db, annotator: str, batch: str) -> int:
    """Give a batch back; returns how many faces of it were not answered. Inside a write."""
    open_ = db.execute(
        "SELECT count(*) FROM claims c WHERE annotator = ? AND batch = ? AND NOT EXISTS ("
        " SELECT 1 FROM answers a WHERE a.face_id = c.face_id AND a.annotator = c.annotator)",
        [annotator, batch],
    ).fetchone()[0]
    db.execute("DELETE FROM claims WHERE annotator = ? AND batch = ?", [annotator, batch])
    return int(open_)


def batch_of(db: Db, annotator: str, batch: str, now: int | None = None) -> Batch | None:
    """A person's batch as it is now, None where it has ended. Faces that are gone, or that others decided while this
    person had them, are left out."""
    now = now_seconds() if now is None else now
    params = {"annotator": annotator, "batch": batch, "now": now, "claimed": _claimed_at(batch)}
    rows = db.execute(_BATCH_SQL, params).fetchall()
    if not rows:
        return None
    return Batch(batch, tuple(row[0] for row in rows), sum(row[2] for row in rows), max(row[1] for row in rows) - now)


def claimed_by_others(db: Db, annotator: str, face_ids: Sequence[str], now: int | None = None) -> dict[str, str]:
    """Of these faces those that others have before them and have not answered, each with a name."""
    now = now_seconds() if now is None else now
    return dict(db.execute(_OTHERS_SQL, [json.dumps(list(face_ids)), annotator, now + 1, now + SECONDS]).fetchall())


def state_of_claims(db: Db, now: int | None = None) -> tuple[str, int | None]:
    """A text that is another one whenever anybody claims, gives back or loses a batch, "" while there is none; and when
    the next batch ends if no page renews it (seconds since 1970)."""
    now = now_seconds() if now is None else now
    sql = "SELECT batch, max(expires_at) FROM claims GROUP BY annotator, batch HAVING max(expires_at) BETWEEN ? AND ?"
    live = db.execute(sql, [now + 1, now + SECONDS]).fetchall()
    text = ".".join(sorted(batch[-12:] for batch, _ in live))  # its beginning is the time
    return text, min((end for _, end in live), default=None)


def _some_want_opinions(db: Db) -> bool:
    return db.execute("SELECT 1 FROM second_opinions LIMIT 1").fetchone() is not None


def _taken(db: Db, faces: Faces, annotator: str) -> npt.NDArray[np.intp]:
    """The seqs of the faces that as many others have before them, and have not answered, as answers are wanted."""
    seqs, others = np.unique(unanswered.seqs(db, _CLAIMED_SQL, annotator), return_counts=True)
    answered = seqs[faces.column("state")[seqs] != UNDECIDED]  # where nobody has answered they have not
    if len(answered):
        given = unanswered.seqs(db, _ANSWERED_SQL, annotator, json.dumps(answered.tolist()))
        np.subtract.at(others, np.searchsorted(seqs, given), 1)
    wanted = np.ones(len(seqs), np.int64)
    if _some_want_opinions(db):
        column = faces.column("wanted")[seqs]
        several = column != MISSING
        wanted[several] = column[several]
        for seq, answers in db.execute(_ANSWERS_SQL, [json.dumps(seqs[several & (others > 0)].tolist())]):
            others[np.searchsorted(seqs, seq)] += answers
    return seqs[others >= wanted]


def _findable(db: Db, flt: ReviewFilter, annotator: str) -> Mask:
    """Which faces a person's own filter may lead to: not one that is blind for them by what may not be told of it, as
    the search that it is from."""
    return unanswered.passing(VisibleFaces(db, annotator), replace(flt, state="all"))


def _next(
    db: Db,
    faces: Faces,
    flt: ReviewFilter,
    annotator: str,
    taken: npt.NDArray[np.intp],
    size: int,
    others: handouts.ForOthers | None = None,
    findable: Mask | None = None,
) -> tuple[int, ...]:
    """The seqs of the next batch of a filter, gold among them but in a mix, whose random draws are noted."""
    free = unanswered.mask(db, faces, flt, annotator)
    free[taken] = False
    if findable is not None:
        free &= findable
    if flt.order != MIX:
        found = _first(faces, flt, free, size, others)
        return _with_gold(db, annotator, flt, found, size) if found else ()
    if others is not None:
        free &= ~_handed(faces, others)
    chosen, drawn = mix.choose(faces, np.flatnonzero(free), size)
    if not chosen:
        return ()
    mix.note(db, faces, annotator, chosen, drawn)  # no gold: among faces with suggestions one without stands out
    return chosen


def _first(
    faces: Faces, flt: ReviewFilter, free: Mask, size: int, others: handouts.ForOthers | None
) -> tuple[int, ...]:
    """The seqs of the first free faces in a filter's order that are not handed out to others. `free` is written to."""
    if others is None:
        return first(faces, flt.order, free, size)
    # whose all faces are takes longer to find than whose the first ones are
    seqs = np.array(first(faces, flt.order, free, 4 * size), np.intp)
    kept = seqs[~_handed(unanswered.SomeFaces(faces, seqs, len(seqs)), others)]
    if len(kept) >= size or len(seqs) < 4 * size:
        return tuple(kept[:size].tolist())
    free &= ~_handed(faces, others)
    return first(faces, flt.order, free, size)


def _handed(faces: Faces, others: handouts.ForOthers) -> Mask:
    """Which faces (bool by seq) are for others alone: what several people are asked about is nobody's own."""
    found = others.among(faces)
    return found & (faces.column("wanted") == MISSING) if _some_want_opinions(faces.db) else found


def _with_gold(db: Db, annotator: str, flt: ReviewFilter, seqs: tuple[int, ...], size: int) -> tuple[int, ...]:
    """Only among undecided faces: elsewhere a gold face would stand out."""
    return gold.slip_in(db, annotator, seqs, size, uuid.uuid4().int) if flt.state == "undecided" else seqs


def _claim(db: Db, annotator: str, seqs: Sequence[int], now: int, handout: HandOut | None) -> Batch:
    batch = _new_id(now)
    sql = "SELECT t.face_id FROM json_each(?) j CROSS JOIN face_state t ON t.seq = j.value ORDER BY j.key"
    face_ids = tuple(row[0] for row in db.execute(sql, [json.dumps(list(seqs))]))
    db.conn.executemany(
        "INSERT INTO claims (face_id, seq, annotator, batch, place, expires_at) VALUES (?, ?, ?, ?, ?, ?)",
        [
            (face_id, seq, annotator, batch, place, now + SECONDS)
            for place, (face_id, seq) in enumerate(zip(face_ids, seqs, strict=True))
        ],
    )
    params = {"batch": batch, "faces": len(face_ids)} | ({"handout": handout.id} if handout else {})
    audit.append(db, annotator, "claim", params)
    return Batch(batch, face_ids, handout=handout)


def _new_id(now: int) -> str:
    """A UUID of version 7 (RFC 9562): it holds when it was made."""
    drawn = uuid.uuid4().int & ((1 << 76) - 1)
    return str(uuid.UUID(int=(now * 1000 << 80) | (7 << 76) | drawn & ~(0b11 << 62) | (0b10 << 62)))


def _claimed_at(batch: str) -> str:
    """When a batch was claimed, as times are stored; the end of time for what is no batch."""
    try:
        return iso_of(uuid.UUID(batch).int >> 80)
    except (ValueError, OverflowError):
        return "9999"
