"""Batches for labelling with suggestions: what is doubtful, and a quarter by chance that is noted before any answer."""

from __future__ import annotations

import pytest

from db.decisions.log import apply_ops
from db.projection.filters import ReviewFilter
from db.store.store import Db, Store
from db.tables.annotators import ensure_annotator
from db.team import claims, gold, handouts
from db.team.claims import Batch
from tests.db.make import add_images, decide
from tests.db.suggest.make import suggest

MIX = ReviewFilter(order="mix")
N = 40


@pytest.fixture
def faces(store: Store) -> list[str]:
    return add_images(store, [f"photo {n}" for n in range(N)])


@pytest.fixture
def suggested(store: Store, faces: list[str]) -> list[str]:
    """The larger a face's number, the surer class 1."""
    said = {face: (0.5 + number / 100, 0.5 - number / 100) for number, face in enumerate(faces)}
    suggest(store, said, classes=(1, 2))
    return faces


def claim(store: Store, who: str = "Ann", size: int = 16) -> Batch:
    return store.write(lambda db: claims.claim_next(db, who, MIX, size))


def draws(store: Store) -> dict[str, tuple[str, int | None, int | None, float | None]]:
    sql = "SELECT face_id, annotator, model_id, class_id, probability FROM random_draws"
    return {row[0]: row[1:] for row in store.read(lambda db: db.execute(sql).fetchall())}


def test_a_quarter_is_drawn_and_the_rest_is_doubtful(store: Store, suggested: list[str]) -> None:
    batch = claim(store)
    drawn = draws(store)
    assert len(batch.faces) == 16
    assert len(drawn) == 4
    assert drawn.keys() < set(batch.faces)
    left = [face for face in suggested if face not in drawn]
    assert set(batch.faces) - drawn.keys() == set(left[:12])


def test_what_was_suggested_is_noted_when_it_is_drawn(store: Store, suggested: list[str]) -> None:
    claim(store)
    for face, (who, model, class_id, probability) in draws(store).items():
        assert (who, model, class_id) == ("Ann", 1, 1)
        assert probability == pytest.approx(0.5 + suggested.index(face) / 100, abs=1e-4)


def test_who_gives_a_batch_back_draws_the_same_again(store: Store, suggested: list[str]) -> None:
    first = claim(store)
    drawn = draws(store).keys()
    store.write(lambda db: claims.release(db, "Ann", first.id))
    assert set(claim(store, "Ben").faces) == set(first.faces)
    assert draws(store).keys() == drawn
    assert {row[0] for row in draws(store).values()} == {"Ben"}


def test_a_later_version_s_suggestion_is_noted_while_nobody_has_answered(store: Store, suggested: list[str]) -> None:
    batch = claim(store)
    one, two, *_ = draws(store)
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, one)]))
    suggest(store, dict.fromkeys(suggested, (0.0, 1.0)), classes=(1, 2))
    store.write(lambda db: claims.release(db, "Ann", batch.id))
    claim(store)
    now = draws(store)
    assert (now[one][2], now[two][2]) == (1, 2)


def test_the_draw_has_nothing_to_do_with_the_order_of_import(store: Store, suggested: list[str]) -> None:
    seen: list[int] = []
    while batch := claim(store, size=8).faces:
        seen += [suggested.index(face) for face in draws(store) if face in batch]
        store.write(lambda db: apply_ops(db, "Ann", [decide(db, face) for face in batch]))
    assert len(seen) == N // 4
    assert min(seen) < N // 2 <= max(seen)
    assert seen != sorted(seen)


def test_without_suggestions_the_rest_comes_as_imported(store: Store, faces: list[str]) -> None:
    batch = claim(store, size=8)
    drawn = draws(store)
    assert [row[1:] for row in drawn.values()] == [(None, None, None)] * 2
    left = [face for face in faces if face not in drawn]
    assert set(batch.faces) - drawn.keys() == set(left[:6])


def test_one_face_alone_is_no_sample(store: Store, suggested: list[str]) -> None:
    assert len(claim(store, size=1).faces) == 1
    assert draws(store) == {}


def test_what_was_handed_out_is_mixed_too(store: Store, suggested: list[str]) -> None:
    add_images(store, ["other"], source="/other")
    store.write(lambda db: [ensure_annotator(db, name) for name in ("Ann", "Lee")])
    store.write(lambda db: handouts.hand_out(db, {"source": "1"}, "Ann", "Lee"))
    batch = claim(store)
    assert batch.handout is not None
    assert len(draws(store)) == 4


def test_gold_is_not_slipped_into_a_mixed_batch(store: Store, suggested: list[str]) -> None:
    """It shows no suggestion: among faces that do anybody would know it."""
    known = suggested[::2]

    def make(db: Db) -> None:
        apply_ops(db, "Lee", [decide(db, face) for face in known])
        for face in known:
            gold.make_gold(db, face, "Lee")
        gold.set_share(db, 0.25, "Lee")

    store.write(make)
    batch = claim(store)
    assert batch.faces
    assert not set(batch.faces) & set(known)
