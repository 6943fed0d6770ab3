"""Letters in the place of names: whose, for whom, and that they stay."""

from __future__ import annotations

from db.decisions.rules import annotator_of
from db.store.store import Db, Store
from db.tables.annotators import ensure_annotator
from db.team.pseudonyms import are_on, letters, letters_for, switch


def known(store: Store, *names: str) -> None:
    def work(db: Db) -> None:
        for name in names:
            ensure_annotator(db, name)

    store.write(work)


def test_names_are_seen_until_it_is_switched_on_and_by_the_owner_always(store: Store) -> None:
    known(store, "Olga", "Ann", annotator_of("sharp"), "Ben")
    assert store.read(lambda db: letters_for(db, "Ann")) == {}
    store.write(lambda db: switch(db, True, by="Olga"))
    assert store.read(are_on)
    assert store.read(lambda db: letters_for(db, "Ann")) == {"Olga": "A", "Ben": "C"}, "one's own name is one's own"
    assert store.read(lambda db: letters_for(db, "Olga")) == {}
    store.write(lambda db: switch(db, False, by="Olga"))
    assert store.read(lambda db: letters_for(db, "Ann")) == {}


def test_a_person_keeps_their_letter_whoever_comes_later(store: Store) -> None:
    known(store, "Olga", "Zoe")
    store.write(lambda db: switch(db, True, by="Olga"))
    before = store.read(lambda db: letters_for(db, "x"))
    known(store, "Aaron")
    assert store.read(lambda db: letters_for(db, "x")) == {**before, "Aaron": "C"}


def test_the_switch_is_in_the_audit_once(store: Store) -> None:
    known(store, "Olga")
    for _ in range(2):
        store.write(lambda db: switch(db, True, by="Olga"))
    sql = "SELECT annotator, action, params FROM audit WHERE action = 'setting'"
    assert store.read(lambda db: db.execute(sql).fetchall()) == [
        ("Olga", "setting", '{"name": "pseudonyms", "value": true}')
    ]


def test_letters_go_on_behind_z() -> None:
    assert [letters(place) for place in (0, 1, 25, 26, 27, 51, 52, 701, 702)] == [
        *("A", "B", "Z", "AA", "AB", "AZ", "BA", "ZZ", "AAA")
    ]
