"""What a model learns from and what it suggests for: labels, landmarks in blocks, and whether one is due."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from sqlite_utils.db import Database as Db

from db.projection import suggestions
from db.projection.suggestions import BLOCK
from db.reads.groups import split_groups
from db.suggest import descriptors, meshes, models
from db.tables import suggesters
from db.tables.annotators import RULE_PREFIX
from db.tables.classes import list_classes

EVERY: Final = 25
"""New decisions after which a model is trained anew."""
MOST_LABELS: Final = 20_000
"""Labels that are learned from; of more, the newest: beyond them nothing is gained, but time lost."""
SHAPE: Final = (68, 2)

_LABELS_SQL: Final = f"""
SELECT t.seq, t.class_id, f.sha256, f.landmarks FROM face_state t JOIN faces f ON f.seq = t.seq
JOIN classes c ON c.id = t.class_id JOIN decisions d ON d.uuid = t.decision_uuid
WHERE t.verdict = 'accept' AND c.archived = 0 AND substr(d.annotator, 1, {len(RULE_PREFIX)}) <> '{RULE_PREFIX}'
  AND (json_extract(d.context, '$.confirmed') IS NULL OR json_extract(d.context, '$.confirmed.in_batch'))
  AND json_extract(d.context, '$.off_screen') IS NULL
ORDER BY d.seq DESC LIMIT {MOST_LABELS}
"""
"""What was confirmed by the page is left out, or a model would learn from itself; not what was looked at in a batch.
What had not been on the screen is left out, too: nobody looked at it."""
_NEW_SQL: Final = f"""
SELECT count(*) FROM (SELECT 1 FROM decisions WHERE seq > ?
  AND substr(annotator, 1, {len(RULE_PREFIX)}) <> '{RULE_PREFIX}' LIMIT {EVERY})
"""
_HEAD_SQL: Final = "SELECT seq || ':' || hash FROM decisions ORDER BY seq DESC LIMIT 1"
_LANDMARKS_SQL: Final = "SELECT seq, landmarks FROM faces WHERE seq BETWEEN ? AND ? AND removed_at IS NULL"


@dataclass(frozen=True, slots=True)
class Labels:
    """What people decided, the newest first.

    seqs, classes (ids), groups: (n,) int64; landmarks: (n, 68, 2) float32, pixels of the upright photo; meshes: (n, 58)
    float32, looks: (n, 48) float32, rows of NaN where there is none. Faces of one group are of one photo, of near
    copies or of one video: what is learned from one is not tried on the others.
    """

    seqs: npt.NDArray[np.int64]
    classes: npt.NDArray[np.int64]
    groups: npt.NDArray[np.int64]
    landmarks: npt.NDArray[np.float32]
    meshes: npt.NDArray[np.float32]
    looks: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Learned:
    """What one training starts from, all of one moment. class_ids, names: of the classes that may be given, in the
    workspace's order. head: of the decision log, "" where it is empty. last: the largest seq of a face."""

    class_ids: tuple[int, ...]
    names: tuple[str, ...]
    labels: Labels
    head: str
    last: int


def read(db: Db) -> Learned:
    """Everything for a training. Reads each labelled face once."""
    classes = list_classes(db)
    head = db.execute(_HEAD_SQL).fetchone()
    (last,) = db.execute("SELECT ifnull(max(seq), 0) FROM faces").fetchone()
    return Learned(
        tuple(one.id for one in classes), tuple(one.name for one in classes), labels(db), head[0] if head else "", last
    )


def labels(db: Db) -> Labels:
    rows = db.execute(_LABELS_SQL).fetchall()
    joined = split_groups(db)
    numbers: dict[str, int] = {}
    groups = [numbers.setdefault(joined.get(sha, sha), len(numbers)) for _, _, sha, _ in rows]
    return Labels(
        np.array([row[0] for row in rows], np.int64),
        np.array([row[1] for row in rows], np.int64),
        np.array(groups, np.int64),
        unpack([row[3] for row in rows]),
        meshes.of_faces(db, [row[0] for row in rows]),
        descriptors.of_faces(db, [row[0] for row in rows]),
    )


def landmarks_of_block(db: Db, block: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """(n,) seqs and (n, 68, 2) landmarks of a block's faces."""
    rows = db.execute(_LANDMARKS_SQL, [block * BLOCK, (block + 1) * BLOCK - 1]).fetchall()
    return np.array([seq for seq, _ in rows], np.int64), unpack([data for _, data in rows])


def unpack(stored: list[bytes]) -> npt.NDArray[np.float32]:
    """(n, 68, 2) landmarks of n blobs."""
    return np.frombuffer(b"".join(stored), "<f4").reshape(-1, *SHAPE)


def is_due(db: Db) -> bool:
    """Whether our suggester should be trained: EVERY new decisions, faces without suggestions, other classes, or a
    training that was killed. Two or three look-ups by an index; False where suggestions are switched off."""
    if not suggesters.are_on(db):
        return False
    model = suggestions.newest(db, suggesters.OURS)
    if model is None:
        return db.execute("SELECT 1 FROM faces LIMIT 1").fetchone() is not None
    if is_pending(db) or models.is_unfinished(db, suggesters.OURS):
        return True
    if model.classes != tuple(one.id for one in list_classes(db)):
        return True
    return new_decisions(db, model.model_id) >= EVERY


def is_pending(db: Db) -> bool:
    """Whether faces wait for their first suggestion, or for another one."""
    return db.execute("SELECT 1 FROM suggestion_pending LIMIT 1").fetchone() is not None


def new_decisions(db: Db, model_id: int) -> int:
    """Decisions of people since the model's, counted up to EVERY."""
    (head,) = db.execute("SELECT head FROM suggestion_models WHERE id = ?", [model_id]).fetchone()
    return int(db.execute(_NEW_SQL, [int(head.partition(":")[0] or 0)]).fetchone()[0])


def forget_new(db: Db, most: int) -> bool:
    """A version was begun that will suggest for all faces that are there: at most `most` of those that wait for their
    first suggestion wait no more. True while there may be more. Inside a write."""
    sql = "DELETE FROM suggestion_pending WHERE seq IN (SELECT seq FROM suggestion_pending WHERE changed = 0 LIMIT ?)"
    return db.execute(sql, [most]).rowcount == most


def changed(db: Db) -> list[int]:
    """The seqs of the faces whose landmarks or crop changed since they got a suggestion."""
    return [seq for (seq,) in db.execute("SELECT seq FROM suggestion_pending WHERE changed = 1")]


def settle_changed(db: Db, read_then: dict[int, bytes]) -> None:
    """Of changed faces, with the landmarks that the version now in force saw (b"": none, it was not listed): those that
    are the same still wait no more. Inside a write."""
    for seq, seen in read_then.items():
        db.execute(
            "DELETE FROM suggestion_pending WHERE seq = ?1 AND NOT EXISTS ("
            "SELECT 1 FROM faces WHERE seq = ?1 AND landmarks <> ?2 AND removed_at IS NULL)",
            [seq, seen],
        )
