"""Which faces pass, and paging over keys, against the same in plain Python."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from db import keyset
from db.connect import Store
from db.matching import ReviewFilter, stored_ends
from db.review import proposed, review_total
from pipeline.errors import UsageError
from pipeline.measures import BY_NAME, MISSING
from tests.db.make import make_outcome
from tests.db.test_images import record


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
    measure = BY_NAME[name]
    stored = measure.to_stored(value)
    ((_, least, most),) = stored_ends(((name, end, end),))
    shown = stored / measure.scale
    if abs(shown - end) > 1e-3 / measure.scale:
        assert (stored >= least) == (shown >= end)
        assert (stored <= most) == (shown <= end)


def test_no_end_of_a_range_is_no_number() -> None:
    with pytest.raises(UsageError, match="not a number"):
        stored_ends((("side", float("nan"), None),))


def test_totals_and_proposals(store: Store) -> None:
    labels = ["smile", None, "none", "smile", "pout"]
    record(store, *[make_outcome(f"i{n}", proposal=label) for n, label in enumerate(labels)])
    record(store, make_outcome("other", proposal="smile"), source="/y")
    assert store.read(proposed) == {1: 1, 2: 1, 3: 3}
    assert store.read(lambda db: review_total(db, ReviewFilter("all", proposal=3))) == 3
    assert store.read(lambda db: review_total(db, ReviewFilter("all", source_id=1, proposal=3))) == 2
    assert store.read(lambda db: review_total(db, ReviewFilter("accepted"))) == 0


RANKS = st.one_of(st.integers(-(2**31) + 1, MISSING), st.sampled_from([0, 5, -5, MISSING]))


@given(st.dictionaries(st.integers(1, 2**31), RANKS, max_size=30), st.integers(1, 7), st.booleans())
def test_windows_show_every_row_once_in_order(ranks: dict[int, int], size: int, ranked: bool) -> None:
    seqs = np.array(sorted(ranks), np.intp)
    rank = np.array([ranks[int(seq)] for seq in seqs], np.int32)
    keys = keyset.make_keys(rank if ranked else None, seqs)
    wanted = sorted(ranks, key=lambda seq: (ranks[seq], seq)) if ranked else sorted(ranks)
    seen: list[int] = []
    page = keyset.window(keys, ranked, size)
    while True:
        assert (page.total, page.position) == (len(wanted), len(seen))
        seen += page.seqs
        if not page.has_next:
            break
        page = keyset.window(keys, ranked, size, after=page.last)
    assert seen == wanted
    back: list[int] = []
    while page.has_prev:
        page = keyset.window(keys, ranked, size, before=page.first)
        back = [*page.seqs, *back]
    assert wanted[: len(back)] == back
    assert len(wanted) - len(back) <= size


@pytest.mark.parametrize("cursor", ["9" * 19, "-" + "9" * 19])
def test_a_cursor_beyond_every_row(cursor: str) -> None:
    keys = keyset.make_keys(None, np.array([1, 2, 3], np.intp))
    behind = keyset.window(keys, False, 5, after=cursor)
    before = keyset.window(keys, False, 5, before=cursor)
    assert (behind.seqs, before.seqs) == (((), (1, 2, 3)) if cursor[0] == "9" else ((1, 2, 3), ()))
