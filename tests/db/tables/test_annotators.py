from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.store.store import Store
from db.tables.annotators import clean_name, ensure_annotator, list_annotators, name_of_identity
from pipeline.core.errors import SignInError


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("  Ann ", "Ann"), ("Ann\t  Lee", "Ann Lee"), ("张伟", "张伟"), ("Zoe\u0308", "Zo\u00eb"), ("x" * 40, "x" * 40)],
)
def test_a_name_is_kept_in_one_form(typed: str, kept: str) -> None:
    assert clean_name(typed) == kept


@pytest.mark.parametrize("typed", ["", "  \n", "x" * 41, "a\x00b", "a\u200bb", "a\u202eb", "\ud800"])
def test_what_is_no_name_is_refused(typed: str) -> None:
    with pytest.raises(SignInError):
        clean_name(typed)


@given(st.text())
def test_cleaning_twice_is_cleaning_once(typed: str) -> None:
    try:
        once = clean_name(typed)
    except SignInError:
        return
    assert clean_name(once) == once
    assert 1 <= len(once) <= 40
    assert unicodedata.is_normalized("NFC", once)


def test_a_known_annotator_stays_one(store: Store) -> None:
    assert store.write(lambda db: [ensure_annotator(db, n) for n in ("Bob", " Ann", "Ann ")]) == ["Bob", "Ann", "Ann"]
    assert store.read(list_annotators) == ["Ann", "Bob"]


def test_a_provider_s_person_never_takes_over_a_name_that_somebody_has(store: Store) -> None:
    store.write(lambda db: ensure_annotator(db, "Ada"))
    long = "L" * 60
    asked = [
        ("i", "1", "Ada"),
        ("i", "2", "Ada"),
        ("j", "1", "Ada"),
        ("i", "1", "Eve"),
        ("i", "4", long),
        ("i", "5", long),
    ]
    told = [store.write(lambda db, one=one: name_of_identity(db, *one)) for one in asked]
    assert told == ["Ada (2)", "Ada (3)", "Ada (4)", "Ada (2)", "L" * 40, "L" * 36 + " (2)"]
    for nobody in ("", "   ", "rule: small", "a\u200bb"):
        with pytest.raises(SignInError):
            store.write(lambda db, name=nobody: name_of_identity(db, "i", "9", name))
