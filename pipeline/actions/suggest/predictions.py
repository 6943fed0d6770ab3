"""Takes in what another model says of the faces, from a file: all of its rows, or, where one is refused, none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from db.reads import lookup
from db.store.store import Db, Store
from db.suggest import outside
from db.tables import audit, classes
from pipeline.core.errors import DecisionError, UsageError
from pipeline.core.messages import Message, message
from pipeline.core.names import find_name
from pipeline.files.prediction_file import PredictionRow, read_predictions

_ROUNDING: Final = 0.005
"""How far the confidences of one face may go beyond 1: files hold few digits."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a file: suggester and version (its number here), faces whose suggestions are new or changed,
    faces that changed nothing, and a message for each refused row, by line. If one is refused, nothing was taken."""

    suggester: str
    version: int
    faces: int
    repeats: int
    refused: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class _Known:
    """seqs: by face id. by_image: the faces' ids by the image's hash. classes: ids by name."""

    seqs: Mapping[str, int]
    by_image: Mapping[str, Sequence[str]]
    classes: Mapping[str, int]


def take_predictions(
    store: Store, data: bytes, file: str, suggester: str, version: str, *, by: str = audit.COMMAND_LINE
) -> Taken:
    """Keep what is in the bytes of a CSV file as the suggestions of a model of this name and version.

    file: its name, for errors. by: who brought it; may they is the caller's question. The faces of the file get these
    suggestions; others keep theirs if the version is the same one. Raises UsageError for a bad name or file.
    """
    suggester, version = outside.checked_name(suggester), outside.checked_name(version)
    given = read_predictions(data, file)
    if not given.rows and not given.problems:
        raise UsageError(message("predictions_none", file=file))

    known = store.read(lambda db: _known(db, given.rows))
    problems = dict(given.problems)
    said = _by_face(known, given.rows, problems)
    if problems:
        refused = (message("prediction_line", line=line, why=why) for line, why in sorted(problems.items()))
        return Taken(suggester, 0, 0, 0, tuple(refused))
    done = store.write(lambda db: outside.add_predictions(db, suggester, version, said, by))
    return Taken(done.suggester, done.version, done.faces, done.repeats)


def _known(db: Db, rows: Sequence[PredictionRow]) -> _Known:
    """Looked up at once, and not in the write: a file may have a row for each of a million faces."""
    by_image = lookup.faces_of_images(db, (row.sha256 for row in rows if row.sha256))
    ids = {row.face_id for row in rows if row.face_id}.union(*by_image.values())
    return _Known(lookup.seqs_of_faces(db, ids), by_image, {spec.name: spec.id for spec in classes.list_classes(db)})


def _by_face(
    known: _Known, rows: Sequence[PredictionRow], problems: dict[int, Message]
) -> Mapping[int, Mapping[int, float]]:
    """By seq the probability of each class id; what is wrong with a row is added to the problems, by its line."""
    found: dict[int, dict[int, float]] = {}
    lines: dict[tuple[int, int], int] = {}
    for row in rows:
        try:
            face_id, seq, class_id = _meant(known, row)
        except DecisionError as e:
            problems[row.line] = e.message
            continue
        said = found.setdefault(seq, {})
        if class_id in said:
            at = lines[seq, class_id]
            problems[row.line] = message("prediction_class_twice", name=row.class_name, line=at)
            continue
        said[class_id], lines[seq, class_id] = row.confidence, row.line
        if (total := sum(said.values())) > 1 + _ROUNDING:
            problems[row.line] = message("prediction_sum", face=face_id, total=total)
    return {seq: _at_most_one(said) for seq, said in found.items()}


def _at_most_one(said: Mapping[int, float]) -> Mapping[int, float]:
    total = max(1.0, sum(said.values()))
    return {class_id: share / total for class_id, share in said.items()}


def _meant(known: _Known, row: PredictionRow) -> tuple[str, int, int]:
    """(face id, seq, class id) of a row. Raises DecisionError."""
    face_id = row.face_id
    if not face_id:
        faces = known.by_image.get(row.sha256, [])
        if len(faces) != 1:
            code = "decided_image_faces" if faces else "decided_image_without_face"
            raise DecisionError(message(code, image=row.sha256, n=len(faces)))
        face_id = faces[0]
    seq = known.seqs.get(face_id)
    if seq is None:
        raise DecisionError(message("decided_face_unknown", face=face_id))
    class_id = known.classes.get(find_name(row.class_name, known.classes) or "")
    if class_id is None:
        raise DecisionError(message("class_name_unknown", name=row.class_name, names=tuple(known.classes)))
    return face_id, seq, class_id
