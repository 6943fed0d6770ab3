from __future__ import annotations

from typing import Any

import pytest

from db.decisions.log import apply_ops
from db.store.store import Db, Store
from db.tables import audit, jobs, roles
from db.tables.annotators import RULE_PREFIX, ensure_annotator
from pipeline.core.errors import NotAllowedError, UsageError
from tests.db.make import add_images, decide


def _roles(store: Store) -> dict[str, str]:
    return {person.name: person.role for person in store.read(roles.list_people)}


def _forget_roles(db: Db) -> None:
    """As in a workspace from before there were any."""
    db.execute("DELETE FROM roles")


def _arrive(store: Store, *names: str) -> None:
    for name in names:
        store.write(lambda db, name=name: ensure_annotator(db, name))


def test_the_first_person_of_a_new_workspace_is_its_owner(store: Store) -> None:
    assert store.read(lambda db: roles.role_of(db, "Ada")) == "owner"  # nobody is here yet
    _arrive(store, f"{RULE_PREFIX} too dark", "Ada", "Ben")
    assert _roles(store) == {"Ada": "owner", "Ben": "annotator"}
    face = add_images(store, ["a"])[0]
    store.write(lambda db: apply_ops(db, "Ben", [decide(db, face)]))  # who decides first, later on, changes nothing
    assert _roles(store) == {"Ada": "owner", "Ben": "annotator"}
    assert store.read(lambda db: roles.role_of(db, "Cyd")) == "annotator"


def test_of_an_older_workspace_whoever_decided_first_is_the_owner(store: Store) -> None:
    face = add_images(store, ["a"])[0]
    _arrive(store, "Zoe", "Ben", "Ada")
    for name in (f"{RULE_PREFIX} too dark", "Ben", "Ada"):
        store.write(lambda db, name=name: apply_ops(db, name, [decide(db, face)]))
    store.write(_forget_roles)
    assert _roles(store) == {"Ada": "annotator", "Ben": "owner", "Zoe": "annotator"}
    _arrive(store, "Cyd")  # the next one who comes lets it be noted
    assert store.read(lambda db: db.execute("SELECT annotator, role FROM roles").fetchall()) == [("Ben", "owner")]


def test_of_an_older_workspace_where_nobody_decided_it_is_who_came_first(store: Store) -> None:
    _arrive(store, "Zoe")
    store.write(lambda db: db.execute("UPDATE annotators SET created_at = '2020'").rowcount)
    _arrive(store, "Ada")
    store.write(_forget_roles)
    assert _roles(store) == {"Ada": "annotator", "Zoe": "owner"}


@pytest.mark.parametrize("spelled", ["FER 2013", " fer 2013"])
def test_the_name_of_a_data_set_owns_nothing(store: Store, spelled: str) -> None:
    """A workspace that began with `import`: its labels have a name, which is nobody's."""
    store.write(lambda db: jobs.start_job(db, "import", {"labels_of": spelled}))
    face = add_images(store, ["a"])[0]
    store.write(lambda db: apply_ops(db, "FER 2013", [decide(db, face)]))
    assert store.read(roles.has_owner) is False
    assert store.read(lambda db: roles.role_of(db, "Ada")) == "owner"
    _arrive(store, "Ada", "Ben")
    assert _roles(store) == {"Ada": "owner", "Ben": "annotator", "FER 2013": "annotator"}


def test_who_imported_in_their_own_name_owns_it_once_they_come(store: Store) -> None:
    store.write(lambda db: jobs.start_job(db, "import", {"labels_of": "Ada"}))
    _arrive(store, "Ada")
    assert store.read(roles.has_owner) is False
    store.write(lambda db: roles.settle_owner(db, "Ada"))
    _arrive(store, "Ben")
    assert _roles(store) == {"Ada": "owner", "Ben": "annotator"}


def test_the_last_owner_stays_one(store: Store) -> None:
    _arrive(store, "Ada", "Ben")
    with pytest.raises(UsageError, match="Ada is the only owner"):
        store.write(lambda db: roles.set_role(db, "Ada", "reviewer", "Ada"))
    assert store.write(lambda db: roles.set_role(db, "ben", "owner", "Ada")) == "Ben"
    store.write(lambda db: roles.set_role(db, "Ada", "viewer", "Ben"))
    assert _roles(store) == {"Ada": "viewer", "Ben": "owner"}
    with pytest.raises(UsageError, match="Ben is the only owner"):
        store.write(lambda db: roles.set_role(db, "Ben", "annotator", "Ada"))


def test_a_role_of_nobody_is_refused(store: Store) -> None:
    _arrive(store, "Ada", f"{RULE_PREFIX} dark")
    for name in ("Bne", f"{RULE_PREFIX} dark"):
        with pytest.raises(UsageError, match="nobody here is called"):
            store.write(lambda db, name=name: roles.set_role(db, name, "owner", "Ada"))


def test_newcomers_have_the_workspace_s_role_until_they_are_given_one(store: Store) -> None:
    _arrive(store, "Ada", "Ben", "Cyd")
    store.write(lambda db: roles.set_role(db, "Cyd", "annotator", "Ada"))
    store.write(lambda db: roles.set_newcomers_role(db, "viewer", "Ada"))
    assert _roles(store) == {"Ada": "owner", "Ben": "viewer", "Cyd": "annotator"}
    with pytest.raises(UsageError, match="newcomers cannot be owners"):
        store.write(lambda db: roles.set_newcomers_role(db, "owner", "Ada"))
    with pytest.raises(NotAllowedError):
        store.read(lambda db: roles.require(db, "Ben", "label"))


def test_a_name_in_another_case_is_the_same_person(store: Store) -> None:
    _arrive(store, "Ada", "Ben")
    store.write(lambda db: roles.set_role(db, "Ben", "viewer", "Ada"))
    assert store.read(lambda db: roles.role_of(db, "BEN")) == "viewer"
    assert store.read(lambda db: roles.role_of(db, "ada")) == "owner"


def test_a_change_is_in_the_audit_and_no_change_is_not(store: Store) -> None:
    _arrive(store, "Ada", "Ben")
    store.write(lambda db: roles.set_role(db, "Ben", "annotator", "Ada"))
    store.write(lambda db: roles.set_role(db, "Ben", "reviewer", "Ada"))
    store.write(lambda db: roles.set_newcomers_role(db, "viewer", "Ada"))
    store.write(lambda db: roles.set_newcomers_role(db, "viewer", "Ada"))
    with pytest.raises(UsageError):
        store.write(lambda db: roles.set_role(db, "Ada", "viewer", "Ben"))
    told: list[tuple[str, str, dict[str, Any]]] = [
        (row.annotator, row.action, row.params) for row in store.read(lambda db: list(audit.rows(db)))
    ]
    assert told == [
        ("Ada", "role", {"person": "Ben", "role": "reviewer", "before": "annotator"}),
        ("Ada", "newcomers", {"role": "viewer", "before": "annotator"}),
    ]
