"""Filters and the counts of their choices, against the same told of each face in plain Python."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from db.decisions.log import apply_ops
from db.decisions.ops import UndoOp
from db.decisions.verify import verify
from db.projection import columns
from db.projection.anew import column_mismatches
from db.projection.columns import Faces
from db.projection.face_state import rebuild_state
from db.projection.facets import ANY, FILTERS, facets
from db.projection.filters import ReviewFilter, matching
from db.reads.review import review_page
from db.store.store import Db, Store
from pipeline.core.errors import UsageError
from pipeline.core.records import Verdict
from tests.db import stories
from tests.db.decisions.test_properties import fresh_store
from tests.db.images.test_images import record
from tests.db.make import add_images, decide, make_outcome, new_uuid, review_total
from tests.db.stories import FILTERS as ANY_FILTER
from tests.db.stories import STEPS, Story
from tests.examples import examples

CHOICES = {
    "state": {
        s: {"state": s} for s in ("undecided", "waiting", "accepted", "rejected", "unsure", "all", "class:2", "class:3")
    },
    "source": {ANY: {"source_id": None}, "1": {"source_id": 1}, "2": {"source_id": 2}},
    "proposal": {ANY: {"proposal": None}, "2": {"proposal": 2}, "3": {"proposal": 3}},
    "outcome": {ANY: {"outcome": None}, **{o: {"outcome": o} for o in ("added", "no_face", "already_present")}},
    "annotator": {ANY: {"annotator": None}, **{who: {"annotator": who} for who in stories.PEOPLE}},
    "disagreement": {ANY: {"disagreement": False}, "1": {"disagreement": True}},
    "landmarks": {ANY: {"landmarks": None}, **{one: {"landmarks": one} for one in ("dlib", "landmarker")}},
    "licence": {ANY: {"licence": None}, **{one: {"licence": one} for one in ("unknown", "CC BY 4.0", "CC0 1.0")}},
}
"""For each choice what it changes in a filter."""


def ids(store: Store, flt: ReviewFilter) -> list[str]:
    return [item.face_id for item in store.read(lambda db: review_page(db, flt, 50)).items]


@settings(max_examples=examples(30), deadline=None)
@example(
    steps=[("accept 2", "Ann", 0), ("accept 2", "rule: small", 0)],  # a rule's later decision does not count
    filters=[ReviewFilter("accepted", annotator="Ann"), ReviewFilter("all", annotator="rule: small")],
    compacted="no",
)
@given(
    steps=STEPS,
    filters=st.lists(ANY_FILTER, min_size=1, max_size=6),
    compacted=st.sampled_from(["no", "compact", "anew"]),
)
def test_filters_and_their_counts_are_those_of_a_person_who_counts(
    steps: list[tuple[str, str, int]], filters: list[ReviewFilter], compacted: str
) -> None:
    with fresh_store() as store:
        found = stories.made(store, steps)
        if compacted != "no":
            store.write(columns.compact if compacted == "compact" else rebuild_state)
        assert store.read(verify) == []
        for flt in filters:
            check(store, found, flt)


def check(store: Store, found: list[Story], flt: ReviewFilter) -> None:
    assert ids(store, flt) == [story.face for story in found if story.passes(flt)]
    told = store.read(lambda db: facets(db, flt))
    assert (told.faces, told.total) == (len(found), sum(story.passes(flt) for story in found))
    for name in FILTERS:
        for choice, changed in CHOICES[name].items():
            other = replace(flt, **changed)  # type: ignore[arg-type]
            assert told.of[name].get(choice, 0) == sum(story.passes(other) for story in found), (name, choice)
        assert set(told.of[name]) <= {*CHOICES[name], *(["0"] if name == "disagreement" else [])}


def test_the_filter_in_sql(store: Store) -> None:
    faces = add_images(store, [f"i{n}" for n in range(12)])

    def work(db: Db) -> None:
        for n, face in enumerate(faces[:9]):
            at = f"2026-03-0{1 + n % 3}T10:{n:02}:00.000Z"
            apply_ops(db, ("Ann", "Bob")[n % 2], [decide(db, face, (Verdict.ACCEPT, Verdict.REJECT)[n % 2])], at)

    store.write(work)
    start, end = (datetime(2026, 3, day, 10, minute, tzinfo=UTC) for day, minute in ((1, 5), (2, 6)))
    flt = ReviewFilter("all", annotator="Ann", decided_from=stories.minute(start), decided_to=stories.minute(end))
    sql = (
        "SELECT seq FROM face_state WHERE annotator = 'Ann' AND at >= '2026-03-01T10:05'"
        " AND at < '2026-03-02T10:06' ORDER BY seq"
    )
    wanted = [seq for (seq,) in store.read(lambda db: db.execute(sql).fetchall())]
    assert store.read(lambda db: matching(Faces(db), flt).tolist()) == wanted
    assert wanted == [5, 7]


def test_a_day_ends_before_the_next_days_first_minute(store: Store) -> None:
    faces = add_images(store, ["before", "first", "last", "next"])
    times = ("30T23:59:59.999", "31T00:00:00.000", "31T23:59:59.999", "01T00:00:00.000")

    def work(db: Db) -> None:
        for face, at in zip(faces, times, strict=True):
            month = "02" if at.startswith("01") else "01"
            apply_ops(db, "Ann", [decide(db, face)], f"2026-{month}-{at}Z")

    store.write(work)
    start, end = datetime(2026, 1, 31, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
    day = ReviewFilter("all", decided_from=stories.minute(start), decided_to=stories.minute(end))
    sql = "SELECT seq FROM face_state WHERE face_id IN (?, ?) ORDER BY seq"
    wanted = [seq for (seq,) in store.read(lambda db: db.execute(sql, faces[1:3]).fetchall())]
    assert store.read(lambda db: matching(Faces(db), day).tolist()) == wanted


def test_people_disagree_only_by_what_they_think_last(store: Store) -> None:
    (face, other) = add_images(store, ["a", "b"])
    flt = ReviewFilter("all", disagreement=True)

    def say(who: str, verdict: Verdict, label: int = 3, which: str = face) -> bool:
        store.write(lambda db: apply_ops(db, who, [decide(db, which, verdict, label)]))
        return bool(store.read(lambda db: review_total(db, flt)))

    assert not say("rule: small", Verdict.REJECT)
    assert not say("Ann", Verdict.ACCEPT, 3)  # a rule is nobody
    assert not say("Ann", Verdict.ACCEPT, 2)  # nor is one who changes the mind another person
    assert say("Bob", Verdict.ACCEPT, 3)
    assert not say("Ann", Verdict.ACCEPT, 3)
    assert say("Cem", Verdict.UNSURE)
    assert ids(store, flt) == [face]
    store.write(lambda db: apply_ops(db, "Cem", [UndoOp(new_uuid())]))
    assert ids(store, flt) == []
    assert not say("Ann", Verdict.REJECT, which=other)


def test_a_copy_that_is_met_and_is_gone_again(store: Store) -> None:
    record(store, make_outcome("a"), make_outcome("b"))
    flt = ReviewFilter(outcome="already_present")
    assert ids(store, flt) == []
    record(store, make_outcome("b", location="/y/b.jpg"), source="/y")
    store.write(columns.compact)
    (face,) = ids(store, flt)
    assert store.read(lambda db: facets(db, flt, ("outcome",))).of == {
        "outcome": {ANY: 2, "added": 2, "no_face": 0, "already_present": 1}
    }
    store.write(lambda db: db.execute("DELETE FROM sightings WHERE location = '/y/b.jpg'"))
    assert ids(store, flt) == []
    assert face in ids(store, ReviewFilter())
    assert store.read(column_mismatches.find_mismatches) == []


def test_an_outcome_that_no_face_can_have_is_refused(store: Store) -> None:
    with pytest.raises(UsageError, match="'too_large' is no outcome"):
        ids(store, ReviewFilter(outcome="too_large"))


def test_counts_of_an_empty_workspace(store: Store) -> None:
    told = store.read(lambda db: facets(db, ReviewFilter()))
    assert (told.faces, told.total) == (0, 0)
    assert {sum(numbers.values()) for numbers in told.of.values()} == {0}
