"""Labels that are probably slips: what they are found from, the queue that a person goes through, and what was kept."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from sqlite_utils.db import Database as Db

from db.base.clock import now_iso
from db.duplicates.conflicts import conflicts
from db.suggest.training import unpack
from db.tables.annotators import RULE_PREFIX, ensure_annotator
from db.team.blind import blind_for
from pipeline.core.errors import DecisionError
from pipeline.core.messages import message

MOST_OTHERS: Final = 20_000
"""Labels that were not learned from and are looked through all the same."""
EXAMPLES: Final = 3
"""Crops that are shown of a class."""
_LABELLED_SQL: Final = """
SELECT t.seq, t.face_id, t.class_id,
  EXISTS (SELECT 1 FROM kept_labels k WHERE k.face_id = t.face_id AND k.class_id = t.class_id)
FROM face_state t
WHERE t.verdict = 'accept' AND t.adjudicated = 0 AND NOT EXISTS (SELECT 1 FROM gold g WHERE g.face_id = t.face_id)
ORDER BY t.seq
"""
_ANSWERS_SQL: Final = f"""
SELECT a.face_id, a.class_id, count(*) FROM answers a JOIN face_state t ON t.face_id = a.face_id
WHERE t.verdict = 'accept' AND t.n_answers > 1 AND a.verdict = 'accept'
  AND substr(a.annotator, 1, {len(RULE_PREFIX)}) <> '{RULE_PREFIX}'
GROUP BY a.face_id, a.class_id
"""
_OTHERS_SQL: Final = """
SELECT f.seq, f.landmarks FROM face_state t JOIN faces f ON f.seq = t.seq
WHERE t.verdict = 'accept' AND f.seq NOT IN (SELECT value FROM json_each(?)) ORDER BY t.at DESC, f.seq DESC LIMIT ?
"""
_OPEN: Final = """
possible_slips p CROSS JOIN face_state t ON t.face_id = p.face_id
WHERE t.verdict = 'accept' AND t.class_id = p.class_id AND t.adjudicated = 0
  AND NOT EXISTS (SELECT 1 FROM gold g WHERE g.face_id = p.face_id)
  AND NOT EXISTS (SELECT 1 FROM kept_labels k WHERE k.face_id = p.face_id AND k.class_id = p.class_id)
"""
"""A slip that was changed, settled, made gold or kept since it was found is none any more."""
_QUEUE_SQL: Final = f"SELECT p.face_id, p.place FROM {_OPEN} ORDER BY p.place"
_ITEM_SQL: Final = """
SELECT p.face_id, f.sha256, f.crop_version, p.place, t.decision_uuid, p.class_id, p.suggested,
  p.probability, p.suggested_probability, p.others,
  f.x1, f.y1, f.x2, f.y2, i.width, i.height
FROM json_each(?) j CROSS JOIN possible_slips p ON p.face_id = j.value
CROSS JOIN face_state t ON t.face_id = p.face_id CROSS JOIN faces f ON f.id = p.face_id
CROSS JOIN images i ON i.sha256 = f.sha256 ORDER BY p.place
"""
_EXAMPLES_SQL: Final = """
SELECT e.face_id, e.class_id, e.example, f.crop_version FROM json_each(?) j
CROSS JOIN slip_examples e ON e.face_id = j.value CROSS JOIN face_state t ON t.face_id = e.example
CROSS JOIN faces f ON f.id = e.example
WHERE t.verdict = 'accept' AND t.class_id = e.class_id AND f.removed_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM gold g WHERE g.face_id = e.example) ORDER BY e.face_id, e.class_id, e.place
"""


@dataclass(frozen=True, slots=True)
class Labelled:
    """An accepted face that may hold a slip. witnesses: how many others say which class of it, by class id: people
    beside the one whose answer counts, and near copies of the photo that carry another label. kept: somebody looked at
    this label and kept it."""

    seq: int
    face_id: str
    class_id: int
    witnesses: Mapping[int, int]
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Slip:
    """A label that is probably a slip. probability, suggested_probability: of the label and of the other class, 0 to 1.

    others: witnesses that say otherwise. examples: by class id the faces that look most like it, the nearest first."""

    face_id: str
    class_id: int
    suggested: int
    probability: float
    suggested_probability: float
    others: int
    examples: Mapping[int, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Example:
    face_id: str
    crop_version: str


@dataclass(frozen=True, slots=True)
class QueuedSlip:
    """A slip as it is shown. decision: the UUID of what counts. box: x1, y1, x2, y2, and size: width, height of its
    photo, in upright original pixels. The rest as in `Slip`; of each class at most EXAMPLES."""

    face_id: str
    sha256: str
    crop_version: str
    place: int
    decision: str
    class_id: int
    suggested: int
    probability: float
    suggested_probability: float
    others: int
    box: tuple[float, float, float, float]
    size: tuple[int, int]
    examples: Mapping[int, Sequence[Example]]


@dataclass(frozen=True, slots=True)
class SlipBatch:
    """Some of the queue, the most probable slip first; left: how many this person has before them in all."""

    items: tuple[QueuedSlip, ...]
    left: int


def labelled(db: Db) -> list[Labelled]:
    """Every face whose label may be a slip, by seq: accepted, neither gold nor adjudicated."""
    witnesses: dict[str, dict[int, int]] = {}
    for face_id, class_id, count in db.execute(_ANSWERS_SQL):
        witnesses.setdefault(face_id, {})[class_id] = count
    rows = db.execute(_LABELLED_SQL).fetchall()
    for _, face_id, class_id, _ in rows:
        if witnesses.get(face_id, {}).get(class_id):
            witnesses[face_id][class_id] -= 1  # the label itself is no witness
    for pair in conflicts(db):
        for one, other in ((pair.one, pair.other), (pair.other, pair.one)):
            said = witnesses.setdefault(one.face_id, {})
            said[other.class_id] = said.get(other.class_id, 0) + 1
    return [
        Labelled(seq, face_id, class_id, witnesses.get(face_id, {}), bool(kept))
        for seq, face_id, class_id, kept in rows
    ]


def landmarks_of_others(db: Db, learned: Sequence[int]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """The labelled faces that a training did not learn from: (n,) seqs and (n, 68, 2) landmarks.

    learned: the seqs that it did. What a page confirmed unseen is among the others, and the oldest of very many labels;
    at most MOST_OTHERS, the newest first.
    """
    rows = db.execute(_OTHERS_SQL, [json.dumps(list(learned)), MOST_OTHERS]).fetchall()
    return np.array([seq for seq, _ in rows], np.int64), unpack([data for _, data in rows])


def put_slips(db: Db, found: Sequence[Slip], first: int, at: str) -> None:
    """Write some of the slips of one training, over what an earlier one said of these faces. Inside a write.

    first: the place of the first of them. at: when they were found, the same for all. Faces that are gone meanwhile are
    left out.
    """
    known = "SELECT 1 FROM faces WHERE id = ?1 AND removed_at IS NULL"
    for place, one in enumerate(found, start=first):
        db.execute("DELETE FROM possible_slips WHERE face_id = ?", [one.face_id])
        values = [one.face_id, place, one.class_id, one.suggested]
        values += [one.probability, one.suggested_probability, one.others, at]
        sql = f"INSERT INTO possible_slips SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 WHERE EXISTS ({known})"
        if not db.execute(sql, values).rowcount:
            continue
        for class_id, faces in one.examples.items():
            for near, example in enumerate(faces):
                sql = f"INSERT INTO slip_examples SELECT ?2, ?3, ?4, ?1 WHERE EXISTS ({known})"
                db.execute(sql, [example, one.face_id, class_id, near])


def forget_older(db: Db, at: str) -> None:
    """Delete what trainings before that of `at` found. Inside a write."""
    db.execute("DELETE FROM possible_slips WHERE found_at <> ?", [at])


def batch(db: Db, who: str, size: int, after: int = -1) -> SlipBatch:
    """At most `size` of the open ones behind the place `after`; from the beginning where none is left behind it.

    Without faces that are blind for this person, and of examples neither: their labels are answers, too.
    """
    queue = db.execute(_QUEUE_SQL).fetchall()
    hidden = blind_for(db, who, [face_id for face_id, _ in queue])
    seen = [(face_id, place) for face_id, place in queue if face_id not in hidden]
    behind = [face_id for face_id, place in seen if place > after]
    chosen = json.dumps((behind or [face_id for face_id, _ in seen])[:size])
    examples = _examples(db, who, chosen)
    items = tuple(_queued(row, examples.get(row[0], {})) for row in db.execute(_ITEM_SQL, [chosen]))
    return SlipBatch(items, len(seen))


def _queued(row: tuple[Any, ...], examples: Mapping[int, Sequence[Example]]) -> QueuedSlip:
    face_id, sha256, version, place, decision, class_id, suggested, own, other, others, *rest = row
    x1, y1, x2, y2, width, height = rest
    box, size = (x1, y1, x2, y2), (width, height)
    return QueuedSlip(
        face_id, sha256, version, place, decision, class_id, suggested, own, other, others, box, size, examples
    )


def found_at(db: Db) -> str | None:
    """When the queue was written, UTC ISO 8601; None where it is empty."""
    found: str | None = db.execute("SELECT max(found_at) FROM possible_slips").fetchone()[0]
    return found


def keep(db: Db, annotator: str, face_id: str, class_id: int) -> None:
    """Note that somebody looked at this label and keeps it. Inside a write; may they do so is the caller's question.

    Raises DecisionError where the face does not carry that label, or is blind for this person.
    """
    row = db.execute("SELECT verdict, class_id FROM face_state WHERE face_id = ?", [face_id]).fetchone()
    if row is None or tuple(row) != ("accept", class_id) or face_id in blind_for(db, annotator, [face_id]):
        raise DecisionError(message("slip_label_changed"))
    name = ensure_annotator(db, annotator)
    db.execute("INSERT OR REPLACE INTO kept_labels VALUES (?, ?, ?, ?)", [face_id, class_id, name, now_iso()])


def take_back(db: Db, annotator: str, face_id: str) -> None:
    """Doubt a label again that this person kept; somebody else's stays. Inside a write."""
    db.execute("DELETE FROM kept_labels WHERE face_id = ? AND annotator = ?", [face_id, annotator])


def _examples(db: Db, who: str, chosen: str) -> dict[str, dict[int, list[Example]]]:
    rows = db.execute(_EXAMPLES_SQL, [chosen]).fetchall()
    hidden = blind_for(db, who, sorted({example for _, _, example, _ in rows}))
    found: dict[str, dict[int, list[Example]]] = {}
    for face_id, class_id, example, version in rows:
        shown = found.setdefault(face_id, {}).setdefault(class_id, [])
        if example not in hidden and len(shown) < EXAMPLES:
            shown.append(Example(example, version))
    return found
