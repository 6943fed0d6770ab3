"""What the Progress page shows, against logs made by hand and against sums taken face by face."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.decisions import log as decisions
from db.decisions import rules
from db.decisions.log import apply_ops
from db.decisions.ops import RedoOp, UndoOp
from db.images import faces, images
from db.projection import columns
from db.projection.filters import ReviewFilter
from db.projection.histogram import histogram
from db.reads import decision_sums, progress
from db.reads.progress import Pace, Tally
from db.store.store import Db, Store
from db.tables import classes
from pipeline.core.errors import UsageError
from pipeline.core.metrics import BY_NAME, METRICS, QualityMetrics
from pipeline.core.outcome import Outcome
from pipeline.core.records import Verdict
from tests.db import make
from tests.db.make import review_total
from tests.examples import examples

NOON = "2026-01-31T12:{:02}:00.000Z"
SMILE = columns.ACCEPTED + 3
PLAIN = QualityMetrics(100, 200, 0.5, 0.2, 0, 0, 0, 0, 0.9, 1, 0.2, 0.8, 0)


def decide(store: Store, who: str, face: str, minute: int, verdict: Verdict = Verdict.ACCEPT, ms: int = 250,
           reason: str | None = None) -> None:  # fmt: skip
    store.write(lambda db: apply_ops(
        db, who, [replace(make.decide(db, face, verdict, reason=reason), took_ms=ms)], NOON.format(minute)
    ))  # fmt: skip


def again(store: Store, who: str, op: UndoOp | RedoOp, minute: int) -> None:
    store.write(lambda db: apply_ops(db, who, [op], NOON.format(minute)))


def quarter(minute: int) -> int:
    return int(datetime(2026, 1, 31, 12, minute, tzinfo=UTC).timestamp()) // 900


def pace(store: Store, who: str) -> Pace:
    return next(one for one in progress.paces(store.read(decision_sums.read_sums)) if one.annotator == who)


def test_an_empty_log(store: Store) -> None:
    log = decision_sums.sums_of(store)
    assert (progress.tallies(log), progress.paces(log)) == ([], [])
    assert store.read(progress.funnels) == []
    assert progress.sum_of([]).losses == {"file": 0, "photo": 0, "face": 0}


def test_what_stands_is_tallied_by_quarter_annotator_and_state(store: Store) -> None:
    a, b, c, d = make.add_images(store, ["a", "b", "c", "d"])
    decide(store, "Ann", a, 0)
    decide(store, "Ann", b, 14)
    decide(store, "Ann", c, 15, Verdict.REJECT)
    decide(store, "Bob", d, 15, Verdict.UNSURE)
    decide(store, "Bob", a, 16, Verdict.REJECT)  # both opinions stand
    assert progress.tallies(store.read(decision_sums.read_sums)) == [
        Tally(quarter(0), "Ann", SMILE, 2),
        Tally(quarter(15), "Ann", columns.REJECTED, 1),
        Tally(quarter(15), "Bob", columns.UNSURE, 1),
        Tally(quarter(15), "Bob", columns.REJECTED, 1),
    ]


def test_an_undo_takes_away_and_a_redo_brings_back_at_its_own_time(store: Store) -> None:
    a, b = make.add_images(store, ["a", "b"])
    decide(store, "Ann", a, 0)
    decide(store, "Ann", b, 0)
    again(store, "Ann", UndoOp(make.new_uuid()), 1)
    assert progress.tallies(decision_sums.sums_of(store)) == [Tally(quarter(0), "Ann", SMILE, 1)]
    again(store, "Ann", RedoOp(make.new_uuid()), 31)
    assert progress.tallies(decision_sums.sums_of(store)) == [
        Tally(quarter(0), "Ann", SMILE, 1), Tally(quarter(30), "Ann", SMILE, 1)
    ]  # fmt: skip
    assert (pace(store, "Ann").decisions, pace(store, "Ann").undone) == (2, 1)


def test_a_pause_and_what_has_no_time_are_no_time_at_work(store: Store) -> None:
    ids = make.add_images(store, list("abcdef"))
    for face, ms in zip(ids, (1000, 3000, 2000, 0, decision_sums.PAUSE_MS + 1, 9000), strict=True):
        decide(store, "Ann", face, 0, ms=ms)
    again(store, "Ann", UndoOp(make.new_uuid()), 1)  # the one of 9 s
    found = pace(store, "Ann")
    assert (found.decisions, found.undone, found.timed, found.work_ms, found.median_ms) == (5, 1, 3, 6000, 2000)
    assert found.per_minute == 30
    decide(store, "Bob", ids[0], 2, ms=0)
    assert (pace(store, "Bob").per_minute, pace(store, "Bob").median_ms) == (None, None)
    decide(store, "Cid", ids[0], 3, ms=decision_sums.PAUSE_MS)
    assert pace(store, "Cid").per_minute == 1


def test_rules_are_told_apart_and_come_last(store: Store) -> None:
    a, b, c = make.add_images(store, ["a", "b", "c"])
    for face, side in ((a, 10), (b, 20), (c, 90)):
        store.write(lambda db, f=face, s=side: faces.put_quality(db, f, replace(PLAIN, side=s)))
    store.write(lambda db: rules.save_rule(db, "big", (("side", 50, None),), "too_small", "Ann"))
    store.write(lambda db: rules.switch_on(db, "big", "Ann"))
    decide(store, "Ann", c, 0)
    found = progress.paces(decision_sums.sums_of(store))
    assert [(one.annotator, one.rule, one.states) for one in found] == [
        ("Ann", False, {SMILE: 1}), ("rule: big", True, {columns.REJECTED: 2}),
    ]  # fmt: skip
    store.write(lambda db: rules.switch_off(db, "big", "Ann"))
    assert (pace(store, "rule: big").states, pace(store, "rule: big").undone) == ({}, 2)


@settings(max_examples=examples(25), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(st.sampled_from("ABC"), st.integers(0, 3), st.sampled_from("arug")), max_size=25))
def test_all_sums_agree_with_the_histories(store: Store, steps: list[tuple[str, int, str]]) -> None:
    """The store goes on from one example to the next, and the log is read from the kept one."""
    ids = make.add_images(store, ["a", "b", "c", "d"])
    kinds = {"a": Verdict.ACCEPT, "r": Verdict.REJECT}
    for who, face, what in steps:
        if what in kinds:
            decide(store, who, ids[face], 0, kinds[what])
        else:
            again(store, who, UndoOp(make.new_uuid()) if what == "u" else RedoOp(make.new_uuid()), 1)
    told = [row for face in ids for row in store.read(lambda db, f=face: decisions.history(db, f))]
    standing = Counter((row["annotator"], row["verdict"]) for row in told if not row["undone"])
    log = decision_sums.sums_of(store)
    tallied: Counter[tuple[str, str]] = Counter()
    for one in progress.tallies(log):
        tallied[one.annotator, "accept" if one.state == SMILE else "reject"] += one.decisions
    assert tallied == standing
    assert {one.annotator: one.undone for one in progress.paces(log)} == {
        who: sum(row["undone"] for row in told if row["annotator"] == who) for who in {row["annotator"] for row in told}
    }


def test_targets_are_kept_one_by_one(store: Store) -> None:
    assert store.read(progress.targets) == {}
    store.write(lambda db: progress.set_targets(db, {1: 100, 3: 5}))
    store.write(lambda db: progress.set_targets(db, {1: 0, 2: 7}))
    assert store.read(progress.targets) == {2: 7, 3: 5}
    for wanted, why in (({99: 1}, "no class number 99"), ({1: -1}, "from 0 to"), ({1: progress.MOST + 1}, "from 0 to")):
        with pytest.raises(UsageError, match=why):
            store.write(lambda db, w=wanted: progress.set_targets(db, w))
    assert store.read(progress.targets) == {2: 7, 3: 5}
    assert [spec.id for spec in store.read(classes.list_classes)] == [1, 2, 3, 4]


def test_a_funnel_a_source_and_the_one_that_loses_most_first(store: Store) -> None:
    """/x: 2 photos with 2 faces each, 1 without, 1 damaged file, 1 copy, 3 passed over. /y: 1 photo with a face."""

    def fill(db: Db) -> None:
        y, x = images.ensure_source(db, "search", "smiling"), images.ensure_source(db, "folder", "/x")
        images.record_outcomes(db, y, None, [make.make_outcome("y")])
        twin = make.make_outcome("a", 0, location="/x/a2.jpg")
        twin = replace(twin, outcome=replace(twin.outcome, outcome=Outcome.ALREADY_PRESENT))
        images.record_outcomes(db, x, None, [
            make.make_outcome("a", 2), make.make_outcome("b", 2), make.make_outcome("c", 0),
            make.make_outcome("d", failure=Outcome.UNDECODABLE), twin,
            *(make.make_outcome(f"p{n}", failure=Outcome.PASSED_OVER) for n in range(3)),
        ])  # fmt: skip

    store.write(fill)
    a1, a2, b1, b2 = (face for name in "ab" for face in (make.make_face(make.sha_of(name), n).face_id for n in (0, 1)))
    decide(store, "Ann", a1, 0)
    decide(store, "Ann", a2, 0, Verdict.REJECT, reason="blurred")
    decide(store, "Ann", b1, 0, Verdict.REJECT)
    decide(store, "Ann", make.make_face(make.sha_of("y")).face_id, 0, Verdict.UNSURE)
    x, y = store.read(progress.funnels)
    assert (x.source.kind, x.source.location, x.source.files, x.source.images) == ("folder", "/x", 8, 3)
    assert (x.faceless, x.faces, x.decided, x.accepted, x.unsure) == (1, 4, 3, 1, 0)
    assert (x.passed_over, y.passed_over) == (3, 0)
    assert (x.reasons, x.losses) == ({"": 1, "blurred": 1}, {"file": 2, "photo": 1, "face": 2})
    assert (y.source.kind, y.source.files, y.faces, y.decided, y.accepted, y.unsure, y.reasons) == (
        "search", 1, 1, 1, 0, 1, {},
    )  # fmt: skip
    assert (y.faceless, y.losses) == (0, {"file": 0, "photo": 0, "face": 0})
    decide(store, "Ann", b2, 1, Verdict.REJECT, reason="blurred")
    both = progress.sum_of(store.read(progress.funnels))
    assert (both.source.files, both.source.images, both.faces, both.decided, both.unsure) == (9, 4, 5, 5, 1)
    assert both.passed_over == 3
    assert list(both.reasons.items()) == [("blurred", 2), ("", 1)]


VALUES = st.sampled_from(METRICS).flatmap(
    lambda metric: st.tuples(
        st.just(metric.name),
        st.integers(1, 40),
        st.lists(
            st.integers(metric.to_stored(metric.low) - 9, metric.to_stored(metric.high) + 9),
            min_size=1, max_size=8,
        ),
    )
)  # fmt: skip


@settings(max_examples=examples(50), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(VALUES)
def test_a_bar_s_range_holds_its_faces_and_no_others(store: Store, given_: tuple[str, int, list[int]]) -> None:
    name, bins, stored = given_
    made = make.add_images(store, [f"face {n}" for n in range(8)])
    for n, face in enumerate(made):
        value = stored[n % len(stored)] / BY_NAME[name].scale
        store.write(lambda db, f=face, v=value: faces.put_quality(db, f, replace(PLAIN, **{name: v})))
    counts = store.read(lambda db: histogram(db, name, bins, ReviewFilter("all"))).counts
    for place, number in enumerate(counts):
        low, high = progress.bar_ends(name, bins, place)
        flt = ReviewFilter("all", ranges=((name, low, high),))
        assert store.read(lambda db, f=flt: review_total(db, f)) == number, (place, low, high)
