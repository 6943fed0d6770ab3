"""What left the workspace: each export, frozen, named and numbered."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlite_utils.db import Database as Db

from db.base.clock import now_iso
from db.tables import audit

_COLUMNS: Final = "id, name, path, params, counts, digest, annotator, created_at, head, line, number"


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """One release. counts: images by split and class. digest: SHA-256 (hex) over what was written. head: `seq:hash` of
    the log's last row then. line, number: of all releases of one name, which."""

    id: int
    name: str
    path: str
    params: dict[str, Any]
    counts: dict[str, Any]
    digest: str
    annotator: str | None
    created_at: str
    head: str
    line: str
    number: int

    @property
    def title(self) -> str:
        """`train_val_data #3`."""
        return f"{self.line} #{self.number}"


@dataclass(frozen=True, slots=True)
class Written:
    """What was written. line, number: which release it is. content: see `next_number`. head: `log_head` as it was read.
    classes: the class ids by name. release, manifest: the bytes of these files."""

    line: str
    number: int
    content: str
    head: str
    classes: Mapping[str, int]
    release: bytes
    manifest: bytes


@dataclass(frozen=True, slots=True)
class KeptManifest:
    """What a release holds, as it was kept."""

    classes: dict[str, int]
    release: bytes
    manifest: bytes


def log_head(db: Db) -> str:
    """`seq:hash` of the newest decision, "" where there is none."""
    row = db.execute("SELECT seq || ':' || hash FROM decisions ORDER BY seq DESC LIMIT 1").fetchone()
    return "" if row is None else str(row[0])


def seq_of_head(db: Db, head: str) -> int | None:
    """The number of the decision that `log_head` told once; None where the log does not hold it."""
    seq, _, digest = head.partition(":")
    row = db.execute("SELECT seq FROM decisions WHERE seq = ? AND hash = ?", [seq, digest]).fetchone()
    return None if row is None else int(row[0])


def next_number(db: Db, line: str, content: str) -> int:
    """The number of a release of `line` that is made of `content`: that of the newest one if it is made of the same."""
    sql = "SELECT number, content FROM releases WHERE line = ? ORDER BY number DESC, id DESC LIMIT 1"
    newest = db.execute(sql, [line]).fetchone()
    if newest is None:
        return 1
    return int(newest[0]) if newest[1] == content else int(newest[0]) + 1


def add_release(
    db: Db,
    name: str,
    path: str,
    params: Mapping[str, Any],
    counts: Mapping[str, Any],
    digest: str,
    annotator: str | None,
    written: Written | None = None,
) -> int:
    """Note a release, and where the decision log ends, and return its id. Inside a write.

    written: what it holds; without it the release is one of its name, of which nothing more is known.
    """
    line = written.line if written else name
    number = written.number if written else next_number(db, line, "")
    cursor = db.execute(
        "INSERT INTO releases (name, path, params, counts, digest, annotator, created_at, head, line, number, content)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        [name, path, json.dumps(params, sort_keys=True), json.dumps(counts, sort_keys=True), digest, annotator,
         now_iso(), written.head if written else log_head(db), line, number, written.content if written else ""],
    )  # fmt: skip
    (found,) = cursor.fetchone()
    cursor.fetchall()
    if written is not None:
        _keep(db, found, written)
    told = {"release": found, "name": name, "as": params.get("as", ""), "digest": digest}
    audit.append(db, annotator or audit.COMMAND_LINE, "export", told)
    return int(found)


def _keep(db: Db, release_id: int, written: Written) -> None:
    """Once for all writings of one release: they are alike."""
    same = "DELETE FROM release_manifests WHERE release_id IN (SELECT id FROM releases WHERE line = ? AND number = ?)"
    db.execute(same, [written.line, written.number])
    db.execute(
        "INSERT INTO release_manifests (release_id, classes, release, manifest) VALUES (?, ?, ?, ?)",
        [release_id, json.dumps(dict(written.classes), sort_keys=True), zlib.compress(written.release),
         zlib.compress(written.manifest)],
    )  # fmt: skip


def list_releases(db: Db) -> list[ReleaseRow]:
    """All releases, newest first."""
    return [_row(row) for row in db.query(f"SELECT {_COLUMNS} FROM releases ORDER BY id DESC")]


def find_release(db: Db, name: str) -> ReleaseRow | None:
    """By `line#number`, or the newest of a line by its name alone; None where there is none."""
    line, _, number = name.rpartition("#")
    if line and number.strip().isdecimal():
        where, values = "line = ? AND number = ?", [line.strip(), int(number)]
    else:
        where, values = "line = ?", [name]
    rows = db.query(f"SELECT {_COLUMNS} FROM releases WHERE {where} ORDER BY number DESC, id DESC LIMIT 1", values)
    return next(map(_row, rows), None)


def kept_manifest(db: Db, row: ReleaseRow) -> KeptManifest | None:
    """What a release holds; None where that was not kept: it is of an earlier Moue."""
    sql = """
    SELECT m.classes, m.release, m.manifest FROM release_manifests m JOIN releases r ON r.id = m.release_id
    WHERE r.line = ? AND r.number = ?
    """
    found = db.execute(sql, [row.line, row.number]).fetchone()
    if found is None:
        return None
    return KeptManifest(json.loads(found[0]), zlib.decompress(found[1]), zlib.decompress(found[2]))


def _row(row: Mapping[str, Any]) -> ReleaseRow:
    return ReleaseRow(**{**row, "params": json.loads(row["params"]), "counts": json.loads(row["counts"])})
