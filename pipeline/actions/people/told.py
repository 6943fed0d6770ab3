"""Persons as lists and folders tell them, written into the workspace."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from db.people import persons, told
from db.people.told import Level
from db.store.store import Db, Store
from db.tables import audit
from pipeline.core.errors import UsageError
from pipeline.core.messages import Message, message
from pipeline.core.names import name_key
from pipeline.files.person_file import PersonFile, PersonRow, read_persons


@dataclass(frozen=True, slots=True)
class Taken:
    """rows: of the table that name a person. problems: why nothing was taken, by line."""

    rows: int
    problems: tuple[tuple[int, Message], ...]


def apply_levels(store: Store) -> None:
    """Tell the persons of new files in sources whose folders are named after persons."""
    for level in store.read(told.levels):
        _apply(store, level)


def set_level(
    store: Store, source_id: int, level: int | None, own: bool = False, *, by: str = audit.COMMAND_LINE
) -> None:
    """Say which folder of a source's files is named after the person on them (None: none is). Raises UsageError."""
    store.write(lambda db: told.set_level(db, source_id, level, own, by=by))
    if level is not None:
        _apply(store, Level(source_id, level, own))


def _apply(store: Store, level: Level) -> None:
    after: int | None = 0
    while after is not None:
        named = store.read(partial(told.named_by_level, level=level, after=after))
        if named.files:  # a plan of an export asks each time: where nothing is new, nobody's decision waits for it
            store.write(partial(told.tell, level=level, named=named))
        after = named.after


def take_table(store: Store, path: Path, *, by: str = audit.COMMAND_LINE) -> Taken:
    """Take in who is on which photo, of a CSV file: all rows, or none where one is refused. Raises UsageError."""
    file = read_persons(path)

    def work(db: Db) -> Taken:
        refused = _RefusedError(_taken(db, file))
        if refused.problems:
            raise refused
        audit.append(db, by, "person_list", {"rows": len(file.rows)})
        persons.forget_unseen(db)
        return Taken(len(file.rows), ())

    try:
        return store.write(work)
    except _RefusedError as refused:
        return Taken(0, refused.problems)


class _RefusedError(UsageError):
    def __init__(self, problems: tuple[tuple[int, Message], ...]) -> None:
        super().__init__(message("predictions_refused", n=len(problems)))
        self.problems = problems


def _taken(db: Db, file: PersonFile) -> tuple[tuple[int, Message], ...]:
    found, named = [*file.problems], dict[tuple[str, str], PersonRow]()
    for row in file.rows:
        first = named.setdefault((row.by, row.key), row)
        why = _put(db, row)
        if why is None and name_key(first.person) != name_key(row.person):
            why = message("person_said_twice", line=first.line, name=first.person, key=row.key)
        if why is not None:
            found.append((row.line, why))
    return tuple(sorted(found, key=lambda one: one[0]))


def _put(db: Db, row: PersonRow) -> Message | None:
    try:
        known = told.put(db, row.by, row.key, row.person)
    except UsageError as e:
        return e.message
    return None if known else message("person_row_unknown", key=row.key)
