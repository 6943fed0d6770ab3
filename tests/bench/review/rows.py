"""Filters and orders over 100,000 made-up faces, and the same lists asked of SQLite's tables."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from db.projection.filters import ReviewFilter
from db.reads.review import review_page
from db.store.store import Db, Store
from pipeline.core.metrics import METRICS
from tests.bench import scale_rows
from tests.bench.review.browser import quantile
from tests.bench.review.table import Line

FACES: Final = 100_000
_STATES: Final = {
    "undecided": "s.verdict IS NULL",
    "all": "1",
    "rejected": "s.verdict = 'reject'",
    "class:3": "s.verdict = 'accept' AND s.class_id = 3",
}
_ORDERS: Final = ("lift", "-width", "opening", "-sharpness")
_RANGES: Final = ((), (("side", 200.0, None), ("sharpness", 300.0, None)))
_SIZE: Final = 200


def measure(scratch: Path, repeat: int) -> Iterator[Line]:
    """Wall clock of one read each, p95 over all; in the middle of the list, too."""
    root = scratch / "rows"
    scale_rows.make(root, FACES * 2 // 5, FACES, FACES // 5)
    ours, theirs = [], []
    with Store.open(root) as store:
        for _ in range(repeat):
            for flt, after in _filters():
                ours.append(_lap(store, lambda db, flt=flt, after=after: review_page(db, flt, _SIZE, after)))
                sql, params = _scan(flt, after)
                theirs.append(_lap(store, lambda db, sql=sql, params=params: _ask(db, sql, params)))
    against = "SQLite's own scan and sort, page and count"
    yield Line(
        f"filter or reorder {FACES:,} faces, p95", quantile(ours, 0.95), "ms", 150, quantile(theirs, 0.95), against
    )
    yield Line("  p50", quantile(ours, 0.5), "ms", None, quantile(theirs, 0.5), against)


def _filters() -> Iterator[tuple[ReviewFilter, str | None]]:
    for state in _STATES:
        for order in _ORDERS:
            for ranges in _RANGES:
                flt = ReviewFilter(state, order=order, ranges=ranges)
                yield flt, None
                yield flt, "0.0"


def _scan(flt: ReviewFilter, after: str | None) -> tuple[str, list[Any]]:
    """The same faces as one statement, page and total; no index is on a measure."""
    scale = {measure.name: measure.scale for measure in METRICS}
    name = flt.order.removeprefix("-")
    rank = f"-q.{name}" if flt.order.startswith("-") else f"q.{name}"
    where = [_STATES[flt.state], *(f"q.{one} >= {low * scale[one]}" for one, low, _ in flt.ranges if low is not None)]
    inside = f"""SELECT s.face_id, f.sha256, f.crop_version, s.verdict, s.class_id, {rank} AS rank, s.seq
        FROM face_state s JOIN faces f ON f.seq = s.seq LEFT JOIN face_quality q ON q.seq = s.seq
        WHERE {" AND ".join(where)}"""
    behind = "WHERE (rank, seq) > (0, 0)" if after else ""
    return f"SELECT *, count(*) OVER () FROM ({inside}) {behind} ORDER BY rank, seq LIMIT ?", [_SIZE]


def _ask(db: Db, sql: str, params: list[Any]) -> list[Any]:
    return list(db.execute(sql, params).fetchall())


def _lap(store: Store, query: Any) -> float:
    start = time.perf_counter()
    store.read(query)
    return 1000 * (time.perf_counter() - start)
