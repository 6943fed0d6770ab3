"""Decisions from a file, all or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from db.decisions import log
from db.reads import lookup
from db.store.store import Db, Store
from db.tables import annotators, classes
from pipeline.core.errors import DecisionError, SignInError, UsageError
from pipeline.core.records import Verdict
from pipeline.files.decision_file import DecisionFile, DecisionRow, read_decisions


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of a file: decisions that are new, those that were there already, and one sentence a refused row.

    Where any row is refused, nothing is decided.
    """

    saved: int
    repeats: int
    refused: tuple[str, ...]


def decide_from_file(store: Store, path: Path, annotator: str) -> Decided:
    """Decide as the CSV file says, in the annotator's name. Raises UsageError for a name or a file that is none."""
    try:
        name = annotators.clean_name(annotator)
    except SignInError as e:
        raise UsageError(str(e)) from e
    given = read_decisions(path, name)
    labels = {spec.name: spec.id for spec in store.read(classes.list_classes)}
    try:
        saved = store.write(lambda db: _decide_all(db, name, given, labels))
    except DecisionError as e:
        return Decided(0, 0, tuple(str(e).splitlines()))
    return Decided(saved, len(given.rows) - saved, ())


def _decide_all(db: Db, annotator: str, given: DecisionFile, labels: dict[str, int]) -> int:
    problems = list(given.problems)
    ops = []
    for row in given.rows:
        try:
            ops.append((row, _op(db, row, given.step, labels)))
        except DecisionError as e:
            problems.append(f"line {row.line}: {e}")
    results = log.apply_ops(db, annotator, [op for _, op in ops])
    problems += [f"line {r.line}: {done.message}" for (r, _), done in zip(ops, results, strict=True)
                 if done.status == "refused"]  # fmt: skip
    if problems:
        raise DecisionError("\n".join(problems))
    return sum(result.status == "saved" for result in results)


def _op(db: Db, row: DecisionRow, step: str, labels: dict[str, int]) -> log.DecideOp:
    face_id, sha256 = row.face_id, row.sha256
    if face_id:
        sha256 = lookup.image_of_face(db, face_id) or ""
        if not sha256:
            raise DecisionError(f"no face is called {face_id}")
    else:
        faces = lookup.faces_of_image(db, sha256)
        if len(faces) != 1:
            what = f"has {len(faces)} faces: name one by face_id" if faces else "is unknown or has no face"
            raise DecisionError(f"the image {sha256} {what}")
        face_id = faces[0]
    class_id = labels.get(row.label)
    if row.verdict is Verdict.ACCEPT and class_id is None:
        raise DecisionError(f"no class is called {row.label!r}; there are {', '.join(labels)}")
    return log.DecideOp(row.uuid, step, face_id, sha256, row.verdict, class_id, row.reason or None)
