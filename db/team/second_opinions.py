"""Second opinions: a share of the faces goes to several people, none of whom sees what the others answered.

Which faces is settled by a hash before anybody answers them: when the share is set, and when a face comes in. So nobody
can know beforehand, and nobody chooses the easy ones.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Final

from sqlite_utils.db import Database as Db

from db.base.clock import now_iso
from db.base.meta import put_value, value_of
from db.projection.face_state import project_face
from db.tables import audit
from pipeline.core.errors import UsageError
from pipeline.core.messages import message

DEFAULT_SHARE: Final = 0.1
LARGEST_SHARE: Final = 1.0
"""Of the faces, as DEFAULT_SHARE."""
WANTED: Final = (2, 3)
"""How many people a face may be answered by."""
BY_SHARE: Final = "share"
"""`chosen_by` of a face that the setting chose."""
_KEY: Final = "second_opinions"
_UNANSWERED_SQL: Final = """
SELECT t.face_id FROM face_state t WHERE t.verdict IS NULL AND t.n_answers = 0
  AND NOT EXISTS (SELECT 1 FROM second_opinions o WHERE o.face_id = t.face_id) ORDER BY t.seq
"""
_OPEN_SQL: Final = """
SELECT t.face_id, t.n_answers FROM second_opinions o CROSS JOIN face_state t ON t.face_id = o.face_id
WHERE o.chosen_by = ? AND t.verdict IS NULL AND t.n_answers < o.wanted
"""
_COUNTS_SQL: Final = """
SELECT count(*), ifnull(sum(t.n_answers = 0 AND t.verdict IS NULL), 0), ifnull(sum(t.waiting = 'opinion'), 0)
FROM second_opinions o JOIN face_state t ON t.face_id = o.face_id
"""


@dataclass(frozen=True, slots=True)
class Setting:
    """share: of the faces, 0 to 1, 0: none. wanted: people a face. seed: another one chooses other faces."""

    share: float = 0.0
    wanted: int = WANTED[0]
    seed: int = 0

    def chooses(self, face_id: str) -> bool:
        """Whether the face is one of the share."""
        digest = hashlib.blake2b(f"{self.seed}:{face_id}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big") < self.share * 2**64


@dataclass(frozen=True, slots=True)
class OpinionCounts:
    """Faces with a second opinion: all, those that nobody has answered, those that some have and others are to."""

    chosen: int
    untouched: int
    open: int


def current(db: Db) -> Setting:
    """The workspace's setting; no second opinions until an owner wants some: one person alone is never kept waiting."""
    found = value_of(db, _KEY)
    return Setting() if found is None else Setting(**json.loads(found))


def set_share(db: Db, setting: Setting, by: str) -> int:
    """Make this the setting, and return how many faces it chooses now. Inside a write.

    Faces that were chosen by an earlier share and are not answered by all are given up first: what was answered counts.
    May `by` do so is the caller's question. Raises UsageError for a share or a number that is none.
    """
    if not 0 <= setting.share <= LARGEST_SHARE or setting.wanted not in WANTED:
        raise UsageError(message("opinions_setting", share=setting.share, wanted=setting.wanted))
    _give_up(db)
    put_value(db, _KEY, json.dumps(asdict(setting), sort_keys=True))
    chosen = 0
    if setting.share:
        chosen = _want(db, setting, (face_id for (face_id,) in db.execute(_UNANSWERED_SQL).fetchall()))
    audit.append(db, by, "second_opinions", {**asdict(setting), "chosen": chosen})
    return chosen


def choose_new(db: Db, face_id: str) -> None:
    """A face came in: is it one of the share? Inside a write; its state is there."""
    setting = current(db)
    if setting.share and setting.chooses(face_id):
        sql = "SELECT 1 FROM face_state WHERE face_id = ? AND verdict IS NULL AND n_answers = 0"
        if db.execute(sql, [face_id]).fetchone():
            _want(db, setting, [face_id])


def counts(db: Db) -> OpinionCounts:
    """How far the second opinions are."""
    return OpinionCounts(*db.execute(_COUNTS_SQL).fetchone())


def _want(db: Db, setting: Setting, face_ids: Iterable[str]) -> int:
    at = now_iso()
    rows = [(face_id, setting.wanted, BY_SHARE, at) for face_id in face_ids if setting.chooses(face_id)]
    sql = "INSERT INTO second_opinions (face_id, wanted, chosen_by, chosen_at) VALUES (?, ?, ?, ?)"
    db.conn.executemany(f"{sql} ON CONFLICT (face_id) DO NOTHING", rows)
    return len(rows)


def _give_up(db: Db) -> None:
    """All that are open; on a face that nobody answered nothing counts with or without, so it needs no look."""
    rows = db.execute(_OPEN_SQL, [BY_SHARE]).fetchall()
    db.conn.executemany("DELETE FROM second_opinions WHERE face_id = ?", [(face_id,) for face_id, _ in rows])
    for face_id, answers in rows:
        if answers:
            project_face(db, face_id)
