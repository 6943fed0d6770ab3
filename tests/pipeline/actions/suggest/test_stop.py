"""The stop rule over what a workspace's random draws were answered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from scipy.stats import beta

from db.decisions.log import apply_ops
from db.projection.filters import ReviewFilter
from db.store.store import Db, Store
from db.team import claims
from pipeline.actions.suggest import stop
from pipeline.core.records import Verdict
from tests.db.fresh import open_fresh
from tests.db.make import add_images, decide
from tests.db.suggest.make import suggest

N = 400


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_fresh(tmp_path / "w") as opened:
        yield opened


@pytest.fixture
def faces(store: Store) -> list[str]:
    """All are suggested class 1, the later the surer."""
    found = add_images(store, [f"photo {n}" for n in range(N)])
    suggest(store, {one: (0.6 + n / 1000, 0.4 - n / 1000) for n, one in enumerate(found)}, classes=(1, 2))
    return found


def label(store: Store, batches: int, right: bool = True, verdict: Verdict = Verdict.ACCEPT) -> None:
    """Answer so many batches of 80, twenty draws each."""
    for _ in range(batches):
        batch = store.write(lambda db: claims.claim_next(db, "Ann", ReviewFilter(order="mix"), 80))
        ops = [
            store.read(lambda db, face=face: decide(db, face, verdict, 1 if right else 2)) for face in batch.faces
        ]  # fmt: skip
        store.write(lambda db, ops=ops: apply_ops(db, "Ann", ops))


def test_without_draws_nothing_is_said(store: Store, faces: list[str]) -> None:
    told = store.read(stop.tell)
    assert (told.accuracy, told.correct, told.may_stop, told.accepted, told.left) == (None, None, False, 0, N)


def test_draws_like_what_is_left_tell_how_good_suggestions_are(store: Store, faces: list[str]) -> None:
    label(store, 3)
    told = store.read(stop.tell)
    assert told.accuracy is not None
    n, low = told.accuracy.n, told.accuracy.low
    assert 20 <= n <= 60  # the draws that are as sure as what is left
    assert told.accuracy.share == 1
    assert low == pytest.approx(float(beta.ppf((1 - 0.975) / 2, n, 1)))
    assert told.correct == pytest.approx((240 + 160 * low) / N)
    assert told.may_stop == (told.correct >= 0.95)


@pytest.mark.parametrize("verdict", [Verdict.ACCEPT, Verdict.REJECT])
def test_draws_that_were_answered_otherwise_keep_one_going(store: Store, faces: list[str], verdict: Verdict) -> None:
    label(store, 3, right=False, verdict=verdict)
    told = store.read(stop.tell)
    assert told.accuracy is not None
    assert told.accuracy.right == 0
    assert not told.may_stop


def test_what_was_suggested_at_the_draw_counts_not_what_was_learned_from_the_answer(
    store: Store, faces: list[str]
) -> None:
    label(store, 3, right=False)
    suggest(store, {one: (0.4 - n / 1000, 0.6 + n / 1000) for n, one in enumerate(faces)}, classes=(1, 2))
    told = store.read(stop.tell)
    assert told.accuracy is not None
    assert told.accuracy.right == 0


@pytest.mark.parametrize("context", ['{"confirmed":{}}', '{"off_screen":true}'])
def test_what_a_page_confirmed_or_nobody_saw_is_no_answer_of_its_own(
    store: Store, faces: list[str], context: str
) -> None:
    label(store, 3)

    def confirm_all(db: Db) -> None:
        db.execute("DROP TRIGGER IF EXISTS decisions_no_update")
        db.execute("UPDATE decisions SET context = ?", [context])

    store.write(confirm_all)
    assert store.read(stop.tell).accuracy is None
