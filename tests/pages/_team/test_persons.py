"""Team, Persons: the switch is the owner's and says what it stores; names and merges by hand; folders of a source."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from db.people import embeddings, persons, switch, told
from db.store.store import Store
from db.tables import audit
from pages._server.suggest.background import PeopleTeller
from pages._team import persons as section
from tests.db.make import add_images, sha_of
from tests.pages._team.team_page import section_as, store_of


@pytest.fixture
def store(empty: Path) -> Store:
    return store_of({"Olga": "owner", "Rita": "reviewer"})


def page(who: str, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    return section_as(who, "persons", monkeypatch)


def actions(store: Store) -> list[tuple[str, str]]:
    return [(row.action, row.annotator) for row in store.read(lambda db: list(audit.rows(db)))]


def test_it_is_off_and_says_what_it_stores_and_how_to_erase_before_it_is_switched_on(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = page("Olga", monkeypatch)
    (words,) = (one.value for one in shown.warning)
    assert "biometric data" in words
    assert "128 numbers" in words
    assert "erase --person" in words
    assert not store.read(switch.is_on)
    shown.button(key="persons-looks").click().run()
    assert not shown.exception
    assert store.read(switch.is_on)
    shown.button(key="persons-looks").click().run()
    assert not store.read(switch.is_on)
    assert [one for one in actions(store) if one[0].startswith("people_by_looks")] == [
        ("people_by_looks_on", "Olga"),
        ("people_by_looks_off", "Olga"),
    ]


def test_nobody_but_an_owner_sees_or_switches_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not page("Rita", monkeypatch).warning
    monkeypatch.setattr("pages._server.permission.identity.identify", lambda cookies, headers: "Rita")
    section._switch(True)
    assert not store.read(switch.is_on)


def test_names_are_given_and_persons_merged(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    add_images(store, list("ab"))
    for name, person in (("a", "Ann"), ("b", "A. Lee")):
        store.write(lambda db, name=name, person=person: told.put(db, "sha256", sha_of(name), person))
    number = {text: person for person, text in store.read(persons.names).items()}
    shown = page("Olga", monkeypatch)
    shown.text_input(key=f"persons-name-{number['Ann']}").input("Ann Lee").run()
    assert store.read(persons.names)[number["Ann"]] == "Ann Lee"
    shown.multiselect(key="persons-merged").select(number["Ann"]).select(number["A. Lee"]).run()
    shown.button(key="persons-merge").click().run()
    assert not shown.exception
    (one,) = store.read(persons.list_persons)
    assert (one.name, one.photos) == ("Ann Lee", 2)


def test_a_source_s_folders_are_named_after_persons(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    add_images(store, list("ab"), source="/")  # /x/a.jpg, /x/b.jpg
    shown = page("Olga", monkeypatch)
    shown.selectbox(key="persons-level").select(1).run()
    shown.button(key="persons-folders").click().run()
    assert not shown.exception
    (one,) = store.read(persons.list_persons)
    assert (one.name, one.photos, one.told_by) == ("x", 2, ("folder",))


def test_the_background_describes_only_where_it_is_on(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    add_images(store, ["a"])
    teller = PeopleTeller(store)
    begun: list[tuple[object, ...]] = []
    monkeypatch.setattr("pages._server.suggest.background._spawn", lambda *words: begun.append(words) or object())
    assert not teller.look(100.0)
    store.write(lambda db: switch.switch(db, True))
    assert store.read(embeddings.are_due)
    assert teller.look(100.0)
    assert begun == [(store.root, "people", "looks")]
