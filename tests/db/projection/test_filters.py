"""Which faces pass, and paging over keys, against the same in plain Python."""

from __future__ import annotations

import math
import statistics
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.base import paging
from db.images.faces import put_quality
from db.projection.filters import ReviewFilter, stored_ends
from db.reads.review import proposal_counts, review_page
from db.store.store import Store
from pipeline.core.errors import UsageError
from pipeline.core.metrics import BY_NAME, MISSING
from tests.db.decisions.test_properties import fresh_store
from tests.db.images.test_images import record
from tests.db.make import add_images, make_outcome, review_total
from tests.db.stories import PLAIN
from tests.examples import examples


@pytest.mark.parametrize(
    ("given_range", "least", "most"),
    [
        (("score", 0.29, 0.57), 290, 570),  # 0.29 * 1000 and 0.57 * 1000 are no whole numbers as floats
        (("sharpness", 20.04, 20.06), 201, 200),  # nothing that is stored lies between
        (("yaw", -12.5, None), -125, MISSING - 1),
        (("yaw", None, float("-inf")), -MISSING, -(2**30)),
    ],
)
def test_ends_in_stored_numbers(given_range: tuple[str, float | None, float | None], least: int, most: int) -> None:
    assert stored_ends((given_range,)) == [(given_range[0], least, most)]


@given(st.sampled_from(sorted(BY_NAME)), st.floats(-100, 1000), st.floats(-100, 1000))
def test_a_stored_figure_passes_when_its_value_does(name: str, value: float, end: float) -> None:
    metric = BY_NAME[name]
    stored = metric.to_stored(value)
    ((_, least, most),) = stored_ends(((name, end, end),))
    shown = stored / metric.scale
    if abs(shown - end) > 1e-3 / metric.scale:
        assert (stored >= least) == (shown >= end)
        assert (stored <= most) == (shown <= end)


def test_no_end_of_a_range_is_no_number() -> None:
    with pytest.raises(UsageError, match="not a number"):
        stored_ends((("side", float("nan"), None),))


def test_totals_and_proposals(store: Store) -> None:
    labels = ["smile", None, "none", "smile", "pout"]
    record(store, *[make_outcome(f"i{n}", proposal=label) for n, label in enumerate(labels)])
    record(store, make_outcome("other", proposal="smile"), source="/y")
    assert store.read(proposal_counts) == {1: 1, 2: 1, 3: 3}
    assert store.read(lambda db: review_total(db, ReviewFilter("all", proposal=3))) == 3
    assert store.read(lambda db: review_total(db, ReviewFilter("all", source_id=1, proposal=3))) == 2
    assert store.read(lambda db: review_total(db, ReviewFilter("accepted"))) == 0


RANKS = st.one_of(st.integers(-(2**31) + 1, MISSING), st.sampled_from([0, 5, -5, MISSING]))


@given(st.dictionaries(st.integers(1, 2**31), RANKS, max_size=30), st.integers(1, 7), st.booleans())
def test_windows_show_every_row_once_in_order(ranks: dict[int, int], size: int, ranked: bool) -> None:
    seqs = np.array(sorted(ranks), np.intp)
    rank = np.array([ranks[int(seq)] for seq in seqs], np.int32)
    keys = paging.make_keys(rank if ranked else None, seqs)
    wanted = sorted(ranks, key=lambda seq: (ranks[seq], seq)) if ranked else sorted(ranks)
    seen: list[int] = []
    page = paging.window(keys, ranked, size)
    while True:
        assert (page.total, page.position) == (len(wanted), len(seen))
        seen += page.items
        if not page.has_next:
            break
        page = paging.window(keys, ranked, size, after=page.last)
    assert seen == wanted
    back: list[int] = []
    while page.has_prev:
        page = paging.window(keys, ranked, size, before=page.first)
        back = [*page.items, *back]
    assert wanted[: len(back)] == back
    assert len(wanted) - len(back) <= size


@pytest.mark.parametrize("cursor", ["9" * 19, "-" + "9" * 19])
def test_a_cursor_beyond_every_row(cursor: str) -> None:
    keys = paging.make_keys(None, np.array([1, 2, 3], np.intp))
    behind = paging.window(keys, False, 5, after=cursor)
    before = paging.window(keys, False, 5, before=cursor)
    assert (behind.items, before.items) == (((), (1, 2, 3)) if cursor[0] == "9" else ((1, 2, 3), ()))


SHAPES = st.tuples(*[st.one_of(st.none(), st.integers(-300, 1500)) for _ in range(3)])
"""Opening, width and lift in thousandths; None where the face was never measured."""


@settings(max_examples=examples(40), deadline=None)
@given(st.lists(SHAPES, min_size=1, max_size=7), st.data())
def test_similar_mouths_come_first(shapes: list[tuple[int | None, ...]], data: st.DataObject) -> None:
    with fresh_store() as store:
        faces = add_images(store, [f"i{n}" for n in range(len(shapes))])
        for face, shape in zip(faces, shapes, strict=True):
            if None not in shape:
                opening, width, lift = (value / 1000 for value in shape if value is not None)
                figures = replace(PLAIN, opening=opening, width=width, lift=lift)
                store.write(lambda db, f=face, q=figures: put_quality(db, f, q))
        chosen = data.draw(st.integers(0, len(shapes) - 1))
        known = [shape for shape in shapes if None not in shape]
        spread = [statistics.pstdev(axis) or 1.0 for axis in zip(*known, strict=True)]

        def distance(number: int) -> float:
            if None in shapes[number] or None in shapes[chosen]:
                return math.inf
            pairs = zip(shapes[number], shapes[chosen], spread, strict=True)
            return round(1000 * math.hypot(*((a - b) / s for a, b, s in pairs)))

        wanted = sorted(range(len(shapes)), key=lambda n: (n != chosen, distance(n), n))
        page = store.read(lambda db: review_page(db, ReviewFilter("all", order=f"like:{faces[chosen]}"), 10))
        assert [item.face_id for item in page.items] == [faces[n] for n in wanted]


def test_a_face_that_is_gone_is_like_none(store: Store) -> None:
    faces = add_images(store, ["a", "b"])
    page = store.read(lambda db: review_page(db, ReviewFilter(order=f"like:{'0' * 32}"), 10))
    assert [item.face_id for item in page.items] == faces


@pytest.mark.parametrize("face", ["", "x" * 32, "0" * 31, "A" * 32])
def test_what_is_no_face_id_is_refused(store: Store, face: str) -> None:
    with pytest.raises(UsageError, match="no face id"):
        store.read(lambda db: review_page(db, ReviewFilter(order=f"like:{face}"), 10))


@pytest.mark.parametrize("size", [1, 2, 50, 999])
def test_a_window_of_many_keys_in_any_order_holds_the_nearest(size: int) -> None:
    rows = np.random.default_rng(3).permutation(np.arange(1, 1001))
    keys = paging.make_keys(None, rows.astype(np.intp))
    assert paging.window(keys, False, size).items == tuple(range(1, size + 1))
    assert paging.window(keys, False, size, before="1001").items == tuple(range(1001 - size, 1001))
