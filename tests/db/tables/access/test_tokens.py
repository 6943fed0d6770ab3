"""Tokens: told once, kept as a hash, of one person and one role, until they are revoked or their time is over."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from db.decisions.verify import verify
from db.store.backup import backup, restore
from db.store.store import Store
from db.tables import roles
from db.tables.access import tokens
from db.tables.access.tokens import Token
from db.tables.annotators import ensure_annotator
from db.team import history
from db.team.history import Wanted
from pipeline.actions.verify import restore_workspace
from pipeline.core.errors import NotAllowedError, UsageError
from pipeline.core.roles import ROLES, Role

FOREVER = "9999-12-31T00:00:00.000Z"


@pytest.fixture
def people(store: Store) -> Store:
    for name, role in (("Olga", "owner"), ("Rita", "reviewer"), ("Ann", "annotator"), ("Vic", "viewer")):
        store.write(lambda db, name=name: ensure_annotator(db, name))
        store.write(lambda db, name=name, role=role: roles.set_role(db, name, role, "Olga"))
    return store


def make(store: Store, who: str = "Ann", role: Role = "viewer", days: int | None = None) -> tuple[str, Token]:
    return store.write(lambda db: tokens.make(db, who, "nightly", role, by=who, days=days))


def test_the_database_holds_the_hash_and_nowhere_the_token(people: Store) -> None:
    secret, made = make(people)
    (kept,) = people.read(lambda db: db.execute("SELECT hash FROM tokens").fetchone())
    assert kept == hashlib.sha256(secret.encode()).hexdigest()
    people.close()
    assert secret.encode() not in (people.root / "moue.db").read_bytes()
    assert secret.startswith("moue_")
    assert made.used_at is None


def test_it_is_found_by_its_characters_alone(people: Store) -> None:
    secret, made = make(people)
    assert people.read(lambda db: tokens.find(db, secret)) == made
    for other in (secret[:-1], secret + "x", secret.upper(), "", "moue_", hashlib.sha256(secret.encode()).hexdigest()):
        assert people.read(lambda db, other=other: tokens.find(db, other)) is None


@pytest.mark.parametrize("who", ["Rita", "Ann", "Vic"])
@pytest.mark.parametrize("role", ROLES)
def test_no_token_may_more_than_its_person(people: Store, who: str, role: Role) -> None:
    own = people.read(lambda db: roles.role_of(db, who))
    if ROLES.index(role) <= ROLES.index(own):
        assert make(people, who, role)[1].role == role
    else:
        with pytest.raises(NotAllowedError, match="whose role is"):
            make(people, who, role)


def test_it_holds_until_its_time_is_over_or_it_is_revoked(people: Store) -> None:
    _, for_good = make(people)
    assert for_good.holds(FOREVER)
    _, for_a_day = make(people, days=1)
    assert for_a_day.holds(for_a_day.made_at)
    assert not for_a_day.holds(for_a_day.expires_at or "")
    people.write(lambda db: tokens.revoke(db, for_good.id, by="Olga"))
    people.write(lambda db: tokens.revoke(db, for_good.id, by="Ann"))  # changes nothing
    newest = {one.id: one for one in people.read(tokens.list_all)}[for_good.id]
    assert not newest.holds(newest.made_at)
    assert newest.revoked_by == "Olga"


def test_nobody_revokes_another_s_as_their_own(people: Store) -> None:
    _, made = make(people)
    with pytest.raises(UsageError, match="no token"):
        people.write(lambda db: tokens.revoke(db, made.id, by="Vic", of="Vic"))
    people.write(lambda db: tokens.revoke(db, made.id, by="Ann", of="Ann"))
    with pytest.raises(UsageError, match="no token"):
        people.write(lambda db: tokens.revoke(db, 99, by="Olga"))


@pytest.mark.parametrize(("name", "days"), [("", None), ("x" * 61, None), ("a\u200bb", None), ("x", 0), ("x", 3651)])
def test_what_is_no_name_or_time_is_refused(people: Store, name: str, days: int | None) -> None:
    with pytest.raises(UsageError):
        people.write(lambda db: tokens.make(db, "Ann", name, "viewer", by="Ann", days=days))


def test_a_person_has_fifty_at_most(people: Store) -> None:
    first, *_ = [make(people)[1] for _ in range(tokens.MOST_PER_PERSON)]
    with pytest.raises(UsageError, match="50 tokens"):
        make(people)
    people.write(lambda db: tokens.revoke(db, first.id, by="Ann"))
    make(people)
    make(people, "Vic")


def test_the_audit_tells_what_was_made_and_revoked_and_not_the_token(people: Store) -> None:
    secret, made = make(people)
    people.write(lambda db: tokens.revoke(db, made.id, by="Olga"))
    told = [(one.annotator, one.action, one.params) for one in history.all_entries(people.read, Wanted("", ""))]
    assert ("Ann", "token", {"token": 1, "person": "Ann", "name": "nightly", "role": "viewer"}) in told
    assert ("Olga", "token_revoked", {"token": 1, "person": "Ann", "name": "nightly"}) in told
    assert secret[5:] not in str(told)


def test_a_backup_brings_no_revoked_token_back(people: Store, tmp_path: Path) -> None:
    _, made = make(people)
    backup(people, tmp_path / "copy.db")
    people.write(lambda db: tokens.revoke(db, made.id, by="Ann"))
    people.close()
    assert restore_workspace(tmp_path / "copy.db", people.root, replace=True).findings == ()
    with Store.open(people.root) as again:
        (one,) = again.read(tokens.list_all)
        assert not one.holds(one.made_at)


@pytest.mark.parametrize("there", [True, False])
def test_nor_does_a_restore_that_is_killed_behind_the_exchange(people: Store, tmp_path: Path, there: bool) -> None:
    secret, made = make(people)
    backup(people, tmp_path / "copy.db")
    people.write(lambda db: tokens.revoke(db, made.id, by="Ann"))
    people.close()
    root = people.root if there else tmp_path / "other"
    restore(tmp_path / "copy.db", root, replace=there)  # and nothing more comes
    with Store.open(root) as again:
        found = again.read(lambda db: tokens.find(db, secret))
        assert found is not None
        assert not found.holds(made.made_at)
        assert again.read(verify) == []
