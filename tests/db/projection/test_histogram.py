"""Spread and counts of the figures, against the same computed in Python."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.images import faces
from db.projection.filters import ReviewFilter
from db.projection.histogram import count_passing, histogram
from db.reads.review import review_page
from db.store.store import Store
from pipeline.core.errors import UsageError
from pipeline.core.metrics import BY_NAME, METRICS, QualityMetrics
from tests.db.make import add_images

PLAIN = QualityMetrics(100, 50, 0.5, 0.2, 0, 0, 0, 0, 0.9, 0.9, 0.1, 0.6, 0.0)
SIDES = [5, 20, 20, 90, 130, 260, 499, 500, 900]


@pytest.fixture
def ids(store: Store) -> list[str]:
    """A face for each side, with a falling score, one without a score and one never measured."""
    made = add_images(store, [f"i{n}" for n in range(len(SIDES) + 2)])
    for n, side in enumerate(SIDES):
        store.write(
            lambda db, f=made[n], s=side, n=n: faces.put_quality(db, f, replace(PLAIN, side=s, score=1 - n / 10))
        )
    store.write(lambda db: faces.put_quality(db, made[len(SIDES)], replace(PLAIN, side=70, score=None)))
    return made


def listed(store: Store, flt: ReviewFilter, size: int = 3) -> list[str]:
    """All pages forwards; the same must come backwards."""
    found: list[str] = []
    page = store.read(lambda db: review_page(db, flt, size))
    total = page.total
    while True:
        assert page.position == len(found)
        found += [item.face_id for item in page.items]
        if not page.has_next:
            break
        page = store.read(lambda db, p=page: review_page(db, flt, size, after=p.last))
    back: list[str] = []
    while page.has_prev:
        page = store.read(lambda db, p=page: review_page(db, flt, size, before=p.first))
        back = [item.face_id for item in page.items] + back
    assert found[: len(back)] == back
    assert len(found) == total
    return found


def test_the_figures_come_back(store: Store, ids: list[str]) -> None:
    page = store.read(lambda db: review_page(db, ReviewFilter(), 20))
    by_id = {item.face_id: item.quality for item in page.items}
    assert by_id[ids[3]] == replace(PLAIN, side=90, score=0.7)
    assert by_id[ids[9]] == replace(PLAIN, side=70, score=None)
    assert by_id[ids[10]] is None


def test_least_first_and_most_first_with_the_unmeasured_last(store: Store, ids: list[str]) -> None:
    rising = [0, 1, 2, 9, 3, 4, 5, 6, 7, 8, 10]
    assert listed(store, ReviewFilter(order="side")) == [ids[n] for n in rising]
    falling = [8, 7, 6, 5, 4, 3, 9, 1, 2, 0, 10]
    assert listed(store, ReviewFilter(order="-side")) == [ids[n] for n in falling]


def test_a_missing_figure_comes_last_both_ways(store: Store, ids: list[str]) -> None:
    assert listed(store, ReviewFilter(order="score"))[-2:] == [ids[9], ids[10]]
    assert listed(store, ReviewFilter(order="-score"))[-2:] == [ids[9], ids[10]]


def test_doubtful_mouths_first(store: Store, ids: list[str]) -> None:
    store.write(lambda db: faces.put_quality(db, ids[6], replace(PLAIN, plausibility=0.01)))
    assert listed(store, ReviewFilter(order="doubtful"))[0] == ids[6]


def test_ranges_include_their_ends(store: Store, ids: list[str]) -> None:
    flt = ReviewFilter(ranges=(("side", 20.0, 130.0),), order="-side")
    assert listed(store, flt) == [ids[n] for n in (4, 3, 9, 1, 2)]
    assert store.read(lambda db: count_passing(db, flt.ranges)) == (5, 11)
    both = (("side", 20.0, 130.0), ("score", 0.75, None))
    assert store.read(lambda db: count_passing(db, both)) == (2, 11)


def test_the_spread(store: Store, ids: list[str]) -> None:
    found = store.read(lambda db: histogram(db, "side", 5, ReviewFilter()))
    assert found.edges == (0, 100, 200, 300, 400, 500)
    assert found.counts == (5, 1, 1, 0, 3)  # 500 and 900 lie in the last bin
    assert found.missing == 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(values=st.lists(st.floats(-95, 95, allow_nan=False), max_size=12), bins=st.integers(1, 40))
def test_every_face_is_in_one_bin(store: Store, ids: list[str], values: list[float], bins: int) -> None:
    for face, value in zip(ids, values, strict=False):
        store.write(lambda db, f=face, v=value: faces.put_quality(db, f, replace(PLAIN, yaw=v)))
    found = store.read(lambda db: histogram(db, "yaw", bins, ReviewFilter()))
    assert sum(found.counts) + found.missing == len(ids)
    assert len(found.edges) == bins + 1


def test_what_is_unknown_is_refused(store: Store) -> None:
    for work in (
        lambda db: histogram(db, "height", 5, ReviewFilter()),
        lambda db: histogram(db, "side", 0, ReviewFilter()),
        lambda db: count_passing(db, (("height", None, 1.0),)),
        lambda db: review_page(db, ReviewFilter(order="-height"), 5),
    ):
        with pytest.raises(UsageError):
            store.read(work)


@pytest.mark.parametrize("metric", METRICS, ids=lambda m: m.name)
def test_stored_metrics_keep_their_precision(metric: object) -> None:
    one = BY_NAME[metric.name]  # type: ignore[attr-defined]
    for value in (one.low, one.high, (one.low + one.high) / 3):
        back = one.from_stored(one.to_stored(value))
        assert back == pytest.approx(value, abs=0.5 / one.scale + 1e-9)
    assert one.from_stored(one.to_stored(None)) is None
