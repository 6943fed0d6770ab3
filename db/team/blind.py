"""What one person may see of answers and suggestions: the one door for routes, pages, exports and command line.

Two kinds of faces are blind for a person. One that wants several opinions, until as many people have answered: nobody
sees another's answer. And a gold face that was given to them as if it were undecided, until they have answered: they
do not see what counts. On both no suggestion is told. One's own answers are always told.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from sqlite_utils.db import Database as Db

from db.decisions.ops import FaceState, OpResult, face_states
from db.projection import columns, suggestions
from db.projection.columns import Column, Faces
from db.reads.face_counts import count_states
from db.reads.review import ReviewItem
from db.tables.consensus_rules import OPINION_OPEN
from db.tables.settings import suggestions_hidden
from db.team.notes import Thread
from pipeline.core.metrics import MISSING

_GOLD: Final = """
EXISTS (SELECT 1 FROM gold_served g WHERE g.face_id = t.face_id AND g.annotator = :who)
  AND NOT EXISTS (SELECT 1 FROM answers a WHERE a.face_id = t.face_id AND a.annotator = :who)
"""
_OPINION: Final = """
t.verdict IS NULL AND t.n_answers < (SELECT o.wanted FROM second_opinions o WHERE o.face_id = t.face_id)
"""
_OF_FACES_SQL: Final = f"""
SELECT t.face_id, ifnull({_OPINION}, 0), {_GOLD} FROM json_each(:faces) j CROSS JOIN face_state t ON t.face_id = j.value
"""
_OPEN_SQL: Final = f"""
SELECT t.seq FROM face_state t WHERE {OPINION_OPEN}
  AND NOT EXISTS (SELECT 1 FROM answers a WHERE a.face_id = t.face_id AND a.annotator = ?)
"""
_GOLD_SEQS_SQL: Final = f"""
SELECT t.seq FROM gold_served s JOIN face_state t ON t.face_id = s.face_id WHERE s.annotator = :who AND {_GOLD}
"""

_BESIDE_GOLD: Final = """
NOT EXISTS (SELECT 1 FROM answers a WHERE a.face_id = c.face_id AND a.annotator = c.annotator)
  AND c.batch IN (SELECT b.batch FROM claims b JOIN gold_served s ON s.face_id = b.face_id AND s.annotator = b.annotator
    WHERE b.annotator = :who)
"""
_BESIDE_GOLD_SQL: Final = f"""
SELECT c.face_id FROM json_each(:faces) j CROSS JOIN claims c ON c.face_id = j.value AND c.annotator = :who
WHERE {_BESIDE_GOLD}
"""
_BESIDE_GOLD_SEQS_SQL: Final = f"""
SELECT t.seq FROM claims c JOIN face_state t ON t.face_id = c.face_id WHERE c.annotator = :who AND {_BESIDE_GOLD}
"""
_SOME_SQL: Final = """
SELECT 1 WHERE EXISTS (SELECT 1 FROM second_opinions) OR EXISTS (SELECT 1 FROM gold_served WHERE annotator = ?)
"""

_HIDING: Final = {
    "state": columns.UNDECIDED, "waiting": MISSING, "annotator": MISSING, "decided": MISSING, "disagreement": 0,
    "proposal": MISSING, "source": MISSING, "suggested": MISSING, "confidence": MISSING, "margin": MISSING,
}  # fmt: skip
"""What the columns that tell of answers and suggestions hold where nothing may be told."""
_SUGGESTING: Final = frozenset({"proposal", "source", *suggestions.NAMES})
"""Those that tell of suggestions (a search or a folder may be called like a class): on a face that wants opinions they
are told once enough people have answered, and on a face of a batch with gold in it once it is answered."""
_TELLING: Final = ("verdict", "class_id", "reason", "annotator", "at", "decision")
_PLACES: Final = ("name", "folder", "location")


@dataclass(frozen=True, slots=True)
class Blind:
    """opinions: faces whose answers by others are not told yet. gold: faces of which nothing is told yet."""

    opinions: frozenset[str]
    gold: frozenset[str]

    def __contains__(self, face_id: object) -> bool:
        return face_id in self.opinions or face_id in self.gold


class VisibleFaces(Faces):
    """The columns as one person sees them: undecided is also what others alone have answered blindly, and gold."""

    def __init__(self, db: Db, annotator: str) -> None:
        super().__init__(db)
        self._open = np.array([seq for (seq,) in db.execute(_OPEN_SQL, [annotator])], np.intp)
        self._gold = np.array([seq for (seq,) in db.execute(_GOLD_SEQS_SQL, {"who": annotator})], np.intp)
        self._beside = np.array([seq for (seq,) in db.execute(_BESIDE_GOLD_SEQS_SQL, {"who": annotator})], np.intp)
        self._seen: dict[str, Column] = {}
        self._hides_suggestions = suggestions_hidden(db)

    def column(self, name: str) -> Column:
        found = super().column(name)
        if name not in _HIDING:
            return found
        if name not in self._seen:
            values = found.copy()
            values[self._gold] = _HIDING[name]
            if name in _SUGGESTING:
                values[self._without_suggestion(name)] = MISSING
            else:
                values[self._open] = _HIDING[name]
            values.flags.writeable = False
            self._seen[name] = values
        return self._seen[name]

    def class_probability(self, class_id: int) -> Column:
        values = super().class_probability(class_id)
        values[self._gold] = MISSING
        values[self._without_suggestion("suggested")] = MISSING
        return values

    def _without_suggestion(self, name: str) -> npt.NDArray[np.bool_]:
        """Where this column of suggestions tells nothing, but for gold."""
        found = self._wanting_opinions()
        found[self._beside] = True
        if self._hides_suggestions and name in suggestions.NAMES:
            found |= self.column("state") == columns.UNDECIDED
        return found

    def _wanting_opinions(self) -> npt.NDArray[np.bool_]:
        waiting = super().column("waiting")
        found: npt.NDArray[np.bool_] = super().column("wanted") != MISSING
        untouched = super().column("state") == columns.UNDECIDED
        found &= untouched | (waiting == columns.WAITING["opinion"])
        return found


def hides_something(db: Db, annotator: str) -> bool:
    """Whether any face may look otherwise to this person than it is: VisibleFaces cost twice what Faces do."""
    return _is_tried(db, annotator) or suggestions_hidden(db)


def undecided_for(db: Db, annotator: str) -> int:
    """How many listed faces are undecided as this person sees them: what Review lists for them as undecided."""
    if not _is_tried(db, annotator):
        return count_states(db).get(columns.UNDECIDED, 0)
    return int(np.count_nonzero(VisibleFaces(db, annotator).column("state") == columns.UNDECIDED))


def blind_for(db: Db, annotator: str, face_ids: Sequence[str]) -> Blind:
    """Which of these faces are blind for this person."""
    rows = db.execute(_OF_FACES_SQL, {"who": annotator, "faces": json.dumps(list(face_ids))}).fetchall()
    return Blind(frozenset(row[0] for row in rows if row[1]), frozenset(row[0] for row in rows if row[2]))


def veiled_for(db: Db, annotator: str, face_ids: Sequence[str]) -> frozenset[str]:
    """Of these faces those on which this person is told nothing that suggests an answer: no suggestion, and no folder,
    search or file's name, which may be called like a class.

    Those that are blind for them; what nobody decided, where the workspace hides suggestions; and of a batch with gold
    in it every face that they have not answered: gold would stand out as the one without.
    """
    found = set(tried_on(db, annotator, face_ids))
    if suggestions_hidden(db):
        found.update(one.face_id for one in visible_states(db, annotator, face_ids) if one.verdict is None)
    return frozenset(found)


def tried_on(db: Db, annotator: str, face_ids: Sequence[str]) -> frozenset[str]:
    """Of these faces those that are blind for this person, and what they have not answered of a batch with gold."""
    blind = blind_for(db, annotator, face_ids)
    params = {"who": annotator, "faces": json.dumps(list(face_ids))}
    beside = {face_id for (face_id,) in db.execute(_BESIDE_GOLD_SQL, params)}
    return blind.opinions | blind.gold | beside


def visible_states(db: Db, annotator: str, face_ids: Sequence[str]) -> tuple[FaceState, ...]:
    """The present states of these faces as this person may see them; unknown faces are left out."""
    blind = blind_for(db, annotator, face_ids)
    return tuple(
        one if one.face_id not in blind or (one.annotator == annotator and one.waiting) else FaceState(one.face_id)
        for one in face_states(db, face_ids, annotator)
    )


def visible_items(db: Db, annotator: str, items: Sequence[ReviewItem]) -> tuple[ReviewItem, ...]:
    """Cards as this person may see them: their own answer where nothing counts yet, nothing that suggests one where
    `veiled_for` says so."""
    ids = [item.face_id for item in items]
    veiled = veiled_for(db, annotator, ids)
    states = {state.face_id: state for state in visible_states(db, annotator, ids)}
    return tuple(
        replace(
            item,
            proposal=None if item.face_id in veiled else item.proposal,
            suggestion=None if item.face_id in veiled else item.suggestion,
            verdict=state.verdict,
            class_id=state.class_id,
            reason=state.reason,
            annotator=state.annotator,
            decision=state.decision,
        )
        for item in items
        if (state := states.get(item.face_id)) is not None
    )


def visible_history(
    db: Db, annotator: str, face_id: str, history: Sequence[dict[str, Any]]
) -> tuple[dict[str, Any], ...]:
    """Of the decisions on a face (each with its "annotator") those that this person may see."""
    blind = face_id in blind_for(db, annotator, [face_id])
    return tuple(entry for entry in history if not blind or entry["annotator"] == annotator)


def visible_thread(db: Db, annotator: str, face_id: str, thread: Thread) -> Thread:
    """Of the notes on a face those that this person may see: "surely a smile" is an answer, too."""
    if face_id not in blind_for(db, annotator, [face_id]):
        return thread
    return replace(thread, notes=tuple(note for note in thread.notes if note.annotator == annotator))


def visible_results(db: Db, annotator: str, results: Sequence[OpResult]) -> list[OpResult]:
    """What became of this person's ops, without what is blind for them still: an undo may lead back to that."""
    if not _was_given_gold(db, annotator):
        return list(results)
    gold = blind_for(db, annotator, [face.face_id for one in results for face in one.faces]).gold
    return [
        replace(one, faces=tuple(FaceState(f.face_id) if f.face_id in gold else f for f in one.faces))
        for one in results
    ]


def without_blind(db: Db, annotator: str, told: Any) -> Any:
    """What JSON tells of faces, without what this person may not see: for pages and routes that show many things.

    A face is an object with `verdict` and its id as `id` or `face_id`, however deep; a photo one with `faces` and
    where it lies, which is "" where one of the faces is to be answered without a hint. Nothing is changed in place.
    """
    if not _is_tried(db, annotator):
        return told
    faces = sorted(_faces_in(told))
    gold = blind_for(db, annotator, faces).gold  # an open second opinion has no verdict by itself
    return _blanked(told, gold, tried_on(db, annotator, faces))


def _was_given_gold(db: Db, annotator: str) -> bool:
    return db.execute("SELECT 1 FROM gold_served WHERE annotator = ? LIMIT 1", [annotator]).fetchone() is not None


def _is_tried(db: Db, annotator: str) -> bool:
    return db.execute(_SOME_SQL, [annotator]).fetchone() is not None


def _id_of(one: Mapping[str, Any]) -> str:
    return str(one.get("face_id") or one.get("id") or "") if "verdict" in one else ""


def _faces_in(told: Any) -> set[str]:
    if isinstance(told, Mapping):
        return {_id_of(told)}.union(*map(_faces_in, told.values())) - {""}
    return set().union(*map(_faces_in, told)) if isinstance(told, list | tuple) else set()


def _blanked(told: Any, gold: frozenset[str], tried: frozenset[str]) -> Any:
    if isinstance(told, Mapping):
        hidden: set[str] = set(_TELLING) if _id_of(told) in gold else set()
        values = {name: None if name in hidden else _blanked(value, gold, tried) for name, value in told.items()}
        if "faces" in told and not tried.isdisjoint(_faces_in(told["faces"])):
            values |= {name: "" for name in _PLACES if name in told}
        return values
    return [_blanked(one, gold, tried) for one in told] if isinstance(told, list | tuple) else told
