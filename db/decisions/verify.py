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
from pipeline.core.messages import Finding, finding

_CROSS_CHECKS: Final = {
    "found_no_face": (
        "SELECT i.sha256 FROM images i WHERE i.outcome = 'added'"
        " AND NOT EXISTS (SELECT 1 FROM faces f WHERE f.sha256 = i.sha256)"
    ),
    "found_face": (
        "SELECT i.sha256 FROM images i WHERE i.outcome = 'no_face' AND EXISTS (SELECT 1 FROM faces f"
        " WHERE f.sha256 = i.sha256 AND f.removed_at IS NULL)"
    ),
    "found_no_image": (
        "SELECT s.location FROM sightings s WHERE s.outcome IN ('added', 'no_face', 'already_present')"
        " AND NOT EXISTS (SELECT 1 FROM images i WHERE i.sha256 = s.sha256)"
    ),
    "found_image_of_no_file": (
        "SELECT i.sha256 FROM images i WHERE i.sha256 NOT IN (SELECT sha256 FROM sightings WHERE sha256 IS NOT NULL)"
    ),
    "found_other_image": ("SELECT d.seq FROM decisions d JOIN faces f ON f.id = d.face_id WHERE f.sha256 <> d.sha256"),
    "found_release_head": (
        "SELECT r.id FROM releases r WHERE r.head <> '' AND NOT EXISTS"
        " (SELECT 1 FROM decisions d WHERE d.hash = substr(r.head, -64) AND d.seq || ':' || d.hash = r.head)"
    ),
    "found_model_head": (
        "SELECT m.id FROM suggestion_models m WHERE m.head <> '' AND NOT EXISTS"
        " (SELECT 1 FROM decisions d WHERE d.hash = substr(m.head, -64) AND d.seq || ':' || d.hash = m.head)"
    ),
    "found_model_block": (
        "SELECT b.block FROM suggestion_blocks b JOIN suggestion_models m ON m.id = b.model_id"
        " WHERE length(b.data) <> 2 * 2048 * iif(json_valid(m.classes), json_array_length(m.classes), -1)"
    ),
    "found_unseen": (
        "SELECT d.seq FROM decisions d LEFT JOIN decisions o ON o.uuid = d.unseen WHERE d.unseen IS NOT NULL"
        " AND (o.seq IS NULL OR o.seq > d.seq OR o.annotator = d.annotator OR o.face_id <> d.face_id"
        " OR o.verdict = 'undo')"
    ),
    "found_undo": (
        "SELECT u.seq FROM decisions u JOIN decisions d ON d.uuid = u.undoes"
        " WHERE d.annotator <> u.annotator OR d.face_id <> u.face_id OR d.verdict = 'undo' OR d.seq > u.seq"
    ),
}


def verify(db: Db) -> list[Finding]:
    """The findings, empty if all is well: SQLite's own checks, the schema, the tables' digests, the hash
    chains, the projection, and references between tables. Reads every row."""
    findings = _damage(db)
    if findings:
        return findings  # what a damaged file says about the rest means nothing
    findings += [
        finding("found_row_of_nothing", table=table, row=str(rowid), parent=parent)
        for table, rowid, parent, _ in db.execute("PRAGMA foreign_key_check")
    ]
    findings += [*check_schema(db), *table_digests.check(db), *verify_chain(db), *audit.verify_links(db)]
    for code, sql in _CROSS_CHECKS.items():
        findings += [finding(code, value=str(value)) for (value,) in db.execute(sql)]
    return findings


def _damage(db: Db) -> list[Finding]:
    """What SQLite finds wrong with its file; a page so bad that the check itself fails is a finding, too."""
    findings: list[Finding] = []
    try:
        for (line,) in db.execute("PRAGMA integrity_check"):
            if line != "ok":
                findings.append(finding("found_sqlite", said=line))
    except sqlite3.DatabaseError as e:
        if not is_damage(e):
            raise
        findings.append(finding("found_sqlite_damage", said=str(e)))
    return findings
