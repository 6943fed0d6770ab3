"""What left the workspace: each export, frozen and named."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlite_utils.db import Database as Db

from db.base.clock import now_iso
from db.tables import audit


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """One release. counts: images by split and class. digest: SHA-256 (hex) over what was written."""

    id: int
    name: str
    path: str
    params: dict[str, Any]
    counts: dict[str, Any]
    digest: str
    annotator: str | None
    created_at: str


def add_release(
    db: Db,
    name: str,
    path: str,
    params: Mapping[str, Any],
    counts: Mapping[str, Any],
    digest: str,
    annotator: str | None,
) -> int:
    """Note a release, and where the decision log ends, and return its number. Inside a write."""
    cursor = db.execute(
        "INSERT INTO releases (name, path, params, counts, digest, annotator, created_at, head) VALUES"
        " (?, ?, ?, ?, ?, ?, ?, ifnull((SELECT seq || ':' || hash FROM decisions ORDER BY seq DESC LIMIT 1), ''))"
        " RETURNING id",
        [name, path, json.dumps(params, sort_keys=True), json.dumps(counts, sort_keys=True), digest, annotator,
         now_iso()],
    )  # fmt: skip
    (number,) = cursor.fetchone()
    cursor.fetchall()
    told = {"release": number, "name": name, "as": params.get("as", ""), "digest": digest}
    audit.append(db, annotator or audit.COMMAND_LINE, "export", told)
    return int(number)


def list_releases(db: Db) -> list[ReleaseRow]:
    """All releases, newest first."""
    sql = "SELECT id, name, path, params, counts, digest, annotator, created_at FROM releases ORDER BY id DESC"
    return [
        ReleaseRow(**{**row, "params": json.loads(row["params"]), "counts": json.loads(row["counts"])})
        for row in db.query(sql)
    ]
