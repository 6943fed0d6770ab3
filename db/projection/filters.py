"""Which faces pass a filter, and in which order; computed on the columns of `db.projection.columns`."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from db.base import paging
from db.people.persons import FACES_SQL
from db.projection import columns, looks, selections, suggestion_orders
from db.projection.answer_pair import AnswerPair, with_answers
from db.projection.columns import Column, Faces
from pipeline.core.errors import UsageError
from pipeline.core.geometry import LANDMARK_MODELS
from pipeline.core.messages import message
from pipeline.core.metrics import BY_LANDMARKS, BY_NAME, MISSING

DOUBTFUL: Final = "doubtful"
"""The order that shows probably misplaced mouths first."""
LIKE: Final = "like:"
"""Prefix of the order that shows mouths similar to a face's first; the face id follows it."""
OUTCOMES: Final = {"added": columns.FOUND, "no_face": columns.DRAWN, "already_present": columns.HAS_COPIES}
NOTES: Final = {
    "open": "SELECT f.seq FROM notes n JOIN faces f ON f.id = n.face_id"
    " WHERE n.face_id NOT IN (SELECT face_id FROM resolved_notes)",
    "resolved": "SELECT f.seq FROM resolved_notes r JOIN faces f ON f.id = r.face_id",
}
"""What people wrote on faces, by whether it is settled: SQL for the seqs."""
_STATES: Final = {
    "undecided": columns.UNDECIDED, "waiting": columns.ANSWERED, "rejected": columns.REJECTED, "unsure": columns.UNSURE,
}  # fmt: skip
_WAITING: Final = {f"waiting:{why}": number for why, number in columns.WAITING.items()}
_FUZZ: Final = 1e-6
"""An end such as 0.29 lies beside its stored 290 by less than this."""
_FARTHEST: Final = 2.0**30

Mask = npt.NDArray[np.bool_]
Ranges = tuple[tuple[str, float | None, float | None], ...]
"""(name of a metric, low, high) in the metric's unit, ends included, None is open."""


@dataclass(frozen=True, slots=True)
class ReviewFilter:
    """Which faces, in which order.

    state: undecided (nobody answered), waiting (people did, nothing counts yet), `waiting:<why>` (`columns.WAITING`),
    accepted, rejected, unsure, all or `class:<id>` (accepted with that class). proposal: a class id that the image's
    folder proposes. order: import (as they came), proposal (grouped by proposed class, none last), a metric's name
    (least first), the same behind "-" (most first), both with the missing ones last, doubtful (probably misplaced
    mouths first), `like:<face id>` (mouths of a similar shape first), `looks:<face id>` (mouths that look like it
    first) or one of `db.projection.suggestion_orders`.
    ranges: a metric that is missing passes none. outside: the faces that fall out of at least one range instead, by a
    metric that is there.

    outcome: what became of the photo: added (a detector found the face), no_face (it found none there: a person drew
    it) or already_present (another file has the same bytes). annotator: who made the decision that counts.
    decided_from, decided_to: when it was made, minutes since 1970 (UTC), the second one not included. disagreement:
    two people's own newest standing decisions on the face differ in verdict or class. licence: that of the first web
    page of the photo that names one, or UNKNOWN. notes: faces with notes, `open` or `resolved`. pair: what two people
    answered, see `db.projection.answer_pair`. suggested: the class that is suggested; confidence: low and high end of
    how probable it is, 0 to 1. landmarks: the model that placed them. selection: the id of a set of faces, see
    `db.projection.selections`. person: the id of the one whose face it is.
    """

    state: str = "undecided"
    source_id: int | None = None
    proposal: int | None = None
    order: str = "import"
    ranges: Ranges = ()
    outside: bool = False
    outcome: str | None = None
    annotator: str | None = None
    decided_from: int | None = None
    decided_to: int | None = None
    disagreement: bool = False
    licence: str | None = None
    notes: str | None = None
    pair: AnswerPair | None = None
    suggested: int | None = None
    confidence: suggestion_orders.Confidence | None = None
    landmarks: str | None = None
    selection: int | None = None
    person: int | None = None


def matching(faces: Faces, flt: ReviewFilter) -> npt.NDArray[np.intp]:
    """The seqs of the faces that pass, ascending. Raises UsageError for a bad filter."""
    return np.flatnonzero(all_of(masks(faces, flt).values()))


def masks(faces: Faces, flt: ReviewFilter) -> dict[str, Mask]:
    """For each condition that is set, by name, which faces pass it (bool by seq); `state` is always there. Raises
    UsageError for a bad filter."""
    return {"state": in_state(faces, flt.state)} | conditions(faces, flt)


def conditions(faces: Faces, flt: ReviewFilter) -> dict[str, Mask]:
    """The same but for `state`. Raises UsageError for a bad filter."""
    found: dict[str, Mask] = {}
    if flt.source_id is not None:
        found["source"] = faces.column("source") == flt.source_id
    if flt.proposal is not None:
        found["proposal"] = faces.column("proposal") == flt.proposal
    if flt.ranges:
        found["ranges"] = _falling_out(faces, flt.ranges) if flt.outside else _within(faces, flt.ranges)
    if flt.outcome is not None:
        if flt.outcome not in OUTCOMES:
            raise UsageError(message("filter_outcome", outcome=flt.outcome, names=tuple(OUTCOMES)))
        outcome = faces.column("outcome")
        found["outcome"] = (outcome & OUTCOMES[flt.outcome] != 0) & (outcome != MISSING)
    if flt.annotator is not None:
        found["annotator"] = faces.column("annotator") == faces.annotators().get(flt.annotator, columns.ABSENT)
    if flt.decided_from is not None or flt.decided_to is not None:
        found["decided"] = _decided(faces.column("decided"), flt.decided_from, flt.decided_to)
    if flt.disagreement:
        found["disagreement"] = faces.column("disagreement") == 1
    if flt.licence is not None:
        found["licence"] = faces.column("licence") == faces.licences().get(flt.licence, columns.ABSENT)
    if flt.landmarks is not None:
        found["landmarks"] = faces.column("landmarks") == _model_number(flt.landmarks)
    return found | _on_suggestions(faces, flt) | _on_few(faces, flt)


def _on_suggestions(faces: Faces, flt: ReviewFilter) -> dict[str, Mask]:
    found: dict[str, Mask] = {}
    if flt.suggested is not None:
        found["suggested"] = faces.column("suggested") == flt.suggested
    if flt.confidence is not None:
        found["confidence"] = suggestion_orders.within(faces, flt.confidence)
    return found


def _on_few(faces: Faces, flt: ReviewFilter) -> dict[str, Mask]:
    """The conditions that no column holds."""
    found: dict[str, Mask] = {}
    if flt.notes is not None:
        if flt.notes not in NOTES:
            raise UsageError(message("filter_notes", notes=flt.notes, names=tuple(NOTES)))
        found["notes"] = faces.where(NOTES[flt.notes])
    if flt.person is not None:
        found["person"] = faces.where(FACES_SQL, [flt.person])
    if flt.pair is not None:
        found["pair"] = with_answers(faces, flt.pair)
    if flt.selection is not None:
        found["selection"] = selections.mask(faces, flt.selection)
    return found


def all_of(conditions: Iterable[Mask]) -> Mask:
    """Where all of these conditions, at least one, are true; of one condition that mask itself."""
    found, *rest = conditions
    for number, mask in enumerate(rest):  # by pairs, in one new array: ufunc.reduce would copy all into another first
        found = np.logical_and(found, mask, out=found if number else None)
    return found


def _decided(minutes: Column, start: int | None, end: int | None) -> Mask:
    found: Mask = minutes != MISSING
    if start is not None:
        found &= minutes >= start
    if end is not None:
        found &= minutes < end
    return found


def _within(faces: Faces, ranges: Ranges) -> Mask:
    tests = [(faces.column(name), low, high) for name, low, high in stored_ends(ranges)]
    return all_of((values >= low) & (values <= high) for values, low, high in tests)


def _falling_out(faces: Faces, ranges: Ranges) -> Mask:
    tests = [(faces.column(name), low, high) for name, low, high in stored_ends(ranges)]
    found: Mask = np.logical_or.reduce(
        [(values != MISSING) & ((values < low) | (values > high)) for values, low, high in tests]
    )
    return found


def keys(faces: Faces, order: str, seqs: npt.NDArray[np.intp]) -> tuple[paging.Keys, bool]:
    """The sort keys for `paging.window`, and whether they have a rank. Raises UsageError for an unknown order."""
    rank = _rank(faces, order, seqs)
    return paging.make_keys(rank, seqs), rank is not None


def first(faces: Faces, order: str, within: Mask, size: int) -> tuple[int, ...]:
    """The first `size` seqs of a mask (bool by seq) in an order: `window` of their keys, sooner. Raises UsageError."""
    if order == "import":
        return tuple(paging.earliest(within, size).tolist())
    seqs = _likely_first(faces, order, within, size)
    rank = _rank(faces, order, seqs)
    return tuple((seqs[:size] if rank is None else seqs[paging.lowest(rank, size)]).tolist())


def _likely_first(faces: Faces, order: str, within: Mask, size: int) -> npt.NDArray[np.intp]:
    """Seqs, ascending, with the first `size` among them: of an order by a figure few, without a number for every face.

    As `paging.lowest` guesses: a sample says where they end, a count proves it.
    """
    name = order.removeprefix("-")
    if name in BY_NAME:
        sample = np.flatnonzero(within[:: paging.STEP]) * paging.STEP
        rank, guess = _rank(faces, order, sample), paging.guessed(size)
        limit = np.partition(rank, guess)[guess] if rank is not None and guess < len(rank) else MISSING
        if limit != MISSING:
            low, high = (-MISSING - 1, limit) if name == order else (-limit, MISSING - 1)
            seqs = paging.between(faces.column(name), low, high, within)
            if len(seqs) >= size:
                return seqs
    return np.flatnonzero(within)


def _rank(faces: Faces, order: str, seqs: npt.NDArray[np.intp]) -> Column | None:
    """By what an order sorts these faces, least first; None where their seqs are the order."""
    if order == "import":
        return None
    if order == "proposal":
        return faces.column("proposal")[seqs]
    if order.startswith(LIKE):
        return looks.shape_distance(faces, order.removeprefix(LIKE))[seqs]
    if order.startswith(looks.LOOKS):
        return looks.ranks(faces, order.removeprefix(looks.LOOKS))[seqs]
    if suggestion_orders.is_suggestion_order(order):
        return suggestion_orders.ranks(faces, order, seqs)
    name = "plausibility" if order == DOUBTFUL else order.removeprefix("-")
    if name not in BY_NAME:
        raise UsageError(message("filter_order", order=order, names=tuple(BY_NAME)))
    rank = faces.column(name)[seqs]
    return np.where(rank == MISSING, np.int32(MISSING), -rank) if order.startswith("-") else rank


def in_state(faces: Faces, wanted: str) -> Mask:
    """Raises UsageError for a state that is none."""
    state = faces.column("state")
    found: Mask
    if wanted in _STATES:
        found = state == _STATES[wanted]
    elif wanted in _WAITING:
        found = faces.column("waiting") == _WAITING[wanted]
    elif wanted == "accepted":
        found = state > columns.ACCEPTED
    elif wanted == "all":
        found = state != columns.ABSENT
    elif wanted.startswith("class:") and wanted[6:].isdecimal() and 0 < len(wanted[6:]) < 10 and int(wanted[6:]):
        found = state == columns.ACCEPTED + int(wanted[6:])
    else:
        raise UsageError(message("filter_state", state=wanted))
    return found


def stored_ends(ranges: Ranges) -> list[tuple[str, int, int]]:
    """The ranges in the columns' units, ends included; MISSING lies in none. Raises UsageError: an unknown metric."""
    found = []
    for name, low, high in ranges:
        if name not in BY_NAME:
            raise UsageError(message("metric_unknown", name=name, names=tuple(BY_NAME)))
        scale = BY_NAME[name].scale
        least = -MISSING if low is None else math.ceil(_clamped(low * scale) - _FUZZ)
        most = MISSING - 1 if high is None else math.floor(_clamped(high * scale) + _FUZZ)
        found.append((name, least, most))
    return found


def failing(faces: Faces, ranges: Ranges, model: str) -> npt.NDArray[np.intp]:
    """The seqs, ascending, of undecided faces with a metric outside a range, see `outside`."""
    return np.flatnonzero(outside(faces, ranges, model) & (faces.column("state") == columns.UNDECIDED))


def outside(faces: Faces, ranges: Ranges, model: str) -> Mask:
    """Whether each face (bool by seq) has a metric outside a range; a missing metric is not outside.

    model: whose landmarks the ranges were set for. What landmarks decide is missing of faces of the other one.
    """
    comparable = faces.column("landmarks") == _model_number(model)
    found: Mask = np.zeros(len(faces.column("state")), bool)
    for name, low, high in stored_ends(ranges):
        values = faces.column(name)
        is_outside = (values != MISSING) & ((values < low) | (values > high))
        found |= is_outside & comparable if name in BY_LANDMARKS else is_outside
    return found


def _model_number(model: str) -> int:
    """Raises UsageError for a model that is none."""
    numbers: dict[str, int] = {name: number for number, name in enumerate(LANDMARK_MODELS)}
    if model not in numbers:
        raise UsageError(message("filter_landmarks", model=model, names=tuple(LANDMARK_MODELS)))
    return numbers[model]


def _clamped(value: float) -> float:
    """The value, cut to what every stored metric lies within (an infinity, too). Raises UsageError for NaN."""
    if math.isnan(value):
        raise UsageError(message("range_not_number"))
    return max(-_FARTHEST, min(value, _FARTHEST))
