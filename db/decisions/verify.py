"""Checks that the database is consistent in itself; `pipeline.actions.verify` compares it with the files on disk."""

from __future__ import annotations

import sqlite3
from typing import Final

from sqlite_utils.db import Database as Db

from db.base.sqlite_errors import is_damage
from db.decisions.log import verify_chain
from db.schema import table_digests
from db.schema.compare import check_schema
from db.tables import audit

_CROSS_CHECKS: Final = {
    "image {0} is `added` and has no face": (
        "SELECT i.sha256 FROM images i WHERE i.outcome = 'added'"
        " AND NOT EXISTS (SELECT 1 FROM faces f WHERE f.sha256 = i.sha256)"
    ),
    "image {0} is `no_face` and has a face": (
        "SELECT i.sha256 FROM images i WHERE i.outcome = 'no_face' AND EXISTS (SELECT 1 FROM faces f"
        " WHERE f.sha256 = i.sha256 AND f.removed_at IS NULL)"
    ),
    "file {0} counts as stored, but there is no image of it": (
        "SELECT s.location FROM sightings s WHERE s.outcome IN ('added', 'no_face', 'already_present')"
        " AND NOT EXISTS (SELECT 1 FROM images i WHERE i.sha256 = s.sha256)"
    ),
    "image {0} is in no file that was met: the file that it came from holds another photo now; where it is not wanted"
    " any more, erase it": (
        "SELECT i.sha256 FROM images i WHERE i.sha256 NOT IN (SELECT sha256 FROM sightings WHERE sha256 IS NOT NULL)"
    ),
    "decision {0} is on a face of another image": (
        "SELECT d.seq FROM decisions d JOIN faces f ON f.id = d.face_id WHERE f.sha256 <> d.sha256"
    ),
    "the decisions that release {0} was made from are not the present ones": (
        "SELECT r.id FROM releases r WHERE r.head <> '' AND NOT EXISTS"
        " (SELECT 1 FROM decisions d WHERE d.hash = substr(r.head, -64) AND d.seq || ':' || d.hash = r.head)"
    ),
    "the decisions that suggestion model {0} learned from are not the present ones": (
        "SELECT m.id FROM suggestion_models m WHERE m.head <> '' AND NOT EXISTS"
        " (SELECT 1 FROM decisions d WHERE d.hash = substr(m.head, -64) AND d.seq || ':' || d.hash = m.head)"
    ),
    "block {0} of a suggestion model is no table of faces by classes": (
        "SELECT b.block FROM suggestion_blocks b JOIN suggestion_models m ON m.id = b.model_id"
        " WHERE length(b.data) <> 2 * 2048 * iif(json_valid(m.classes), json_array_length(m.classes), -1)"
    ),
    "decision {0} names as unseen what is no earlier decision of somebody else on its face": (
        "SELECT d.seq FROM decisions d LEFT JOIN decisions o ON o.uuid = d.unseen WHERE d.unseen IS NOT NULL"
        " AND (o.seq IS NULL OR o.seq > d.seq OR o.annotator = d.annotator OR o.face_id <> d.face_id"
        " OR o.verdict = 'undo')"
    ),
    "decision {0} takes back a decision of somebody else, of another face, or an undo": (
        "SELECT u.seq FROM decisions u JOIN decisions d ON d.uuid = u.undoes"
        " WHERE d.annotator <> u.annotator OR d.face_id <> u.face_id OR d.verdict = 'undo' OR d.seq > u.seq"
    ),
}


def verify(db: Db) -> list[str]:
    """One sentence a finding, empty if all is well: SQLite's own checks, the schema, the tables' digests, the hash
    chains, the projection, and references between tables. Reads every row."""
    findings = _damage(db)
    if findings:
        return findings  # what a damaged file says about the rest means nothing
    findings += [
        f"table {table}, row {rowid}: points to a row of {parent} that is not there"
        for table, rowid, parent, _ in db.execute("PRAGMA foreign_key_check")
    ]
    findings += [*check_schema(db), *table_digests.check(db), *verify_chain(db), *audit.verify_links(db)]
    for message, sql in _CROSS_CHECKS.items():
        findings += [message.format(value) for (value,) in db.execute(sql)]
    return findings


def _damage(db: Db) -> list[str]:
    """What SQLite finds wrong with its file; a page so bad that the check itself fails is a finding, too."""
    findings: list[str] = []
    try:
        for (line,) in db.execute("PRAGMA integrity_check"):
            if line != "ok":
                findings.append(f"SQLite: {line}")
    except sqlite3.DatabaseError as e:
        if not is_damage(e):
            raise
        findings.append(f"SQLite: {e}; restore the database from a backup")
    return findings
