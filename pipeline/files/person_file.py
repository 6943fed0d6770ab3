"""A table of who is on which photo: read and checked as text; the database says which rows it knows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from pipeline.core.errors import UsageError
from pipeline.core.messages import Message, message, within
from pipeline.core.names import clean_name
from pipeline.files.face_columns import made_a_number, spelt
from pipeline.files.tables import Row, read_table
from pipeline.files.text_encoding import encoding_of, refuse_large

Key = Literal["sha256", "face_id", "location"]
KEYS: Final[tuple[Key, ...]] = ("sha256", "face_id", "location")
_COLUMNS: Final[dict[str, str]] = {
    "sha256": "sha256", "face_id": "face_id", "location": "location",
    "path": "location", "file": "location", "url": "location", "image_url": "location",
    "person": "person",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PersonRow:
    """line: its number in the file, the header is 1. by, key: which image, face or file (as a source calls it)."""

    line: int
    by: Key
    key: str
    person: str


@dataclass(frozen=True, slots=True)
class PersonFile:
    """The rows that can be tried, and by line what is wrong with the others. A row without a person says nothing."""

    rows: tuple[PersonRow, ...]
    problems: tuple[tuple[int, Message], ...]


def read_persons(path: Path) -> PersonFile:
    """Read a table with a header, see `tables` and `text_encoding`. A path that is not absolute is one from the folder
    of the file.

    Raises UsageError where it cannot be read or its header lacks what is needed.
    """
    rows: list[PersonRow] = []
    problems: list[tuple[int, Message]] = []
    try:
        refuse_large(path)
        with path.open(newline="", encoding=encoding_of(path)) as stream:
            table = read_table(stream, _COLUMNS, str(path))
            if "person" not in table.fields or not table.fields & set(KEYS):
                found = within(filter(None, table.header)) or message("header_empty")
                raise UsageError(message("person_file_header", file=path, found=found))
            for row in table.rows:
                read = _read(row, path.parent)
                if isinstance(read, Message):
                    problems.append((row.line, read))
                elif read is not None:
                    rows.append(read)
    except (OSError, UnicodeDecodeError) as e:
        raise UsageError(message("path_unreadable", file=path, why=e)) from e
    return PersonFile(tuple(rows), tuple(problems))


def _read(row: Row, folder: Path) -> PersonRow | Message | None:
    """The row, what is wrong with it, or None where it names nobody."""
    given: dict[Key, str] = {key: row.cells[key] for key in KEYS if row.cells.get(key)}
    person = clean_name(row.cells.get("person", ""))
    if row.surplus:
        return message("prediction_surplus")
    if not person:
        return None
    if len(given) != 1:
        return message("person_one_key")
    ((by, text),) = given.items()
    if by == "location":
        return PersonRow(row.line, by, text if "://" in text else str((folder / text).absolute()), person)
    if number := made_a_number(spelt(text)):
        return message("prediction_number", name=number)
    return PersonRow(row.line, by, spelt(text), person)
