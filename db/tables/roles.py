"""Who has which role in this workspace; what a role may do is in `pipeline.core.roles`.

The first person of a workspace is its owner; of a workspace from before roles, whoever decided first. A name under
which the labels of a data set came in is nobody's. Everybody else has the role of newcomers until an owner gives them
another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlite_utils.db import Database as Db

from db.base.clock import now_iso
from db.base.meta import put_value, value_of
from db.tables import audit, jobs
from pipeline.core import roles
from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.core.names import find_name
from pipeline.core.roles import Action, Role

FIRST: Final = "first"
"""`given_by` of the role that the first person of a workspace has: nobody gave it."""
NEWCOMERS: Final[Role] = "annotator"
_NEWCOMERS_KEY: Final = "newcomers_role"
_PEOPLE: Final = "substr(name, 1, 5) <> 'rule:'"  # a rule is nobody
_FIRST_PERSON_SQL: Final = f"""
SELECT name FROM annotators WHERE {_PEOPLE}
ORDER BY (SELECT min(seq) FROM decisions d WHERE d.annotator = name) NULLS LAST, created_at, name
"""


@dataclass(frozen=True, slots=True)
class Person:
    """since: when the workspace first knew of them. given_by, given_at: of the role; "" for a newcomer's.

    last_decided: when they decided last, None where they never did. Times are UTC ISO 8601.
    """

    name: str
    role: Role
    given_by: str
    given_at: str
    since: str
    last_decided: str | None


def role_of(db: Db, annotator: str) -> Role:
    """The role of a person, known or not: in a workspace that knows nobody yet, the one who asks will be its owner."""
    row = db.execute("SELECT role FROM roles WHERE annotator = ?", [annotator]).fetchone()
    if row is None and (kept := _kept(db, annotator)) is not None:
        annotator = kept  # a proxy may spell a name otherwise today
        row = db.execute("SELECT role FROM roles WHERE annotator = ?", [kept]).fetchone()
    if row is not None:
        return roles.as_role(row[0])
    if not has_owner(db) and _first_person(db) in (annotator, None):
        return "owner"
    return newcomers_role(db)


def require(db: Db, annotator: str, action: Action) -> None:
    """Raises NotAllowedError where the person may not do it."""
    roles.check(role_of(db, annotator), action)


def may(db: Db, annotator: str, action: Action) -> bool:
    """Whether the person may do it."""
    return roles.may(role_of(db, annotator), action)


def settle_owner(db: Db, visitor: str | None = None) -> None:
    """Note the first person as the owner, where nobody is noted. Inside a write.

    Until then the first person is worked out anew each time, and would be another one after the first decision.
    visitor: who is here now, a known name: the first person where there is none.
    """
    if has_owner(db):
        return
    first = _first_person(db) or visitor
    if first is not None:
        _put(db, first, "owner", FIRST)


def has_maker(db: Db) -> bool:
    """Whether the audit tells who made the workspace; one that was in use before it was asked for tells nothing."""
    sql = "SELECT EXISTS (SELECT 1 FROM audit) OR EXISTS (SELECT 1 FROM images) OR EXISTS (SELECT 1 FROM decisions)"
    return bool(db.execute(sql).fetchone()[0])


def note_maker(db: Db, by: str) -> None:
    """Let the audit begin with who made the workspace, where it does not. Inside a write.

    by: its first person, or the command line.
    """
    if not has_maker(db):
        audit.append(db, by, "workspace_made")


def set_role(db: Db, annotator: str, role: Role, by: str) -> str:
    """Give a known person a role, and return the name as it is kept. Inside a write.

    by: who gives it; may they do so is the caller's question. Raises UsageError for an unknown person, and for the only
    owner who would be none any more.
    """
    settle_owner(db)
    name = _kept(db, annotator)
    if name is None:
        raise UsageError(message("role_person_unknown", name=annotator))
    before = role_of(db, name)
    others = db.execute("SELECT 1 FROM roles WHERE role = 'owner' AND annotator <> ? LIMIT 1", [name]).fetchone()
    if before == "owner" and role != "owner" and not others:
        raise UsageError(message("role_last_owner", name=name))
    if before != role:
        audit.append(db, by, "role", {"person": name, "role": role, "before": before})
    _put(db, name, role, by)
    return name


def newcomers_role(db: Db) -> Role:
    """The role of everybody to whom no owner gave one; `annotator` at first."""
    found = value_of(db, _NEWCOMERS_KEY)
    return NEWCOMERS if found is None else roles.as_role(found)


def set_newcomers_role(db: Db, role: Role, by: str) -> None:
    """Choose what newcomers may do, also those who are here and were given no role. Inside a write.

    Raises UsageError for `owner`: whoever types a name would own the workspace.
    """
    if role == "owner":
        raise UsageError(message("role_newcomers"))
    before = newcomers_role(db)
    if before == role:
        return
    settle_owner(db)
    put_value(db, _NEWCOMERS_KEY, role)
    audit.append(db, by, "newcomers", {"role": role, "before": before})


def list_people(db: Db) -> list[Person]:
    """All people of the workspace, by name; rules are none."""
    sql = f"""
    SELECT name, ifnull(r.given_by, ''), ifnull(r.at, ''), created_at,
           (SELECT at FROM decisions d WHERE d.annotator = name ORDER BY d.seq DESC LIMIT 1)
    FROM annotators LEFT JOIN roles r ON r.annotator = name WHERE {_PEOPLE} ORDER BY name
    """
    return [Person(name, role_of(db, name), *rest) for name, *rest in db.execute(sql).fetchall()]


def _kept(db: Db, name: str) -> str | None:
    """A known person's name as it is kept."""
    if db.execute(f"SELECT 1 FROM annotators WHERE name = ? AND {_PEOPLE}", [name]).fetchone():
        return name
    return find_name(name, [one for (one,) in db.execute(f"SELECT name FROM annotators WHERE {_PEOPLE} ORDER BY name")])


def has_owner(db: Db) -> bool:
    """Whether somebody is noted as an owner: from then on there is always one."""
    return db.execute("SELECT 1 FROM roles WHERE role = 'owner' LIMIT 1").fetchone() is not None


def _first_person(db: Db) -> str | None:
    names = [str(name) for (name,) in db.execute(_FIRST_PERSON_SQL)]
    of_data_sets = jobs.names_of_data_sets(db) if names else []
    return next((name for name in names if find_name(name, of_data_sets) is None), None)


def _put(db: Db, name: str, role: Role, by: str) -> None:
    db.execute(
        "INSERT INTO roles (annotator, role, given_by, at) VALUES (?, ?, ?, ?) ON CONFLICT (annotator) DO UPDATE SET"
        " role = excluded.role, given_by = excluded.given_by, at = excluded.at",
        [name, role, by, now_iso()],
    )
