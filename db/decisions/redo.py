"""Finds the undo that a redo reverses. Only the log is read: a redone decision's UUID derives from the original's."""

from __future__ import annotations

import json
import uuid
from typing import Any

from sqlite_utils.db import Database as Db


def uuid_of(step: str, old: str) -> str:
    """The UUID of the decision that repeats the decision `old` in the redo `step` (both UUIDs)."""
    return str(uuid.uuid5(uuid.UUID(step), old))


def undone_by(db: Db, annotator: str, undo: str) -> list[tuple[Any, ...]]:
    """(uuid, face id, sha256, verdict, class, reason, kind, unseen, alike, context) of each decision that an undo took
    back, oldest first; unseen: as in the log, None where that decision was taken back meanwhile; alike: 1 where it was
    made alike without having seen another; context: as in `DecideOp`, what was confirmed, or not on the screen,
    stays so."""
    sql = """
    SELECT d.uuid, d.face_id, d.sha256, d.verdict, d.class_id, d.reason, d.kind,
           iif(EXISTS (SELECT 1 FROM decisions x WHERE x.undoes = d.unseen), NULL, d.unseen),
           ifnull(json_extract(d.context, '$.unseen'), 0), json_extract(d.context, '$.confirmed'),
           json_extract(d.context, '$.off_screen')
    FROM decisions u JOIN decisions d ON d.uuid = u.undoes WHERE u.annotator = ? AND u.step = ? ORDER BY u.seq
    """
    return [(*row, _said(confirmed, off_screen)) for *row, confirmed, off_screen in db.execute(sql, [annotator, undo])]


def _said(confirmed: str | None, off_screen: int | None) -> dict[str, Any] | None:
    """The context that is said anew."""
    said = {"confirmed": json.loads(confirmed)} if confirmed else {}
    return {**said, **({"off_screen": True} if off_screen else {})} or None


def undo_to_redo(db: Db, annotator: str) -> str | None:
    """The step of the annotator's newest undo that was neither redone nor given up; None if the annotator decided
    anything since."""
    answered, last = 0, None
    sql = "SELECT verdict, step, uuid, face_id FROM decisions WHERE annotator = ? ORDER BY seq DESC"
    for verdict, step, key, face_id in db.execute(sql, [annotator]):
        is_undo = verdict == "undo"
        if (is_undo, step) == last:
            continue  # another row of the same step
        last = (is_undo, step)
        if is_undo and _is_given_up(db, step):
            continue
        if is_undo and not answered:
            return str(step)
        if not is_undo and not _is_redo(db, annotator, key, step, face_id):
            return None
        answered += -1 if is_undo else 1
    return None


def took_nothing(db: Db, undo: str) -> bool:
    """Whether the undo with this UUID found nothing to take back."""
    return db.execute("SELECT 1 FROM empty_undos WHERE uuid = ?", [undo]).fetchone() is not None


def give_up(db: Db, annotator: str, undo: str, at: str) -> None:
    """Note that an undo cannot be redone (its faces are erased, its class is archived), so that
    the next redo tries the undo before it. Inside a write."""
    sql = "INSERT INTO empty_undos (uuid, annotator, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
    db.execute(sql, [_given_up_key(undo), annotator, at])


def overtaken(db: Db, annotator: str, undo: str, face_id: str) -> bool:
    """Whether the decision that counts on a face is another annotator's and later than the undo."""
    sql = """
    SELECT 1 FROM face_state s JOIN decisions d ON d.uuid = s.decision_uuid
    WHERE s.face_id = ? AND d.annotator <> ?
    AND d.seq > (SELECT max(seq) FROM decisions WHERE annotator = ? AND step = ?)
    """
    return db.execute(sql, [face_id, annotator, annotator, undo]).fetchone() is not None


def _is_redo(db: Db, annotator: str, key: str, step: str, face_id: str) -> bool:
    """Whether this decision is an earlier one made anew."""
    try:
        uuid.UUID(step)
    except ValueError:  # a step may have any name
        return False
    # the plus: by the face's decisions, not by all of the person's
    sql = """
    SELECT d.uuid FROM decisions d WHERE d.face_id = ? AND +d.annotator = ?
    AND EXISTS (SELECT 1 FROM decisions u WHERE u.undoes = d.uuid) ORDER BY d.seq DESC
    """
    return any(uuid_of(step, old) == key for (old,) in db.execute(sql, [face_id, annotator]))


def _is_given_up(db: Db, undo: str) -> bool:
    return took_nothing(db, _given_up_key(undo))


def _given_up_key(undo: str) -> str:
    """What stands in `empty_undos` for an undo whose redo was given up."""
    return uuid_of(undo, "given up")
