"""Names of classes, rules and views are normalised (NFC, one space between words). Released: never changed.

What becomes equal by that is kept apart by a number behind it: "café" and "café (2)".
"""

from __future__ import annotations

import json
import sqlite3
import unicodedata
from typing import Final

_TABLES: Final = ("classes", "rules", "views")

SQL: Final = "".join(
    f"""
CREATE TEMP TABLE names_of_{table} AS
SELECT j.key AS number, j.value ->> 0 AS old, j.value ->> 1 AS new FROM json_each(
  names_in_0010((SELECT json_group_array(name) FROM (SELECT name FROM {table} ORDER BY rowid)))) j;
UPDATE {table} SET name = char(1) || (SELECT number FROM names_of_{table} WHERE old = name COLLATE BINARY)
WHERE EXISTS (SELECT 1 FROM names_of_{table} WHERE old = name COLLATE BINARY AND old <> new);
UPDATE {table} SET name = (SELECT new FROM names_of_{table} WHERE char(1) || number = name)
WHERE name IN (SELECT char(1) || number FROM names_of_{table});
DROP TABLE names_of_{table};
"""
    for table in _TABLES
)


def prepare(conn: sqlite3.Connection) -> None:
    """Give the script its function: from a JSON list of names to one of [name, its new name]."""
    conn.create_function("names_in_0010", 1, lambda text: json.dumps(_renamed(json.loads(text))), deterministic=True)


def _renamed(names: list[str]) -> list[tuple[str, str]]:
    """Names that are normalised already keep their spelling, whatever comes before them."""
    new = {name: name for name in names if _normal(name) == name}
    taken = {_key(name) for name in new}
    for name in names:
        if name in new:
            continue
        wanted = made = _normal(name) or "unnamed"
        number = 1
        while _key(made) in taken:
            number += 1
            made = f"{wanted} ({number})"
        taken.add(_key(made))
        new[name] = made
    return [(name, new[name]) for name in names]


def _normal(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).split())


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", name.casefold())
