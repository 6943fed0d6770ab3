"""The workspace's own classes. Decisions name a class by its id, so renaming keeps them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sqlite_utils.db import Database as Db

from db.tables import audit
from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.core.names import clean_name, find_name, invisible_in, is_device_name, look_of, name_key
from pipeline.core.records import ClassSpec

RESERVED_KEYS: Final = "xuzylfanpqtsige?+-=0[]{}mbordckh"
"""The keys of the review page that no class can take: reject, unsure, undo, decide again, leave, focus, advance, pages,
queue, take, similar, what is known, guidelines, note, help, size, view, light; from m on the reasons of a reject. And
Space."""
_PRESSABLE: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789!#$%&()*+,-./:;<=>?@[]_{|}")
"""What a keyboard can give in a browser: not what is a dead key on many (^ ` ~ ' ")."""
_DIGITS: Final = frozenset("0123456789")
_COLOUR = re.compile(r"#[0-9a-f]{6}")
_FORBIDDEN = frozenset('/\\:*?"<>|')  # a class name becomes a folder's name, on every system
_LONGEST_NAME = 40
_SPARE_COLOURS = ("#0072b2", "#d55e00", "#f0e442", "#8c8c8c")  # Okabe and Ito 2008, without those of the first four


def list_classes(db: Db, archived: bool = False) -> list[ClassSpec]:
    """The classes in their order; with `archived` also those that are put away, at the end."""
    sql = "SELECT id, name, key, colour, letter FROM classes WHERE archived <= ? ORDER BY archived, position, id"
    return [ClassSpec(*row) for row in db.execute(sql, [int(archived)])]


def add_class(
    db: Db, name: str, key: str = "", colour: str = "", letter: str = "", *, by: str = audit.COMMAND_LINE
) -> ClassSpec:
    """Add a class at the end; a name that was put away comes back with its decisions.

    Key (the first free digit), colour and letter are chosen where none is given. Raises UsageError.
    """
    specs = list_classes(db)
    archived = {spec.name: spec.id for spec in list_classes(db, archived=True) if spec not in specs}
    old = find_name(name, archived)
    name = checked_name(name) if old is None else old  # what an older Moue let pass comes back as it was
    if any(name_key(spec.name) == name_key(name) for spec in specs):
        raise UsageError(message("class_name_taken", name=name))
    _check_look(name, specs)
    free = [digit for digit in "123456789" if digit not in {spec.key for spec in specs}]
    key = key or (free[0] if free else "")
    taken = {spec.colour for spec in specs}
    colour = colour or next((c for c in _SPARE_COLOURS if c not in taken), _SPARE_COLOURS[-1])
    letter = unicodedata.normalize("NFC", letter) or _badge_letter(name)
    _check_key(db, None, key)
    _check_badge(colour.lower(), letter)
    (position,) = db.execute("SELECT ifnull(max(position), 0) + 1 FROM classes").fetchone()
    if old is not None:
        db.execute(
            "UPDATE classes SET archived = 0, key = ?, colour = ?, letter = ?, position = ? WHERE id = ?",
            [key, colour.lower(), letter, position, archived[old]],
        )
    else:
        db.execute(
            "INSERT INTO classes (name, key, colour, letter, position) VALUES (?, ?, ?, ?, ?)",
            [name, key, colour.lower(), letter, position],
        )
    added = next(spec for spec in list_classes(db) if name_key(spec.name) == name_key(name))
    audit.append(db, by, "class_added" if old is None else "class_brought_back", {"class": added.id, "name": name})
    return added


def bring_back(db: Db, spec: ClassSpec, *, by: str = audit.COMMAND_LINE) -> ClassSpec:
    """Add a class that was put away as it was, its key only where a new class could have it. Raises UsageError."""
    try:
        _check_key(db, None, spec.key)
    except UsageError:
        spec = replace(spec, key="")
    return add_class(db, spec.name, spec.key, spec.colour, spec.letter, by=by)


def rename_class(db: Db, class_id: int, name: str, *, by: str = audit.COMMAND_LINE) -> ClassSpec:
    """Give a class another name; its decisions stay with it. Raises UsageError."""
    name = checked_name(name)
    before = _one(db, class_id).name
    everything = list_classes(db, archived=True)
    if any(name_key(spec.name) == name_key(name) and spec.id != class_id for spec in everything):
        raise UsageError(message("class_name_taken_archived", name=name))
    _check_look(name, [spec for spec in everything if spec.id != class_id])
    db.execute("UPDATE classes SET name = ? WHERE id = ?", [name, class_id])
    if name != before:
        audit.append(db, by, "class_renamed", {"class": class_id, "name": name, "before": before})
    return _one(db, class_id)


def set_class(
    db: Db,
    class_id: int,
    key: str | None = None,
    colour: str | None = None,
    letter: str | None = None,
    *,
    by: str = audit.COMMAND_LINE,
) -> ClassSpec:
    """Change what is typed for a class, its colour (`#rrggbb`) or its badge. Raises UsageError."""
    spec = _one(db, class_id)
    if key is not None and key != spec.key:
        _check_key(db, class_id, key)
    key = spec.key if key is None else key
    colour = (spec.colour if colour is None else colour).lower()
    letter = spec.letter if letter is None else unicodedata.normalize("NFC", letter)
    _check_badge(colour, letter)
    db.execute("UPDATE classes SET key = ?, colour = ?, letter = ? WHERE id = ?", [key, colour, letter, class_id])
    changed = _one(db, class_id)
    if changed != spec:
        look = {"key": key, "colour": colour, "letter": letter}
        audit.append(db, by, "class_changed", {"class": class_id, "name": spec.name, **look})
    return changed


def reorder(db: Db, class_ids: Sequence[int], *, by: str = audit.COMMAND_LINE) -> None:
    """Put the classes in the order of `class_ids`, which names each that is not archived once. Raises UsageError."""
    if sorted(class_ids) != sorted(spec.id for spec in list_classes(db)):
        raise UsageError(message("class_order"))
    for position, class_id in enumerate(class_ids, start=1):
        db.execute("UPDATE classes SET position = ? WHERE id = ?", [position, class_id])
    audit.append(db, by, "classes_ordered", {"classes": [spec.name for spec in list_classes(db)]})


def digits_in_order(specs: Sequence[ClassSpec]) -> dict[int, str]:
    """The digits that are keys of these classes, handed out anew in their order: what would change, by class."""
    having = [spec for spec in specs if spec.key in _DIGITS]
    handed_out = zip(having, sorted(spec.key for spec in having), strict=True)
    return {spec.id: key for spec, key in handed_out if key != spec.key}


def order_digits(db: Db, *, by: str = audit.COMMAND_LINE) -> None:
    """Let the digits that are keys follow the classes' order; letters and signs stay."""
    names = {spec.id: spec for spec in list_classes(db)}
    for class_id, key in digits_in_order(list(names.values())).items():
        db.execute("UPDATE classes SET key = ? WHERE id = ?", [key, class_id])
        spec = names[class_id]
        look = {"key": key, "colour": spec.colour, "letter": spec.letter}
        audit.append(db, by, "class_changed", {"class": class_id, "name": spec.name, **look})


def archive_class(db: Db, class_id: int, *, by: str = audit.COMMAND_LINE) -> None:
    """Put a class away. Raises UsageError, saying how many, while faces are accepted with it."""
    spec = _one(db, class_id)
    sql = "SELECT count(*) FROM face_state WHERE verdict = 'accept' AND class_id = ?"
    (used,) = db.execute(sql, [class_id]).fetchone()
    if used:
        if used == 1:
            raise UsageError(message("class_has_face", name=spec.name))
        raise UsageError(message("class_has_faces", name=spec.name, n=used))
    if len(list_classes(db)) == 1:
        raise UsageError(message("class_last", name=spec.name))
    db.execute("UPDATE classes SET archived = 1 WHERE id = ?", [class_id])
    audit.append(db, by, "class_archived", {"class": class_id, "name": spec.name})


def _one(db: Db, class_id: int) -> ClassSpec:
    for spec in list_classes(db):
        if spec.id == class_id:
            return spec
    raise UsageError(message("class_unknown", n=class_id))


def checked_name(name: str) -> str:
    """The name of a class as it is kept. Raises UsageError where no folder can have it."""
    cleaned = clean_name(name)
    if not cleaned or len(cleaned) > _LONGEST_NAME:
        raise UsageError(message("class_name", most=_LONGEST_NAME))
    if invisible := invisible_in(cleaned):
        raise UsageError(message("class_name_invisible", name=cleaned, character=invisible))
    if any(c in _FORBIDDEN for c in cleaned) or cleaned[0] in ".-" or cleaned[-1] == ".":
        raise UsageError(message("class_name_no_folder", name=cleaned))
    if is_device_name(cleaned):
        raise UsageError(message("class_name_device", name=cleaned))
    return cleaned


def _check_look(name: str, others: Sequence[ClassSpec]) -> None:
    """Raises UsageError where a name looks like another's, in letters of another alphabet."""
    if twin := next((spec.name for spec in others if look_of(spec.name) == look_of(name)), None):
        raise UsageError(message("class_name_looks_taken", name=name, other=twin))


def _badge_letter(name: str) -> str:
    """The first letter, small where its small form is one character (that of İ is two)."""
    small = name[0].lower()
    return small if len(small) == 1 else name[0]


def _keys_of_others(db: Db, class_id: int | None) -> dict[str, str]:
    """Name of the class by its key, small."""
    return {spec.key.lower(): spec.name for spec in list_classes(db) if spec.key and spec.id != class_id}


def _check_key(db: Db, class_id: int | None, key: str) -> None:
    others = _keys_of_others(db, class_id)
    if key.lower() in others:
        raise UsageError(message("class_key_taken", key=key, name=others[key.lower()]))
    if key and (key not in _PRESSABLE or key in RESERVED_KEYS):
        raise UsageError(message("class_key", key=key, taken=" ".join([*RESERVED_KEYS, *others])))


def _check_badge(colour: str, letter: str) -> None:
    if not _COLOUR.fullmatch(colour):
        raise UsageError(message("class_colour", colour=colour))
    if len(letter) != 1 or not letter.isprintable() or letter.isspace():
        raise UsageError(message("class_letter", letter=letter))
