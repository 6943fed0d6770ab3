from __future__ import annotations

import pytest

from db.decisions.verify import verify
from db.images.erase import erase
from db.projection.filters import ReviewFilter
from db.reads.review import review_page
from db.store.store import Store
from db.team.notes import LONGEST, MOST, Note, add_note, set_resolved, thread_of
from db.team.texts import clean_text
from pipeline.core.errors import DecisionError, UsageError
from tests.db.make import add_images, new_uuid, sha_of


@pytest.fixture
def face(store: Store) -> str:
    return add_images(store, ["a", "b"])[0]


def say(store: Store, face: str, text: str, annotator: str = "Ann", key: str = "") -> tuple[str, ...]:
    thread = store.write(lambda db: add_note(db, annotator, face, key or new_uuid(), text))
    return tuple(f"{note.annotator}: {note.text}" for note in thread.notes)


def test_a_thread_grows_and_is_settled_and_opened_by_the_next_note(store: Store, face: str) -> None:
    assert thread_of_face(store, face) == ((), False)
    say(store, face, "a yawn?")
    assert say(store, face, "I think so", "Ben") == ("Ann: a yawn?", "Ben: I think so")
    settled = store.write(lambda db: set_resolved(db, "Cy", face, True))
    assert (settled.open, settled.resolved_by) == (False, "Cy")
    say(store, face, "no, look at the tongue", "Ben")
    assert thread_of_face(store, face) == (("a yawn?", "I think so", "no, look at the tongue"), True)
    assert store.read(verify) == []


def thread_of_face(store: Store, face: str) -> tuple[tuple[str, ...], bool]:
    thread = store.read(lambda db: thread_of(db, face))
    return tuple(note.text for note in thread.notes), thread.open


def test_it_can_be_opened_again_and_settled_twice(store: Store, face: str) -> None:
    say(store, face, "blurred?")
    for _ in range(2):
        assert not store.write(lambda db: set_resolved(db, "Ann", face, True)).open
    assert store.write(lambda db: set_resolved(db, "Ann", face, False)).open


def test_nothing_is_settled_where_nothing_was_said(store: Store, face: str) -> None:
    assert store.write(lambda db: set_resolved(db, "Ann", face, True)).resolved_by is None


def test_a_note_sent_twice_is_one(store: Store, face: str) -> None:
    key = new_uuid()
    say(store, face, "once", key=key)
    store.write(lambda db: set_resolved(db, "Ben", face, True))
    assert say(store, face, "once", key=key.upper()) == ("Ann: once",)
    assert not store.read(lambda db: thread_of(db, face)).open  # a repeat says nothing new
    for annotator, text in (("Ben", "once"), ("Ann", "twice")):
        with pytest.raises(DecisionError, match="belongs to another note"):
            say(store, face, text, annotator, key)


@pytest.mark.parametrize(
    ("text", "problem"),
    [("", "empty"), (" \n\u200b\u2060 ", "empty"), ("x" * (LONGEST + 1), "501 characters")],
)
def test_what_is_no_note_is_refused(store: Store, face: str, text: str, problem: str) -> None:
    with pytest.raises(DecisionError, match=problem):
        say(store, face, text)


def test_a_face_that_is_not_here_has_no_notes(store: Store, face: str) -> None:
    with pytest.raises(DecisionError, match="no face"):
        say(store, "0" * 32, "where?")
    with pytest.raises(DecisionError, match="no UUID"):
        say(store, face, "who?", key="x")


def test_a_face_has_so_many_notes(store: Store, face: str) -> None:
    for n in range(MOST):
        say(store, face, f"note {n}")
    with pytest.raises(DecisionError, match="at most 100"):
        say(store, face, "one more")


def test_notes_go_with_their_photo(store: Store, face: str) -> None:
    say(store, face, "a secret")
    store.write(lambda db: set_resolved(db, "Ben", face, True))
    store.write(lambda db: erase(db, sha_of("a")))
    for table in ("notes", "resolved_notes"):
        assert store.read(lambda db, table=table: db.execute(f"SELECT count(*) FROM {table}").fetchone()) == (0,)
    assert store.read(verify) == []


def test_a_text_is_kept_as_it_was_meant() -> None:
    assert clean_text("  Mund\u0308  \r\n\r\n\r\n\tzu\u202e \x07", 20) == "Mund̈\n\n zu"
    assert clean_text("می\u200cخواهم", 20) == "می\u200cخواهم"


def test_a_note_knows_when(store: Store, face: str) -> None:
    (note,) = store.write(lambda db: add_note(db, "Ann", face, new_uuid(), "now")).notes
    assert isinstance(note, Note)
    assert note.at.endswith("Z")
    assert len(note.at) == len("2026-01-31T09:05:07.123Z")


def test_review_finds_faces_by_their_notes(store: Store) -> None:
    faces = add_images(store, ["c", "d", "e"])
    say(store, faces[0], "open")
    say(store, faces[2], "settled")
    store.write(lambda db: set_resolved(db, "Ben", faces[2], True))

    def shown(**wanted: str) -> list[tuple[str, bool]]:
        page = store.read(lambda db: review_page(db, ReviewFilter("all", **wanted), 10))
        return [(item.face_id, item.noted) for item in page.items]

    assert shown(notes="open") == [(faces[0], True)]
    assert shown(notes="resolved") == [(faces[2], False)]
    assert [noted for _, noted in shown()] == [True, False, False]
    with pytest.raises(UsageError, match="open, resolved"):
        shown(notes="maybe")
