"""What each class means, in the team's own words, with crops of the workspace that show it or only seem to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlite_utils.db import Database as Db

from db.base.clock import now_iso
from db.tables import audit
from db.tables.annotators import ensure_annotator
from db.team.blind import tried_on
from db.team.texts import clean_text
from pipeline.core.errors import DecisionError
from pipeline.core.messages import message

LONGEST: Final = 4000
"""Characters of a class's text."""
MOST: Final = 24
"""Examples of a class, counter-examples among them."""


@dataclass(frozen=True, slots=True)
class Example:
    """A crop of the workspace. counter: it looks like the class and is not of it."""

    face_id: str
    crop_version: str
    counter: bool


@dataclass(frozen=True, slots=True)
class Guideline:
    """text: plain, "" while there is none. annotator, at: who wrote it last and when (UTC, ISO 8601)."""

    class_id: int
    text: str = ""
    annotator: str | None = None
    at: str | None = None
    examples: tuple[Example, ...] = ()


def list_guidelines(db: Db, viewer: str | None = None) -> dict[int, Guideline]:
    """The guideline of each active class, by its id and in the classes' order; an empty one where nothing was written.

    Examples of faces that were removed since are left out, and of those that `viewer` is to answer without a hint: to
    stand among a class's examples is one."""
    written = db.execute("SELECT class_id, text, annotator, at FROM guidelines")
    texts = {class_id: (text, annotator, at) for class_id, text, annotator, at in written}
    examples: dict[int, list[Example]] = {}
    for class_id, face_id, version, counter in db.execute(
        "SELECT e.class_id, e.face_id, f.crop_version, e.counter FROM guideline_examples e JOIN faces f"
        " ON f.id = e.face_id WHERE f.removed_at IS NULL ORDER BY e.class_id, e.position, e.face_id"
    ):
        examples.setdefault(class_id, []).append(Example(face_id, version, bool(counter)))
    if viewer is not None:
        tried = tried_on(db, viewer, sorted({one.face_id for of_class in examples.values() for one in of_class}))
        examples = {key: [one for one in found if one.face_id not in tried] for key, found in examples.items()}
    ids = [row[0] for row in db.execute("SELECT id FROM classes WHERE archived = 0 ORDER BY position, id")]
    return {one: Guideline(one, *texts.get(one, ("", None, None)), tuple(examples.get(one, ()))) for one in ids}


def set_text(db: Db, annotator: str, class_id: int, text: str, seen: str | None) -> str | None:
    """Write what a class means; an empty text takes it away. Inside a write. The `at` of what stands now, if anything.

    seen: the `at` of the guideline that the writer had before them, None where there was none. Raises DecisionError
    where somebody wrote another one since, for a class that is not here and a text that is too long; SignInError for a
    bad name.
    """
    name = ensure_annotator(db, annotator)
    _check_class(db, class_id)
    said = clean_text(text, LONGEST)
    now = db.execute("SELECT text, annotator, at FROM guidelines WHERE class_id = ?", [class_id]).fetchone()
    if said == (now[0] if now else ""):
        return now[2] if now else None
    if now and now[2] != seen:
        raise DecisionError(message("guideline_changed", annotator=now[1]))
    audit.append(db, name, "guideline", {"class": class_id, "characters": len(said)})
    if not said:
        db.execute("DELETE FROM guidelines WHERE class_id = ?", [class_id])
        return None
    at = now_iso()
    db.execute(
        "INSERT INTO guidelines (class_id, text, annotator, at) VALUES (?, ?, ?, ?) ON CONFLICT (class_id) DO UPDATE"
        " SET text = excluded.text, annotator = excluded.annotator, at = excluded.at",
        [class_id, said, name, at],
    )
    return at


def set_example(db: Db, annotator: str, class_id: int, face_id: str, counter: bool) -> None:
    """Make a face an example of a class, or a counter-example; one that is there already changes sides. Inside a write.

    Raises DecisionError for a class or face that is not here and where there are too many, SignInError for a bad name.
    """
    name = ensure_annotator(db, annotator)
    _check_class(db, class_id)
    if not db.execute("SELECT 1 FROM faces WHERE id = ? AND removed_at IS NULL", [face_id]).fetchone():
        raise DecisionError(message("face_unknown", face=face_id))
    (count, last) = db.execute(
        "SELECT count(*), ifnull(max(position), -1) FROM guideline_examples WHERE class_id = ? AND face_id <> ?",
        [class_id, face_id],
    ).fetchone()
    if count >= MOST:
        raise DecisionError(message("examples_too_many", most=MOST))
    db.execute(
        "INSERT INTO guideline_examples (class_id, face_id, counter, position, annotator, at) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (class_id, face_id) DO UPDATE SET counter = excluded.counter, annotator = excluded.annotator,"
        " at = excluded.at",
        [class_id, face_id, int(counter), last + 1, name, now_iso()],
    )
    audit.append(db, name, "guideline_example", {"class": class_id, "face": face_id, "counter": counter})


def remove_example(db: Db, annotator: str, class_id: int, face_id: str) -> None:
    """Take an example off its class's page. Inside a write. Raises SignInError for a bad name."""
    name = ensure_annotator(db, annotator)
    sql = "DELETE FROM guideline_examples WHERE class_id = ? AND face_id = ?"
    if db.execute(sql, [class_id, face_id]).rowcount:
        audit.append(db, name, "guideline_example", {"class": class_id, "face": face_id, "removed": True})


def _check_class(db: Db, class_id: int) -> None:
    if not db.execute("SELECT 1 FROM classes WHERE id = ? AND archived = 0", [class_id]).fetchone():
        raise DecisionError(message("class_unknown_or_archived", n=class_id))
