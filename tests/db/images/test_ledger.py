from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.images import images, ledger
from db.images.ledger import DatabaseLedger, WebLedger
from db.reads.sources import list_sources
from db.store.store import Store
from pipeline.core.outcome import Outcome
from pipeline.core.records import ImageRef, Provenance, StoredOutcome
from tests.db.decisions.test_properties import fresh_store
from tests.db.make import make_outcome
from tests.examples import examples


def met(name: str, engine: str, query: str) -> StoredOutcome:
    told = Provenance(f"https://img.example/{name}.jpg", engine=engine, query=query)
    made = make_outcome(name, location=told.image_url)
    return replace(made, outcome=replace(made.outcome, ref=replace(made.outcome.ref, provenance=told)))


def test_each_search_is_a_source_and_the_outcomes_keep_their_order(store: Store) -> None:
    ledger = WebLedger(store, "job", "urls.csv")
    batch = [
        met("a", "bing", "pout"), met("b", "bing", "smile"), met("a", "openverse", "pout"), met("c", "", ""),
        met("d", "bing", "pout"),
    ]  # fmt: skip
    added, again = Outcome.ADDED, Outcome.ALREADY_PRESENT
    assert list(ledger.record(batch)) == [added, added, again, added, added]
    assert [(s.kind, s.location, s.images, s.files) for s in store.read(list_sources)] == [
        ("search", "bing: pout", 2, 2), ("search", "bing: smile", 1, 1), ("search", "openverse: pout", 0, 1),
        ("list", "urls.csv", 1, 1),
    ]  # fmt: skip
    assert ledger.known([met("a", "", "").outcome.sha256 or ""]) == {met("a", "", "").outcome.sha256}


def test_what_was_fetched_is_always_looked_at(store: Store) -> None:
    ledger = WebLedger(store, "job", "urls.csv")
    failed = make_outcome("x", location="https://img.example/x.jpg", failure=Outcome.UNAVAILABLE)
    ledger.record([failed])
    assert ledger.finished(failed.outcome.ref) is None


NAMES = ["/x/a", "/x/a/b", "/x/a.jpg", "/x/ä", "/x/\U0001f600", "/x/\ue000", "/x/z\udc80", "/x/", "", "~"]


@settings(max_examples=examples(40))
@given(
    stored=st.lists(st.sampled_from(NAMES), unique=True),
    asked=st.lists(st.tuples(st.sampled_from(NAMES), st.booleans()), max_size=25),
    most=st.integers(1, 4),
)
def test_the_window_says_what_each_row_does(stored: list[str], asked: list[tuple[str, bool]], most: int) -> None:
    """Whatever the order in which files are asked for, and whatever is recorded in between."""
    with pytest.MonkeyPatch.context() as patch, fresh_store() as store:
        patch.setattr(ledger, "AT_ONCE", most)
        source = store.write(lambda db: images.ensure_source(db, "folder", "/x"))
        other = store.write(lambda db: images.ensure_source(db, "folder", "/y"))
        made = {name: make_outcome(f"n{number}", location=name) for number, name in enumerate(NAMES)}
        DatabaseLedger(store, source, None).record([made[name] for name in stored])
        DatabaseLedger(store, other, None).record([made[NAMES[0]]])
        known, book = set(stored), DatabaseLedger(store, source, None)
        for name, record in asked:
            assert book.is_finished(made[name].outcome.ref) == (name in known)
            assert not book.is_finished(replace(made[name].outcome.ref, mtime_ns=8))
            if record:
                book.record([made[name]])
                known.add(name)


def test_a_known_folder_is_asked_for_in_few_reads(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    source = store.write(lambda db: images.ensure_source(db, "folder", "/x"))
    made = [make_outcome(f"n{n}", location=f"/x/{n:05}.jpg") for n in range(1200)]
    book = DatabaseLedger(store, source, None)
    for first in range(0, 1200, 400):
        book.record(made[first : first + 400])
    reads: list[Any] = []
    read = store.read
    monkeypatch.setattr(Store, "read", lambda self, work: reads.append(work) or read(work))
    new = ImageRef("/x/new.jpg", "/x/99999.jpg", 1, 1)
    assert [book.is_finished(ref) for ref in [*(one.outcome.ref for one in made), new]] == [True] * 1200 + [False]
    assert len(reads) == 3


def test_frames_are_known_where_the_file_was_decoded_to_its_end(store: Store) -> None:
    source = store.write(lambda db: images.ensure_source(db, "video", "/x"))
    book = DatabaseLedger(store, source, None)
    clip = ImageRef("/x/嘴.mp4", "/x/嘴.mp4", 5000, 7)
    frames = [make_outcome(f"f{n}", location=f"{clip.location}@{n}.000s") for n in range(3)]
    book.record(frames[:2])
    refs = [frame.outcome.ref for frame in frames]
    assert book.extracted_frames(clip, "every 1") is None
    book.record_frames(clip, "every 1", refs)
    assert book.extracted_frames(clip, "every 1") is None  # killed before the last one had its row
    book.record(frames[2:])
    known = book.extracted_frames(clip, "every 1")
    assert known is not None
    assert [(ref.location, ref.size, ref.mtime_ns) for ref in known] == [(r.location, r.size, 7) for r in refs]
    assert book.extracted_frames(clip, "every 2") is None
    assert book.extracted_frames(replace(clip, mtime_ns=8), "every 1") is None
    assert book.extracted_frames(replace(clip, size=5001), "every 1") is None
    assert DatabaseLedger(store, source + 1, None).extracted_frames(clip, "every 1") is None
    book.record_frames(clip, "scenes", [])
    assert book.extracted_frames(clip, "scenes") == []
    store.write(lambda db: db.execute("DELETE FROM sightings WHERE location = ?", [refs[1].location]))
    assert DatabaseLedger(store, source, None).extracted_frames(clip, "every 1") is None
