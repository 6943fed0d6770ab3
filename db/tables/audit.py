"""The audit: what was done to the workspace beside deciding, by whom and when. Appended to, never changed.

Each row carries a hash over itself and the row before, and the end of the decision log at that time, so that the two
logs hold each other. Rows name no photo's file: an erased photo leaves its hash alone.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlite_utils.db import Database as Db

from db.base.clock import now_iso
from db.base.meta import put_value, value_of
from pipeline.core.messages import Finding, finding

COMMAND_LINE: Final = "command line"
"""Who does what the command line does; no person may have this name."""
FIRST_HASH: Final = "0" * 64
COLUMNS: Final = ("seq", "at", "annotator", "action", "params", "head")
"""The columns that a row's hash covers; it also covers the hash of the row before."""
_HEAD_KEY: Final = "audit_head"
_ACTION: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_DECISIONS_HEAD_SQL: Final = (
    f"SELECT ifnull((SELECT seq || ':' || hash FROM decisions ORDER BY seq DESC LIMIT 1), '0:{FIRST_HASH}')"
)


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One row. at: UTC ISO 8601. head: `seq:hash` of the decision that was the newest one then."""

    seq: int
    at: str
    annotator: str
    action: str
    params: dict[str, Any]
    head: str


def append(db: Db, annotator: str, action: str, params: Mapping[str, Any] | None = None) -> None:
    """Note that somebody did something. Inside the write that does it: both are kept, or neither.

    action: a slug of `pages._words.vocabulary.AUDIT_WORDS`. params: what JSON knows; no path or name of a photo.
    Raises ValueError for an action that is no slug.
    """
    if not _ACTION.fullmatch(action):
        raise ValueError(f"an action is a slug, not {action!r}")
    seq, prev_hash = head(db) or (0, FIRST_HASH)
    (decisions_head,) = db.execute(_DECISIONS_HEAD_SQL).fetchone()
    row = {
        "seq": seq + 1, "at": now_iso(), "annotator": annotator, "action": action,
        "params": json.dumps(params or {}, sort_keys=True, ensure_ascii=False), "head": decisions_head,
    }  # fmt: skip
    digest = row_hash(prev_hash, row)
    db.execute(
        f"INSERT INTO audit ({', '.join(COLUMNS)}, prev_hash, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [*(row[name] for name in COLUMNS), prev_hash, digest],
    )
    put_value(db, _HEAD_KEY, f"{seq + 1}:{digest}")


def row_hash(prev_hash: str, row: Mapping[str, Any]) -> str:
    """SHA-256 (hex) over the hash before and the row's columns as canonical JSON: sorted keys, ASCII, no spaces."""
    covered = {name: row[name] for name in COLUMNS}
    body = json.dumps(covered, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256((prev_hash + body).encode()).hexdigest()


def head(db: Db) -> tuple[int, str] | None:
    """(seq, hash) of the newest row, None while there is none."""
    row = db.execute("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").fetchone()
    return None if row is None else (row[0], row[1])


def verify_links(db: Db) -> list[Finding]:
    """One sentence for each place where the audit is not what Moue wrote, empty if none. Reads it once."""
    findings: list[Finding] = []
    previous, expected, decided = FIRST_HASH, 1, 0
    names = (*COLUMNS, "prev_hash", "hash")
    for values in db.execute(f"SELECT {', '.join(names)} FROM audit ORDER BY seq").fetchall():
        row = dict(zip(names, values, strict=True))
        if row["seq"] != expected:
            findings.append(finding("found_audit_missing", seq=str(expected), next=str(row["seq"])))
        if row["prev_hash"] != previous:
            findings.append(finding("found_audit_unchained", seq=str(row["seq"])))
        if row_hash(row["prev_hash"], row) != row["hash"]:
            findings.append(finding("found_audit_changed", seq=str(row["seq"])))
        seq, _, digest = row["head"].partition(":")
        if not _is_decision(db, seq, digest) or int(seq) < decided:
            findings.append(finding("found_audit_head", seq=str(row["seq"])))
        previous, expected = row["hash"], row["seq"] + 1
        decided = int(seq) if seq.isdecimal() else decided
    if (value_of(db, _HEAD_KEY) or f"0:{FIRST_HASH}") != f"{expected - 1}:{previous}":
        findings.append(finding("found_audit_end"))
    return findings


def _is_decision(db: Db, seq: str, digest: str) -> bool:
    if not seq.isdecimal() or len(seq) > 18:
        return False
    if seq == "0":
        return digest == FIRST_HASH
    row = db.execute("SELECT hash FROM decisions WHERE seq = ?", [int(seq)]).fetchone()
    return row is not None and row[0] == digest


def newest_restore(db: Db) -> str:
    """The hash of the row of the newest restore, "" where there was none: which log this is, for who knew another."""
    row = db.execute("SELECT hash FROM audit WHERE action = 'restore' ORDER BY seq DESC LIMIT 1").fetchone()
    return "" if row is None else str(row[0])


def rows(db: Db) -> Iterator[AuditRow]:
    """All rows, oldest first."""
    return map(row_of, db.execute(f"SELECT {', '.join(COLUMNS)} FROM audit ORDER BY seq"))


def row_of(columns: Sequence[Any]) -> AuditRow:
    """The row of the columns COLUMNS, in their order."""
    seq, at, annotator, action, params, decided = columns
    return AuditRow(seq, at, annotator, action, json.loads(params), decided)
