"""What pages tell of all photos and files is what is there, after whatever was written, and a decision costs nothing
of it, however many there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from db.base.outcome_order import OUTCOME_RANKS
from db.decisions.log import apply_ops
from db.duplicates import near_pairs
from db.images import images, reprocess
from db.images.erase import erase
from db.projection import columns
from db.reads import files, sources
from db.reads.counts import count_files, workspace_counts
from db.store.store import Db, Store
from pipeline.core.outcome import Outcome
from tests.db.make import add_images, decide, make_outcome, sha_of
from tests.db.near_copies import BLANK

SIZES = 7, 60
_READS: dict[str, Callable[[Db], object]] = {
    "how photos were processed": reprocess.processed,
    "sources": sources.list_sources,
    "photos and outcomes": workspace_counts,
    "files of an outcome": lambda db: count_files(db, "added", None),
    "the first page of files": lambda db: files.clean_page(db, None, None, 3),
    "new files": lambda db: files.count_new(db, None, None, files.newest_file(db)),
    "new files of a source": lambda db: files.count_new(db, None, 1, files.newest_file(db)),
    "why files failed": lambda db: files.first_reasons(db, "undecodable"),
    "photos that are not compared": near_pairs.uncompared,
}


def told(db: Db) -> dict[str, Any]:
    counts = workspace_counts(db)
    return {
        "processed": {(p.processing, p.detector, p.margin): p.images for p in reprocess.processed(db)},
        "sources": {s.id: (s.images, s.files) for s in sources.list_sources(db)},
        "counts": (counts.images, {name: number for name, number in counts.by_outcome.items() if number}),
        "files": {(o, s): count_files(db, o, s) for o in (None, *map(str, Outcome)) for s in (None, 1, 2, 3)},
        "reasons": {str(o): [(m.text, n) for m, n in files.first_reasons(db, str(o))] for o in Outcome},
        "uncompared": (near_pairs.uncompared(db), near_pairs.hashed(db), near_pairs.is_outdated(db)),
    }


def row_by_row(db: Db) -> dict[str, Any]:
    """The same without a word of SQL but of whole tables."""
    photos = db.execute("SELECT processing, detector, margin, source_id FROM images").fetchall()
    met = db.execute("SELECT source_id, outcome, reason FROM sightings ORDER BY id").fetchall()
    hashes = db.execute("SELECT compared, by_faces FROM image_hashes").fetchall()
    shown = {name for rank, name in enumerate(OUTCOME_RANKS) if rank < OUTCOME_RANKS.index(Outcome.ALREADY_PRESENT)}
    outdated = any(compared and not by_faces for compared, by_faces in hashes)
    waiting = len(hashes) if outdated else sum(not compared for compared, _ in hashes)
    return {
        "processed": dict(Counter(row[:3] for row in photos)),
        "sources": {
            number: (sum(row[3] == number for row in photos), sum(row[0] == number for row in met))
            for (number,) in db.execute("SELECT id FROM sources").fetchall()
        },
        "counts": (len(photos), dict(Counter(row[1] for row in met))),
        "files": {
            (o, s): sum((row[1] == o if o else row[1] in shown) and s in (None, row[0]) for row in met)
            for o in (None, *map(str, Outcome))
            for s in (None, 1, 2, 3)
        },
        "reasons": {str(o): list(Counter(row[2] for row in met if row[1] == o).items()) for o in Outcome},
        "uncompared": (waiting + len(photos) - len(hashes), len(hashes), outdated),
    }


def record(store: Store, source: str, *made: Any) -> None:
    store.write(lambda db: images.record_outcomes(db, images.ensure_source(db, "folder", source), None, list(made)))


def process_again(store: Store, name: str) -> None:
    now = store.read(lambda db: reprocess.pending_image(db, sha_of(name)))
    assert now is not None
    made = replace(make_outcome(name, 0), processing="otherwise", detector="haar", margin=2.0)
    assert store.write(lambda db: reprocess.replace_faces(db, made, now.seen))


def test_after_every_kind_of_write_it_is_what_the_rows_say(store: Store) -> None:
    bad = [make_outcome(name, failure=Outcome.UNDECODABLE) for name in "pqr"]
    steps: list[Callable[[], Any]] = [
        lambda: add_images(store, ["a", "b", "c"]),
        lambda: record(store, "/y", make_outcome("n", 0), *bad, make_outcome("t", failure=Outcome.TOO_LARGE)),
        lambda: record(store, "/y", make_outcome("a", location="/y/copy.jpg")),
        lambda: process_again(store, "b"),
        lambda: store.write(lambda db: near_pairs.put_hashes(db, [(sha_of(name), BLANK) for name in "abc"])),
        lambda: store.write(lambda db: near_pairs.mark_compared(db, [sha_of("a"), sha_of("b")])),
        lambda: store.write(lambda db: db.execute("UPDATE image_hashes SET by_faces = 0")),
        lambda: store.write(lambda db: near_pairs.restart(db, ["plain"])),
        lambda: store.write(lambda db: images.forget_failure(db, 2, bad[0].outcome.ref.location)),
        lambda: store.write(lambda db: erase(db, sha_of("a"))),
        lambda: add_images(store, ["d"], source="/z"),
    ]
    seen = []
    for step in steps:
        step()
        seen.append(store.read(told))
        assert seen[-1] == store.read(row_by_row)
    assert all(before != after for before, after in pairwise(seen)), "each step is one that shows"


@pytest.mark.parametrize("name", _READS)
def test_after_a_decision_as_many_steps_of_sqlite_with_many_photos_as_with_few(store: Store, name: str) -> None:
    def steps(db: Db) -> int:
        """In tens of instructions of its virtual machine; one of them may be to count a whole table."""
        counted: list[None] = []
        said: list[str] = []
        db.conn.set_progress_handler(lambda: counted.append(None), 10)
        db.conn.set_trace_callback(said.append)
        _READS[name](db)
        db.conn.set_trace_callback(None)
        db.conn.set_progress_handler(None, 0)
        assert not {f"SELECT count(*) FROM {table}" for table in ("images", "image_hashes")} & set(said)
        return len(counted)

    cost = []
    record(store, "/y", make_outcome("without", 0))
    for size in SIZES:
        faces = add_images(store, [f"{size} {n}" for n in range(size)])
        bad = [make_outcome(f"bad {size} {n}", failure=Outcome.UNDECODABLE) for n in range(size)]
        record(store, "/y", *bad, *(make_outcome(f"{size} {n}", location=f"/y/{size} {n}") for n in range(size)))
        hashes = [(sha_of(f"{size} {n}"), BLANK) for n in range(size)]
        store.write(lambda db, hashes=hashes: near_pairs.put_hashes(db, hashes))
        store.write(lambda db, hashes=hashes: near_pairs.mark_compared(db, [sha for sha, _ in hashes]))
        store.write(lambda db: db.execute("UPDATE image_hashes SET by_faces = 1"))
        store.read(_READS[name])
        store.write(lambda db, face=faces[0]: apply_ops(db, "Ann", [decide(db, face)]))
        store.write(columns.compact)  # what waits to be put into columns is bounded, and read besides
        cost.append(store.read(steps))
    assert cost[1] <= cost[0] + 3
