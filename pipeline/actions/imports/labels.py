"""Writes the labels of a data set as decisions, all or none, and never over what a person has said."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from db.decisions import log, turns
from db.decisions.ops import DecideOp
from db.reads import imports
from db.store.store import Db
from db.tables import classes, placements
from pipeline.core.errors import UsageError
from pipeline.core.messages import Message, message
from pipeline.core.names import find_name
from pipeline.core.records import Verdict

_NAMESPACE: Final = uuid.UUID("0b6a3f6e-4d67-5f0a-9c39-6b1a6a5f7d21")
_COURSE: Final = {"pouting": "pout"}


@dataclass(frozen=True, slots=True)
class Labelled:
    """One label that found its face."""

    place: str
    face_id: str
    sha256: str
    label: str
    split: str


@dataclass(slots=True)
class Written:
    """saved: new decisions. repeats: labels that a person has said already. contradicted: labels of faces that have
    several. placed: photos new to the line."""

    saved: int = 0
    repeats: int = 0
    contradicted: int = 0
    placed: int = 0
    decided: list[Message] = field(default_factory=list)
    problems: list[Message] = field(default_factory=list)

    def add(self, other: Written) -> None:
        self.saved, self.repeats = self.saved + other.saved, self.repeats + other.repeats
        self.contradicted, self.placed = self.contradicted + other.contradicted, self.placed + other.placed
        self.decided += other.decided
        self.problems += other.problems


def class_name(name: str, known: Sequence[str]) -> str | None:
    """The class that a name means: as it stands, or without the number that the course's folders have before it."""
    bare = name.lstrip("0123456789").lstrip(" _-")
    for one in (name, bare, _COURSE.get(bare, "")):
        if one and (found := find_name(one, known)) is not None:
            return found
    return None


def write(
    db: Db, annotator: str, found: Sequence[Labelled], line: str, make: Sequence[str] = (), by: str = ""
) -> Written:
    """make: classes to be made first, by this person. Inside a write. Raises UsageError where anything is refused."""
    for name in make:
        classes.add_class(db, name, by=by or annotator)
    ids = {spec.name: spec.id for spec in classes.list_classes(db)}
    done = Written()
    wanted = _one_label_a_face(found, ids, done)
    _decide(db, annotator, wanted, ids, done)
    _place(db, line, found, done)
    return done


def _one_label_a_face(found: Sequence[Labelled], ids: Mapping[str, int], done: Written) -> dict[str, Labelled]:
    by_face: dict[str, list[Labelled]] = defaultdict(list)
    for one in found:
        by_face[one.face_id].append(one)
    wanted = {}
    for face_id, said in by_face.items():
        labels = sorted({str(class_name(one.label, list(ids))) for one in said})
        if len(labels) > 1:
            told = tuple(f"“{label}”" for label in labels)
            done.problems.append(message("import_contradiction", place=said[0].place, labels=told))
            done.contradicted += len(said)
        else:
            wanted[face_id] = said[0]
            done.repeats += len(said) - 1
    return wanted


def _decide(db: Db, annotator: str, wanted: Mapping[str, Labelled], ids: Mapping[str, int], done: Written) -> None:
    names = {number: name for name, number in ids.items()}
    given = imports.answers(db, wanted)
    ops = []
    keys = []
    for face_id, one in sorted(wanted.items()):
        label = class_name(one.label, list(ids))
        said = given.get(face_id, [])
        other = next((a for a in said if (a.verdict, a.class_id) != ("accept", ids[str(label)])), None)
        if other is not None:
            theirs = f"“{names[other.class_id]}”" if other.class_id in names else other.verdict
            done.decided.append(
                message("import_decided", place=one.place, annotator=other.annotator, theirs=theirs, label=label)
            )
        elif said:
            done.repeats += 1
        else:
            first = str(uuid.uuid5(_NAMESPACE, f"{annotator}\n{face_id}\n{label}"))
            key = turns.newest_turn(db, first)[1]
            keys.append(key)
            ops.append(DecideOp(key, "", face_id, one.sha256, Verdict.ACCEPT, ids[str(label)], seen=""))
    step = turns.next_step(db, annotator, str(uuid.uuid5(_NAMESPACE, "\n".join([annotator, *keys]))))
    results = log.apply_ops(db, annotator, [_with_step(op, step) for op in ops])
    if refused := tuple(one.message for one in results if one.status == "refused" and one.message is not None):
        raise UsageError(message("import_refused", why=refused))
    done.saved = len(results)


def _with_step(op: DecideOp, step: str) -> DecideOp:
    return DecideOp(op.uuid, step, op.face_id, op.sha256, op.verdict, op.class_id, seen=op.seen)


def _place(db: Db, line: str, found: Sequence[Labelled], done: Written) -> None:
    by_image: dict[str, dict[str, str]] = defaultdict(dict)
    for one in found:
        if one.split:
            by_image[one.sha256][one.split] = one.place
    splits = {}
    for sha, told in sorted(by_image.items()):
        if len(told) == 1:
            splits[sha] = next(iter(told))
        else:
            place = next(iter(told.values()))
            done.problems.append(message("import_split_twice", place=place, splits=tuple(sorted(told))))
    if splits:
        done.placed = placements.adopt(db, line, splits)
