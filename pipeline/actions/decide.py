"""Applies the decisions of a file: either all of its rows, or, where one is refused, none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from db.decisions import log, turns
from db.decisions.ops import DecideOp, FaceState, face_states
from db.reads import lookup
from db.store.store import Db, Store
from db.tables import annotators, classes, roles
from pipeline.core.errors import DecisionError, SignInError, UsageError
from pipeline.core.messages import message
from pipeline.core.names import find_name
from pipeline.core.records import Verdict
from pipeline.files.decision_file import DecisionFile, DecisionRow, decisions_of, read_decisions


@dataclass(frozen=True, slots=True)
class Decided:
    """The result of a decision file: the number of new decisions, the number of rows that changed nothing, one sentence
    for each refused row, and one for each face on which somebody else decided otherwise: the answer is kept beside it.

    If any row is refused, no decision was stored.
    """

    saved: int
    repeats: int
    refused: tuple[str, ...]
    differing: tuple[str, ...] = ()


class _NothingDecidedError(Exception):
    """Takes the transaction back."""

    def __init__(self, decided: Decided) -> None:
        super().__init__("nothing was decided")
        self.decided = decided


def decide_from_file(store: Store, path: Path, annotator: str, *, overrule: bool = False) -> Decided:
    """Store the decisions of the CSV file `path` for this annotator. Raises UsageError for a bad name or file,
    NotAllowedError for somebody whose role only looks.

    overrule: what other people decided was seen and is overruled; without it an answer that differs from what counts is
    kept as one that did not see it. Decisions of the same annotator are always replaced.
    """
    return _decide(store, annotator, lambda name: read_decisions(path, name), overrule=overrule)


def decide_rows(store: Store, table: str, called: str, annotator: str, *, overrule: bool = False) -> Decided:
    """The same for a table that is in no file: the text of a CSV file. called: what stands for the file's path, so that
    the same table under the same name changes nothing."""
    return _decide(store, annotator, lambda name: decisions_of(table, called, name), overrule=overrule)


def _decide(store: Store, annotator: str, read: Callable[[str], DecisionFile], *, overrule: bool) -> Decided:
    try:
        name = annotators.clean_name(annotator)
    except SignInError as e:
        raise UsageError(str(e)) from e
    name = find_name(name, store.read(annotators.list_annotators)) or name  # as they are kept: "ada" is Ada
    given = read(name)
    try:
        return store.write(lambda db: _decide_all(db, name, given, None if overrule else ""))
    except _NothingDecidedError as e:
        return e.decided


def _decide_all(db: Db, annotator: str, given: DecisionFile, seen: str | None) -> Decided:
    """seen: what the file knows of others' decisions on its faces: "" nothing, None does not matter."""
    roles.require(db, annotator, "label")
    labels = {spec.name: spec.id for spec in classes.list_classes(db)}
    refused = list(given.problems)
    rows, said = [], dict[str, tuple[int, DecideOp]]()
    for row in given.rows:
        try:
            op = replace(_op(db, row, given.step, labels), seen=seen)
            _refuse_other_words(op, *said.setdefault(op.face_id, (row.line, op)))
            rows.append((row.line, op))
        except DecisionError as e:
            refused.append(f"line {row.line}: {e}")
    new = _not_repeats(db, annotator, given.step, rows)
    results = log.apply_ops(db, annotator, [op for _, op in new])
    for (line, _), done in zip(new, results, strict=True):
        if done.status == "refused":
            refused.append(f"line {line}: {done.message}")
    if refused:
        raise _NothingDecidedError(Decided(0, 0, tuple(refused)))
    differing = () if seen is None else tuple(_differing(db, annotator, rows, labels))
    return Decided(len(new), len(rows) - len(new), (), differing)


def _refuse_other_words(op: DecideOp, line: int, earlier: DecideOp) -> None:
    """Raises DecisionError where a row of the same table says otherwise of the face: nobody can tell which holds."""
    if (op.verdict, op.class_id, op.reason) != (earlier.verdict, earlier.class_id, earlier.reason):
        raise DecisionError(message("face_said_twice", face=op.face_id, line=line))


def _differing(db: Db, annotator: str, rows: Sequence[tuple[int, DecideOp]], labels: dict[str, int]) -> Iterator[str]:
    """One sentence for each face where another person's decision counts and says otherwise than its rows."""
    last = {op.face_id: (line, op) for line, op in rows}
    for line, op in last.values():
        for state in face_states(db, [op.face_id]):
            says = (state.verdict, state.class_id)
            if state.verdict is not None and state.annotator != annotator and says != (str(op.verdict), op.class_id):
                yield f"line {line}: {_standing(state, labels)}"


def _not_repeats(db: Db, annotator: str, step: str, rows: Sequence[tuple[int, DecideOp]]) -> list[tuple[int, DecideOp]]:
    """All rows of each face of which they change something, under UUIDs and a step of their own."""
    last = {op.face_id: op for _, op in rows}
    settled = {
        face
        for face, op in last.items()
        if turns.still_stands(db, annotator, face, op.uuid)
        and (op.seen is not None or turns.still_counts(db, face, op.uuid))
    }
    fresh = turns.next_step(db, annotator, step)
    return [
        (line, replace(op, uuid=turns.newest_turn(db, op.uuid)[1], step=fresh))
        for line, op in rows
        if op.face_id not in settled
    ]


def _standing(state: FaceState, labels: dict[str, int]) -> str:
    name = next((f" {label}" for label, number in labels.items() if number == state.class_id), "")
    because = f" ({state.reason})" if state.reason else ""
    return f"{state.annotator} decided on the face {state.face_id}: {state.verdict}{name}{because}"


def _op(db: Db, row: DecisionRow, step: str, labels: dict[str, int]) -> DecideOp:
    face_id, sha256 = row.face_id, row.sha256
    if face_id:
        sha256 = lookup.image_of_face(db, face_id) or ""
        if not sha256:
            raise DecisionError(message("decided_face_unknown", face=face_id))
    else:
        faces = lookup.faces_of_image(db, sha256)
        if len(faces) != 1:
            code = "decided_image_faces" if faces else "decided_image_without_face"
            raise DecisionError(message(code, image=sha256, n=len(faces)))
        face_id = faces[0]
    class_id = labels.get(find_name(row.label, labels) or "")
    if row.verdict is Verdict.ACCEPT and class_id is None:
        raise DecisionError(message("class_name_unknown", name=row.label, names=tuple(labels)))
    return DecideOp(row.uuid, step, face_id, sha256, row.verdict, class_id, row.reason or None)
