"""Gold: faces whose right answer is known, slipped into batches as if undecided, to see how well people answer.

The known answer is an adjudication as well: what somebody answers blindly on a gold face does not overturn it.
"""

from __future__ import annotations

import json
import math
import random
import uuid
from dataclasses import dataclass
from typing import Final

from sqlite_utils.db import Database as Db

from db.base.clock import now_iso
from db.base.meta import put_value, value_of
from db.decisions.log import apply_ops
from db.decisions.ops import DecideOp
from db.projection.consensus import ADJUDICATION
from db.tables import audit
from db.tables.annotators import ensure_annotator
from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.core.records import Verdict

DEFAULT_SHARE: Final = 0.05
LARGEST_SHARE: Final = 0.5
"""Of a batch, as DEFAULT_SHARE."""
_KEY: Final = "gold_share"
_Z: Final = 1.959964
"""The standard normal's quantile for a 95 % interval."""
PICK_SQL: Final = """
SELECT t.seq FROM gold g CROSS JOIN face_state t ON t.face_id = g.face_id WHERE g.set_by <> :who
  AND NOT EXISTS (SELECT 1 FROM gold_served s WHERE s.face_id = g.face_id AND s.annotator = :who)
  AND NOT EXISTS (SELECT 1 FROM decisions d WHERE d.face_id = g.face_id AND +d.annotator = :who)
"""
"""What a person has not been given. The plus, here as below: by the decisions on the face, not by all of theirs."""
_CANDIDATES_SQL: Final = """
SELECT t.face_id FROM face_state t WHERE t.verdict IS NOT NULL AND (t.adjudicated = 1 OR t.annotator = ?)
  AND NOT EXISTS (SELECT 1 FROM gold g WHERE g.face_id = t.face_id) ORDER BY t.seq
"""
_COUNTS_SQL: Final = """
SELECT t.verdict, t.class_id, t.reason, t.adjudicated, f.sha256 FROM face_state t JOIN faces f ON f.id = t.face_id
WHERE t.face_id = ?
"""
_BLIND_SQL: Final = """
SELECT 1 FROM second_opinions o JOIN face_state t ON t.face_id = o.face_id
WHERE o.face_id = ? AND t.verdict IS NULL AND t.n_answers < o.wanted
"""
_ANSWERED_SQL: Final = """
SELECT s.annotator, sum(d.verdict IS g.verdict AND d.class_id IS g.class_id), count(*)
FROM gold_served s JOIN gold g ON g.face_id = s.face_id JOIN decisions d ON d.seq = (
  SELECT min(x.seq) FROM decisions x WHERE x.face_id = s.face_id AND +x.annotator = s.annotator AND x.kind = ''
    AND x.verdict <> 'undo' AND x.at >= s.served_at AND NOT EXISTS (SELECT 1 FROM decisions u WHERE u.undoes = x.uuid))
GROUP BY s.annotator ORDER BY s.annotator
"""
"""The first answer that stands, of each person on each face: what they make of it once they know is no measure."""


@dataclass(frozen=True, slots=True)
class Accuracy:
    """right of answered gold faces of one person. low, high: the 95 % interval of the share that they get right."""

    annotator: str
    right: int
    answered: int

    @property
    def share(self) -> float:
        return self.right / self.answered

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.right, self.answered)


def wilson(right: int, of: int) -> tuple[float, float]:
    """The 95 % score interval of a share (Wilson 1927, J. Am. Stat. Assoc. 22, 209): it holds for few and for all."""
    if not of:
        return 0.0, 1.0
    share, square = right / of, _Z * _Z / of
    middle = (share + square / 2) / (1 + square)
    half = _Z * math.sqrt(share * (1 - share) / of + square / (4 * of)) / (1 + square)
    return max(0.0, middle - half), min(1.0, middle + half)


def current_share(db: Db) -> float:
    """Which share of a batch is gold, 0 to LARGEST_SHARE; it takes faces with a known answer, too."""
    found = value_of(db, _KEY)
    return DEFAULT_SHARE if found is None else float(json.loads(found))


def set_share(db: Db, share: float, by: str) -> None:
    """Inside a write. Raises UsageError for a share that is none."""
    if not 0 <= share <= LARGEST_SHARE:
        raise UsageError(message("gold_share", share=share))
    put_value(db, _KEY, json.dumps(share))
    audit.append(db, by, "gold_share", {"share": share})


def make_gold(db: Db, face_id: str, by: str) -> None:
    """What counts on a face now is its known answer from now on. Inside a write.

    It is adjudicated as well, where it is not. May `by` do so is the caller's question. Raises UsageError for a face
    on which nothing counts.
    """
    row = db.execute(_COUNTS_SQL, [face_id]).fetchone()
    if row is None or row[0] is None:
        raise UsageError(message("gold_undecided", face=face_id))
    verdict, class_id, reason, *_ = row
    _make(db, by, face_id, Verdict(verdict), class_id, reason)


def make_gold_as(db: Db, face_id: str, by: str, verdict: Verdict, class_id: int | None, reason: str | None) -> None:
    """This is a face's known answer from now on, whatever counted: it is adjudicated so. Inside a write.

    May `by` do so is the caller's question. Raises UsageError for an unknown face, an answer that is none, and a face
    that others still answer without seeing each other: it would be told to them.
    """
    if db.execute(_COUNTS_SQL, [face_id]).fetchone() is None:
        raise UsageError(message("face_not_here"))
    if db.execute(_BLIND_SQL, [face_id]).fetchone() is not None:
        raise UsageError(message("gold_blind", face=face_id))
    _make(db, by, face_id, verdict, class_id, reason)


def _make(db: Db, by: str, face_id: str, verdict: Verdict, class_id: int | None, reason: str | None) -> None:
    by = ensure_annotator(db, by)
    *counts, adjudicated, sha256 = db.execute(_COUNTS_SQL, [face_id]).fetchone()
    if not adjudicated or counts != [str(verdict), class_id, reason]:
        key = str(uuid.uuid4())
        op = DecideOp(key, key, face_id, sha256, verdict, class_id, reason, kind=ADJUDICATION)
        (result,) = apply_ops(db, by, [op])
        if result.status != "saved" and result.message is not None:
            raise UsageError(result.message)
    db.execute(
        "INSERT INTO gold (face_id, verdict, class_id, reason, set_by, set_at) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (face_id) DO UPDATE SET verdict = excluded.verdict, class_id = excluded.class_id,"
        " reason = excluded.reason, set_by = excluded.set_by, set_at = excluded.set_at",
        [face_id, str(verdict), class_id, reason, by, now_iso()],
    )
    audit.append(db, by, "gold", {"face": face_id})


def candidates(db: Db, by: str) -> list[str]:
    """The faces that can become gold: what counts was adjudicated, or decided by this person; none is gold yet."""
    return [face_id for (face_id,) in db.execute(_CANDIDATES_SQL, [by])]


def make_some_gold(db: Db, by: str, number: int) -> int:
    """Make so many of the candidates gold, drawn by lot; returns how many. Inside a write."""
    known = candidates(db, by)
    chosen = random.SystemRandom().sample(known, min(number, len(known)))
    for face_id in chosen:
        make_gold(db, face_id, by)
    return len(chosen)


def remove_gold(db: Db, face_id: str, by: str) -> bool:
    """The face is no gold any more; what counts on it stays. Whether it was some. Inside a write."""
    if not db.execute("DELETE FROM gold WHERE face_id = ?", [face_id]).rowcount:
        return False
    audit.append(db, by, "gold_removed", {"face": face_id})
    return True


def is_gold(db: Db, face_id: str) -> bool:
    """Whether the face has a known answer."""
    return db.execute("SELECT 1 FROM gold WHERE face_id = ?", [face_id]).fetchone() is not None


def count_gold(db: Db) -> int:
    """How many faces have a known answer."""
    (number,) = db.execute("SELECT count(*) FROM gold g JOIN face_state t ON t.face_id = g.face_id").fetchone()
    return int(number)


def slip_in(db: Db, annotator: str, seqs: tuple[int, ...], size: int, seed: int) -> tuple[int, ...]:
    """The faces of a batch with gold between them, at most `size`, and note to whom it was given. Inside a write.

    Nobody gets a gold face twice, one that they made gold, or one that they ever decided on.
    """
    dice = random.Random(seed)  # noqa: S311 - which face comes is chance, no secret
    wanted = current_share(db) * size
    number = int(wanted) + (dice.random() < wanted - int(wanted))
    known = frozenset(seqs)
    fresh = [seq for (seq,) in db.execute(PICK_SQL, {"who": annotator}) if seq not in known] if number else []
    chosen = dice.sample(sorted(fresh), min(number, len(fresh)))
    batch = list(seqs[: size - len(chosen)])
    for seq in chosen:
        batch.insert(dice.randint(0, len(batch)), seq)
    db.conn.executemany(
        "INSERT INTO gold_served (face_id, annotator, served_at) SELECT face_id, ?, ? FROM face_state WHERE seq = ?",
        [(annotator, now_iso(), seq) for seq in chosen],
    )
    return tuple(batch)


def accuracies(db: Db, annotator: str | None = None) -> list[Accuracy]:
    """How well one person, or everybody, answered gold; who has answered none is left out."""
    found = [Accuracy(*row) for row in db.execute(_ANSWERED_SQL)]
    return [one for one in found if annotator in (None, one.annotator)]
