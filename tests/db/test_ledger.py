from __future__ import annotations

from dataclasses import replace

from db.connect import Store
from db.images import StoredOutcome
from db.ledger import WebLedger
from db.queries import sources
from pipeline.records import Outcome, Provenance
from tests.db.make import make_outcome


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
    assert [(s.kind, s.location, s.images, s.files) for s in store.read(sources)] == [
        ("search", "bing: pout", 2, 2), ("search", "bing: smile", 1, 1), ("search", "openverse: pout", 0, 1),
        ("list", "urls.csv", 1, 1),
    ]  # fmt: skip
    assert ledger.known([met("a", "", "").outcome.sha256 or ""]) == {met("a", "", "").outcome.sha256}


def test_what_was_fetched_is_always_looked_at(store: Store) -> None:
    ledger = WebLedger(store, "job", "urls.csv")
    failed = make_outcome("x", location="https://img.example/x.jpg", failure=Outcome.UNAVAILABLE)
    ledger.record([failed])
    assert ledger.finished(failed.outcome.ref) is None
