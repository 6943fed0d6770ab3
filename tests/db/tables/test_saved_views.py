"""Saved views and the workspace's settings."""

from __future__ import annotations

import pytest

from db.decisions.verify import verify
from db.store.store import Store
from db.tables.saved_views import LONGEST_NAME, delete_view, find_view, list_views, save_view
from db.tables.settings import hide_suggestions, suggestions_hidden
from pipeline.core.errors import UsageError

QUERY = {"state": "class:3", "quality": "side:40:", "annotator": "Zoë"}


def save(store: Store, name: str, query: dict[str, str], who: str = "Ann", *, overwrite: bool = False) -> str:
    return store.write(lambda db: save_view(db, name, query, who, overwrite=overwrite))


def test_a_view_comes_back_to_everybody(store: Store) -> None:
    assert save(store, "  open \t mouths ", QUERY) == "open mouths"
    save(store, "All *of* them", {})
    assert [(v.name, v.query, v.annotator) for v in store.read(list_views)] == [
        ("All *of* them", {}, "Ann"),
        ("open mouths", QUERY, "Ann"),
    ]
    assert store.read(verify) == []


def test_a_name_in_another_case_is_the_same_one(store: Store) -> None:
    save(store, "Smiles", {"state": "class:3"})
    with pytest.raises(UsageError, match="called Smiles: choose another name, or overwrite"):
        save(store, "smiles", QUERY, "Bob")
    save(store, "smiles", QUERY, "Bob", overwrite=True)
    assert [(v.name, v.query, v.annotator) for v in store.read(list_views)] == [("smiles", QUERY, "Bob")]
    found = store.read(lambda db: find_view(db, " SMILES "))
    assert found is not None
    assert found.name == "smiles"
    assert store.read(lambda db: find_view(db, "smile")) is None


@pytest.mark.parametrize("name", ["", "  ", "a\x07b", "x" * (LONGEST_NAME + 1)])
def test_a_bad_name_is_refused(store: Store, name: str) -> None:
    with pytest.raises(UsageError, match="1 to 60"):
        save(store, name, QUERY)
    assert store.read(list_views) == []


def test_a_query_longer_than_an_address_is_refused(store: Store) -> None:
    with pytest.raises(UsageError, match="too many filters"):
        save(store, "long", {"quality": "x" * 5000})


def test_a_deleted_view_is_gone(store: Store) -> None:
    save(store, "one", QUERY)
    store.write(lambda db: delete_view(db, "one"))
    assert store.read(list_views) == []
    with pytest.raises(UsageError, match="no view called one"):
        store.write(lambda db: delete_view(db, "one"))


def test_suggestions_are_shown_until_somebody_hides_them(store: Store) -> None:
    assert not store.read(suggestions_hidden)
    for hidden in (True, True, False):
        store.write(lambda db, h=hidden: hide_suggestions(db, h))
        assert store.read(suggestions_hidden) is hidden
