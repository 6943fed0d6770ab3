"""The hash chain over the decision log: shows a row that another program changed, inserted or removed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from sqlite_utils.db import Database as Db

from db.base.meta import put_value, value_of
from pipeline.core.messages import Finding, finding

FIRST_HASH: Final = "0" * 64
COLUMNS: Final = (
    *("seq", "uuid", "step", "annotator", "face_id", "sha256", "verdict", "class_id", "reason", "undoes"),
    *("at", "took_ms"),
)
"""The columns that a row's hash covers; it also covers the hash of the row before."""
LATER: Final = {"kind": "", "unseen": None, "context": None}
"""Columns that came later, with the values of a row from before: the hash covers one only where it differs, so that old
hashes stay."""
_HEAD_KEY: Final = "decisions_head"


def row_hash(prev_hash: str, row: Mapping[str, Any]) -> str:
    """SHA-256 (hex) over the hash before and the row's columns as canonical JSON: sorted keys, ASCII, no spaces."""
    covered = {name: row[name] for name in COLUMNS}
    covered |= {name: row[name] for name, before in LATER.items() if row[name] != before}
    body = json.dumps(covered, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256((prev_hash + body).encode()).hexdigest()


def head(db: Db) -> tuple[int, str]:
    """(seq, hash) of the newest decision; (0, 64 zeros) while there is none."""
    row = db.execute("SELECT seq, hash FROM decisions ORDER BY seq DESC LIMIT 1").fetchone()
    return (row[0], row[1]) if row else (0, FIRST_HASH)


def holds(db: Db, seq: int, digest: str) -> bool:
    """Whether what was `head` once is in the log still: what was read up to there stands. Not so after a restore."""
    sql = "SELECT 1 FROM decisions WHERE seq = ? AND hash = ?"
    return seq == 0 or db.execute(sql, [seq, digest]).fetchone() is not None


def remember_head(db: Db) -> None:
    """Store seq and hash of the newest decision, so that rows deleted at the log's end are noticed. Inside a write."""
    seq, digest = head(db)
    put_value(db, _HEAD_KEY, f"{seq}:{digest}")


def append(db: Db, row: dict[str, Any]) -> int:
    """Add one decision (all of COLUMNS but `seq`, and what differs of LATER) to the end of the log; returns its seq.
    Inside a write."""
    seq, prev_hash = head(db)
    full = {**LATER, **row, "seq": seq + 1}
    stored = (*COLUMNS, *(name for name, before in LATER.items() if full[name] != before))  # the others by default
    names = (*stored, "prev_hash", "hash")
    values = [*(full[name] for name in stored), prev_hash, row_hash(prev_hash, full)]
    db.execute(f"INSERT INTO decisions ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})", values)
    return seq + 1


def verify_links(db: Db) -> list[Finding]:
    """One sentence for each place where the log is not what Moue wrote, empty if none. Reads the whole log once."""
    findings: list[Finding] = []
    previous, expected_seq = FIRST_HASH, 1
    names = (*COLUMNS, *LATER, "prev_hash", "hash")
    for values in db.execute(f"SELECT {', '.join(names)} FROM decisions ORDER BY seq"):
        row = dict(zip(names, values, strict=True))
        if row["seq"] != expected_seq:
            findings.append(finding("found_decision_missing", seq=str(expected_seq), next=str(row["seq"])))
        if row["prev_hash"] != previous:
            findings.append(finding("found_decision_unchained", seq=str(row["seq"])))
        if row_hash(row["prev_hash"], row) != row["hash"]:
            findings.append(finding("found_decision_changed", seq=str(row["seq"])))
        previous, expected_seq = row["hash"], row["seq"] + 1
    if (value_of(db, _HEAD_KEY) or f"0:{FIRST_HASH}") != f"{expected_seq - 1}:{previous}":
        findings.append(finding("found_decisions_end"))
    return findings
