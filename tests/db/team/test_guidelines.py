from __future__ import annotations

import pytest

from db.decisions.verify import verify
from db.images.erase import erase
from db.store.store import Store
from db.tables.classes import archive_class
from db.team.guidelines import LONGEST, MOST, list_guidelines, remove_example, set_example, set_text
from pipeline.core.errors import DecisionError
from tests.db.make import add_images, sha_of

SMILE, POUT = 3, 2


@pytest.fixture
def faces(store: Store) -> list[str]:
    return add_images(store, ["a", "b", "c"])


def test_a_class_without_words_is_there_all_the_same(store: Store) -> None:
    found = store.read(list_guidelines)
    assert list(found) == [1, 2, 3, 4]
    assert (found[SMILE].text, found[SMILE].annotator, found[SMILE].examples) == ("", None, ())


def write(store: Store, annotator: str, text: str) -> None:
    """As somebody does who saw the present one."""
    seen = store.read(list_guidelines)[SMILE].at
    store.write(lambda db: set_text(db, annotator, SMILE, text, seen))


def test_who_did_not_see_the_present_text_does_not_overwrite_it(store: Store) -> None:
    write(store, "Ann", "corners up")
    with pytest.raises(DecisionError, match="Ann wrote another one"):
        store.write(lambda db: set_text(db, "Ben", SMILE, "teeth", None))
    store.write(lambda db: set_text(db, "Ben", SMILE, "corners up ", None))  # which says the same
    assert store.read(list_guidelines)[SMILE].annotator == "Ann"


def test_the_newest_text_stands_with_its_writer(store: Store) -> None:
    write(store, "Ann", "corners up")
    write(store, "Ben", " The corners go up.\n\n\nTeeth or not. ")
    found = store.read(list_guidelines)[SMILE]
    assert (found.text, found.annotator) == ("The corners go up.\n\nTeeth or not.", "Ben")
    write(store, "Ben", "  ")
    assert store.read(list_guidelines)[SMILE].at is None
    assert store.read(verify) == []


def test_examples_keep_their_order_and_can_change_sides(store: Store, faces: list[str]) -> None:
    for face in reversed(faces):
        store.write(lambda db, face=face: set_example(db, "Ann", SMILE, face, False))
    store.write(lambda db: set_example(db, "Ben", SMILE, faces[1], True))
    store.write(lambda db: set_example(db, "Ben", POUT, faces[1], False))
    found = store.read(list_guidelines)
    assert [(one.face_id, one.counter) for one in found[SMILE].examples] == [
        (faces[2], False),
        (faces[1], True),
        (faces[0], False),
    ]
    store.write(lambda db: remove_example(db, "Ann", SMILE, faces[1]))
    found = store.read(list_guidelines)
    assert [one.face_id for one in found[SMILE].examples] == [faces[2], faces[0]]
    assert [one.face_id for one in found[POUT].examples] == [faces[1]]


def test_what_cannot_be_is_refused(store: Store, faces: list[str]) -> None:
    store.write(lambda db: archive_class(db, POUT))
    assert POUT not in store.read(list_guidelines)
    for class_id in (POUT, 99):
        with pytest.raises(DecisionError, match="archived"):
            store.write(lambda db, class_id=class_id: set_text(db, "Ann", class_id, "x", None))
    with pytest.raises(DecisionError, match="no face"):
        store.write(lambda db: set_example(db, "Ann", SMILE, "0" * 32, False))
    with pytest.raises(DecisionError, match="4,001 characters"):
        store.write(lambda db: set_text(db, "Ann", SMILE, "x" * (LONGEST + 1), None))


def test_a_class_has_so_many_examples(store: Store) -> None:
    many = add_images(store, [f"n{n}" for n in range(MOST + 1)])
    for face in many[:MOST]:
        store.write(lambda db, face=face: set_example(db, "Ann", SMILE, face, False))
    with pytest.raises(DecisionError, match="at most 24"):
        store.write(lambda db: set_example(db, "Ann", SMILE, many[MOST], False))
    store.write(lambda db: set_example(db, "Ann", SMILE, many[0], True))  # one that is there is none more


def test_examples_go_with_their_photo(store: Store, faces: list[str]) -> None:
    store.write(lambda db: set_example(db, "Ann", SMILE, faces[0], False))
    store.write(lambda db: erase(db, sha_of("a")))
    assert store.read(list_guidelines)[SMILE].examples == ()
    assert store.read(lambda db: db.execute("SELECT count(*) FROM guideline_examples").fetchone()) == (0,)
    assert store.read(verify) == []
