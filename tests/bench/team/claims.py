"""What a claim costs on a large workspace: CPU of the writer's thread, while 24 others have a batch."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from db.projection.filters import ReviewFilter
from db.store.store import Db, Store
from db.tables.annotators import ensure_annotator
from db.team import claims, handouts
from pipeline.core.system import calls
from tests.bench.review.table import Line

OTHERS = 24
AIM_MS = 20.0
QUERIES = {
    "as imported": ReviewFilter(),
    "the sharpest first": ReviewFilter(order="-sharpness"),
    "one source, a range, by opening": ReviewFilter(source_id=1, ranges=(("sharpness", 5.0, None),), order="opening"),
}


def measure(root: Path, rounds: int) -> Iterator[Line]:
    """One line a filter; the baseline is a write that does nothing. root: a workspace, which is changed."""
    calls.use_few_heaps()  # as a server does: what is large costs more there
    with Store.open(root) as store:
        for one in store.read(handouts.standing):  # of an earlier run
            store.write(lambda db, number=one.id: handouts.take_back(db, number, "Lee"))
        faces = store.read(lambda db: db.execute("SELECT count(*) FROM face_state").fetchone()[0])
        for number in range(OTHERS):
            store.write(lambda db, name=f"other {number}": claims.claim_next(db, name, ReviewFilter()))
        nothing = _cpu_ms(store, lambda db: None, rounds)
        for words, flt in QUERIES.items():
            value = _cpu_ms(store, lambda db, flt=flt: claims.claim_next(db, "Ann", flt), rounds)
            yield Line(f"a claim of 96 of {faces:,} faces, {words}", value, "ms", AIM_MS, nothing, "an empty write")
        store.write(lambda db: ensure_annotator(db, "Ben"))
        sources = store.read(lambda db: [row[0] for row in db.execute("SELECT DISTINCT source_id FROM face_state")])
        for wanted, words in ((range(2, 12), "ten hand-outs to others"), (sources, "all is handed out to others")):
            for number in {*wanted} - {int(one.query["source"]) for one in store.read(handouts.standing)}:
                query = {"source": str(number)}
                store.write(lambda db, query=query: handouts.hand_out(db, query, "Ben", "Lee"))
            for order, flt in QUERIES.items():
                value = _cpu_ms(store, lambda db, flt=flt: claims.claim_next(db, "Ann", flt), rounds)
                yield Line(f"  {order}, {words}", value, "ms", AIM_MS, nothing, "an empty write")


def _cpu_ms(store: Store, work: Callable[[Db], object], rounds: int) -> float:
    """The median CPU of the writer's thread, ms; the commit is not in it."""

    def timed(db: Db) -> float:
        start = time.thread_time()
        work(db)
        return 1000 * (time.thread_time() - start)

    store.write(timed)
    return statistics.median(store.write(timed) for _ in range(rounds))
