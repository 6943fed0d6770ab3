"""Tokens by which scripts say who they are, in a workspace: of one person, with one role at most, until revoked.

A token is 256 random bits, so its plain SHA-256 gives nothing away; the token itself is told once and kept nowhere.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Final

from sqlite_utils.db import Database as Db

from db.base.clock import now_iso
from db.tables import audit, roles
from pipeline.core.errors import NotAllowedError, UsageError
from pipeline.core.messages import message
from pipeline.core.names import clean_name, invisible_in
from pipeline.core.roles import ROLES, Role

PREFIX: Final = "moue_"
"""How each token begins, so that one in a log or a repository is known for what it is."""
LONGEST_NAME: Final = 60
MOST_PER_PERSON: Final = 50
"""Tokens in force that a person may have."""
MOST_DAYS: Final = 3650
_BYTES: Final = 32
_COLUMNS: Final = "id, annotator, name, role, made_by, made_at, expires_at, used_at, revoked_by, revoked_at"


@dataclass(frozen=True, slots=True)
class Token:
    """role: what it may do at most; never more than its person may now. Times are UTC, ISO 8601; used_at to the minute,
    None where it was never used. revoked_at: None while it holds."""

    id: int
    annotator: str
    name: str
    role: Role
    made_by: str
    made_at: str
    expires_at: str | None
    used_at: str | None
    revoked_by: str | None
    revoked_at: str | None

    def holds(self, now: str) -> bool:
        """Whether it lets anybody in at this time."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


def make(db: Db, annotator: str, name: str, role: Role, *, by: str, days: int | None = None) -> tuple[str, Token]:
    """A new token of a known person: what is told once, and what is kept. Inside a write.

    by: who makes it; may they is the caller's question. days: how long it holds, None until it is revoked. Raises
    UsageError for a name or a number of days that is none, NotAllowedError for a role above the person's own.
    """
    cleaned = clean_name(name)
    if not 1 <= len(cleaned) <= LONGEST_NAME or invisible_in(cleaned):
        raise UsageError(message("token_name", most=LONGEST_NAME))
    if days is not None and not 1 <= days <= MOST_DAYS:
        raise UsageError(message("token_days", most=MOST_DAYS))
    own = roles.role_of(db, annotator)
    if ROLES.index(role) > ROLES.index(own):
        raise NotAllowedError(message("token_role_above", role=message(f"role_{role}"), own=message(f"role_{own}")))
    if sum(one.holds(now_iso()) for one in of_person(db, annotator)) >= MOST_PER_PERSON:
        raise UsageError(message("token_too_many", most=MOST_PER_PERSON))
    secret = PREFIX + secrets.token_urlsafe(_BYTES)
    expires = None if days is None else now_iso(-days * 86_400.0)
    sql = "INSERT INTO tokens (annotator, name, role, hash, made_by, made_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)"
    db.execute(sql, [annotator, cleaned, role, _hash(secret), by, now_iso(), expires])
    made = _find(db, "hash = ?", _hash(secret))
    assert made is not None
    audit.append(db, by, "token", {"token": made.id, "person": annotator, "name": cleaned, "role": role})
    return secret, made


def revoke(db: Db, token_id: int, *, by: str, of: str | None = None) -> Token:
    """Let a token hold no longer; of one that does not already, nothing changes. Inside a write.

    of: only if it is this person's. Raises UsageError for a token that is not there.
    """
    found = _find(db, "id = ?", token_id)
    if found is None or (of is not None and found.annotator != of):
        raise UsageError(message("token_unknown", n=token_id))
    if found.revoked_at is None:
        db.execute("UPDATE tokens SET revoked_by = ?, revoked_at = ? WHERE id = ?", [by, now_iso(), token_id])
        told = {"token": token_id, "person": found.annotator, "name": found.name}
        audit.append(db, by, "token_revoked", told)
    return found


def revoke_all(db: Db) -> int:
    """Revoke every token, and return how many held. Inside a write; what it is done for tells of it in the audit."""
    sql = "UPDATE tokens SET revoked_by = ?, revoked_at = ? WHERE revoked_at IS NULL"
    return db.execute(sql, [audit.COMMAND_LINE, now_iso()]).rowcount


def find(db: Db, secret: str) -> Token | None:
    """The token of these characters, in force or not; None where there is none."""
    return _find(db, "hash = ?", _hash(secret)) if secret.startswith(PREFIX) else None


def note_use(db: Db, token_id: int) -> None:
    """Note that it was used now. Inside a write."""
    db.execute("UPDATE tokens SET used_at = ? WHERE id = ?", [now_iso(), token_id])


def of_person(db: Db, annotator: str) -> list[Token]:
    """Somebody's tokens, newest first."""
    sql = f"SELECT {_COLUMNS} FROM tokens WHERE annotator = ? ORDER BY id DESC"
    return [Token(*row) for row in db.execute(sql, [annotator]).fetchall()]


def list_all(db: Db) -> list[Token]:
    """Everybody's tokens, newest first."""
    return [Token(*row) for row in db.execute(f"SELECT {_COLUMNS} FROM tokens ORDER BY id DESC").fetchall()]


def _find(db: Db, condition: str, value: object) -> Token | None:
    row = db.execute(f"SELECT {_COLUMNS} FROM tokens WHERE {condition}", [value]).fetchone()
    return None if row is None else Token(*row)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
