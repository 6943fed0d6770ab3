"""Sets of faces that are kept: what is in them, who drops out, and that Review's filter is one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from db.images.erase import erase
from db.images.relink import remove_source
from db.projection import selections
from db.projection.columns import Faces
from db.projection.filter_text import filter_of
from db.projection.filters import matching
from db.store.store import Store
from pipeline.core.errors import UsageError
from tests.db.make import add_images, sha_of
from tests.db.suggest.make import seq_of

NAMES = [f"n{number}" for number in range(6)]


@pytest.fixture
def seqs(store: Store) -> list[int]:
    faces = add_images(store, NAMES)
    return store.read(lambda db: [seq_of(db, face) for face in faces])


def save(store: Store, *seqs: int) -> int:
    return store.write(lambda db: selections.save(db, "Ann", np.array(seqs, np.int64)))


def shown(store: Store, **params: str) -> list[int]:
    return store.read(lambda db: matching(Faces(db), filter_of({"state": "all", **params})).tolist())


def test_review_s_filter_shows_exactly_the_set(store: Store, seqs: list[int]) -> None:
    made = save(store, seqs[4], seqs[1], seqs[1])
    assert shown(store, selection=str(made)) == [seqs[1], seqs[4]]
    found = store.read(lambda db: selections.find(db, made))
    assert found is not None
    assert (found.annotator, found.faces) == ("Ann", 2)


def test_one_that_is_not_kept_shows_nothing_instead_of_everything(store: Store, seqs: list[int]) -> None:
    assert shown(store, selection="7") == []
    assert shown(store, selection="none") == seqs, "no number at all: no filter"


@pytest.mark.parametrize("given_seqs", [[], [-1], [10**9], [5000]])
def test_a_set_of_nobody_is_refused(store: Store, seqs: list[int], given_seqs: list[int]) -> None:
    with pytest.raises(UsageError, match="reload the map"):
        save(store, *given_seqs)
    assert store.read(selections.ids) == set()


def test_whoever_is_not_listed_is_left_out(store: Store, seqs: list[int]) -> None:
    assert shown(store, selection=str(save(store, seqs[2], 2**40, -5, 2047))) == [seqs[2]]


def test_an_erased_face_drops_out_of_the_stored_digits(store: Store, seqs: list[int]) -> None:
    made = save(store, *seqs)
    store.write(lambda db: erase(db, sha_of("n3")))
    (digits,) = store.read(lambda db: db.execute("SELECT data FROM selection_blocks").fetchone())
    assert [at for at, one in enumerate(digits) if one == "1"] == [one for one in seqs if one != seqs[3]]
    assert len(digits) == 2048
    assert shown(store, selection=str(made)) == [one for one in seqs if one != seqs[3]]


def test_faces_of_a_removed_source_are_not_shown(store: Store, seqs: list[int]) -> None:
    made = save(store, *seqs)
    store.write(lambda db: remove_source(db, 1))
    assert shown(store, selection=str(made)) == []


def test_the_oldest_goes_once_there_are_too_many(
    store: Store, seqs: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selections, "MOST", 3)
    made = [save(store, seqs[0]) for _ in range(5)]
    assert store.read(selections.ids) == set(made[-3:])
    assert store.read(lambda db: db.execute("SELECT count(*) FROM selection_blocks").fetchone()) == (3,)
    assert save(store, seqs[1]) > made[-1], "a number is never used again: an address may be kept"


@given(chosen=some.sets(some.integers(0, 5_999), min_size=1))
def test_what_is_written_is_what_is_read(chosen: set[int]) -> None:
    digits = np.zeros(6144, bool)
    digits[sorted(chosen)] = True
    text = "".join(selections._text(block) for block in digits.reshape(-1, 2048))
    assert {at for at, one in enumerate(text) if one == "1"} == chosen
