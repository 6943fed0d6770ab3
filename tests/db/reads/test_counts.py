from __future__ import annotations

import itertools

import pytest

from db.base import paging
from db.decisions import rules
from db.decisions.log import apply_ops
from db.decisions.ops import UndoOp
from db.projection import columns
from db.reads import files, review
from db.reads.counts import COUNT_SQL, workspace_counts
from db.reads.details import face_info, image_info
from db.reads.export_items import accepted_items
from db.reads.lookup import image_ids
from db.reads.sources import list_sources
from db.store.store import Db, Store
from db.tables import jobs
from db.tables.classes import archive_class
from pipeline.core.outcome import Outcome
from pipeline.core.records import Verdict
from tests.db.images.test_images import record
from tests.db.make import add_images, decide, make_face, make_outcome, new_uuid, sha_of


def test_the_counts_of_an_empty_workspace_are_zeros(store: Store) -> None:
    numbers = store.read(workspace_counts)
    assert (numbers.images, numbers.faces, numbers.decisions, numbers.annotators, numbers.sources) == (0, 0, 0, 0, 0)
    assert numbers.by_outcome == dict.fromkeys(map(str, Outcome), 0)
    assert list(numbers.by_class.items()) == [("none", 0), ("pout", 0), ("smile", 0), ("openmouth", 0)]


def test_the_counts_add_up(store: Store) -> None:
    faces = add_images(store, [f"i{n}" for n in range(4)], faces=2)
    record(store, make_outcome("n", faces=0), make_outcome("bad", failure=Outcome.UNSUPPORTED), source="/y")

    def work(db: Db) -> None:
        ops = [decide(db, faces[0], class_id=3), decide(db, faces[1], class_id=3), decide(db, faces[2], class_id=2)]
        ops += [decide(db, faces[3], Verdict.REJECT), decide(db, faces[4], Verdict.UNSURE), decide(db, faces[5])]
        apply_ops(db, "Ann", [*ops, UndoOp(new_uuid())])
        archive_class(db, 4)

    store.write(work)
    numbers = store.read(workspace_counts)
    assert (numbers.images, numbers.faces, numbers.sources, numbers.annotators) == (5, 8, 2, 1)
    assert (numbers.undecided, numbers.accepted, numbers.rejected, numbers.unsure) == (3, 3, 1, 1)
    assert numbers.decisions == 7  # six and the undo
    assert numbers.by_class == {"none": 0, "pout": 1, "smile": 2}
    assert {k: v for k, v in numbers.by_outcome.items() if v} == {"added": 4, "no_face": 1, "unsupported": 1}


def test_an_export_takes_what_is_accepted_now_in_a_fixed_order(store: Store) -> None:
    faces = add_images(store, ["b", "a"], faces=2)
    record(store, make_outcome("a", faces=2, location="/x/later.jpg"))

    def work(db: Db) -> None:
        for face in faces:
            apply_ops(db, "Ann", [decide(db, face, class_id=2)])
        apply_ops(db, "Bob", [decide(db, faces[0], Verdict.REJECT), decide(db, faces[1], class_id=4)])

    store.write(work)
    items = store.read(accepted_items)
    assert [i.face_id for i in items] == sorted(faces[1:], key=lambda f: (sha_of("b" if f == faces[1] else "a"), f))
    bob = next(i for i in items if i.face_id == faces[1])
    wanted = make_face(sha_of("b"), 1)
    assert (bob.label, bob.annotator, bob.image_sha256, bob.group) == ("openmouth", "Bob", sha_of("b"), sha_of("b"))
    assert (bob.box, bob.crop, bob.detector, bob.location) == (wanted.box, wanted.crop, "yunet", "/x/b.jpg")
    assert {i.location for i in items if i.image_sha256 == sha_of("a")} == {"/x/a.jpg"}


def test_a_face_with_its_image_and_history(store: Store) -> None:
    record(store, make_outcome("a", faces=2, proposal="pout"), make_outcome("a", faces=2, location="/x/copy.jpg"))
    face = make_face(sha_of("a"), 1)
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, face.face_id), UndoOp(new_uuid())]))
    info = store.read(lambda db: face_info(db, face.face_id))
    assert info is not None
    assert (info.width, info.height, info.source_kind, info.source_location) == (640, 480, "folder", "/x")
    assert (info.locations, info.proposal, info.removed) == (("/x/a.jpg", "/x/copy.jpg"), 2, False)
    assert [(h["annotator"], h["class_id"], h["undone"]) for h in info.history] == [("Ann", 3, True)]
    assert store.read(lambda db: face_info(db, "0" * 32)) is None
    assert store.read(lambda db: image_info(db, "0" * 64)) is None


def test_sources_tell_what_came_first_from_them(store: Store) -> None:
    record(store, make_outcome("a"), make_outcome("bad", failure=Outcome.UNSUPPORTED), source="/x")
    record(store, make_outcome("a"), make_outcome("b"), source="/y")
    rows = store.read(list_sources)
    assert [(r.kind, r.location, r.images, r.files) for r in rows] == [("folder", "/x", 1, 2), ("folder", "/y", 1, 2)]


def test_a_walk_over_all_images(store: Store) -> None:
    add_images(store, [f"i{n}" for n in range(7)])
    walked: list[str] = []
    while part := store.read(lambda db, last=walked[-1] if walked else "": image_ids(db, last, 3)):
        walked += part
    assert walked == sorted(sha_of(f"i{n}") for n in range(7))


def plan(store: Store, sql: str) -> list[str]:
    marks = [1] * sql.count("?")
    return [row[3] for row in store.read(lambda db: db.execute(f"EXPLAIN QUERY PLAN {sql}", marks).fetchall())]


def whole_tables(steps: list[str]) -> list[str]:
    """The steps that read a table row by row, without an index or with none that covers what is asked."""
    return [step for step in steps if step.startswith("SCAN") and "COVERING INDEX" not in step]


@pytest.mark.parametrize("name", COUNT_SQL)
def test_counting_reads_indices_only(store: Store, name: str) -> None:
    steps = plan(store, COUNT_SQL[name])
    assert whole_tables(steps) == []
    assert not any("TEMP B-TREE" in step for step in steps)


def test_the_cards_of_a_page_are_looked_up(store: Store) -> None:
    steps = plan(store, review.ITEMS_SQL.replace("?", "'[1]'"))
    assert [step for step in steps if "SCAN" in step and "json_each" not in step and " j " not in step] == [], steps
    assert not any("TEMP B-TREE FOR ORDER" in step and "json" not in step for step in steps[:-1]), steps


@pytest.mark.parametrize("sql", [columns.BLOCKS_SQL, columns.BLOCK_SQL])
def test_a_column_is_read_in_its_order(store: Store, sql: str) -> None:
    (step,) = plan(store, sql)
    assert step.startswith("SEARCH face_columns USING INDEX"), step


@pytest.mark.parametrize("sql", [columns.STATE_SQL, columns.STORIES_SQL, columns.METRICS_SQL])
def test_changes_are_looked_up_one_by_one(store: Store, sql: str) -> None:
    steps = plan(store, sql)
    assert steps[0].startswith("SEARCH c USING INTEGER PRIMARY KEY"), steps
    # o: one face's own decisions
    assert [step for step in steps if step.startswith("SCAN") and step != "SCAN o"] == [], steps


@pytest.mark.parametrize("sql", [rules.COUNT_STEP_SQL, rules.COUNT_ROWS_SQL])
def test_what_a_rule_decided_is_counted_in_an_index(store: Store, sql: str) -> None:
    assert all("USING COVERING INDEX" in step for step in plan(store, sql))


def test_the_failures_of_a_job_are_counted_in_an_index(store: Store) -> None:
    steps = plan(store, jobs.FAILURES_SQL)
    assert len(steps) == 1, steps
    assert "USING COVERING INDEX sightings_job" in steps[0]


@pytest.mark.parametrize("sql", [rules.LAST_UNDONE_SQL, rules.STANDING_SQL, rules.STANDING_FACES_SQL])
def test_what_a_rule_takes_back_is_looked_up(store: Store, sql: str) -> None:
    steps = plan(store, sql)
    assert [step for step in steps if not step.startswith("SEARCH")] == [], steps


@pytest.mark.parametrize(("outcome", "source"), [*itertools.product((None, "no_face"), (None, 1))])
def test_a_clean_page_is_looked_up_and_never_sorted(store: Store, outcome: str | None, source: int | None) -> None:
    listing = files.listing(outcome, source)
    edge = paging.compare(listing.key, ">")
    for sql in (paging.page_sql(listing, edge), paging.page_sql(listing), paging.count_sql(listing, edge)):
        steps = plan(store, sql)
        assert not any("TEMP B-TREE" in step or step.startswith("SCAN") for step in steps), steps


def test_an_archived_class_that_an_undo_brings_back_is_counted(store: Store) -> None:
    (face,) = add_images(store, ["a"])

    def story(db: Db) -> None:
        apply_ops(db, "Ann", [decide(db, face, class_id=4), decide(db, face, Verdict.REJECT)])
        archive_class(db, 4)
        apply_ops(db, "Ann", [UndoOp(new_uuid())])

    store.write(story)
    numbers = store.read(workspace_counts)
    assert (numbers.accepted, sum(numbers.by_class.values())) == (1, 1)
    assert list(numbers.by_class) == ["none", "pout", "smile", "openmouth"]


def test_an_undo_looks_its_step_up(store: Store) -> None:
    seen: list[str] = []
    (face,) = add_images(store, ["a"])

    def work(db: Db) -> None:
        op = decide(db, face)
        db.conn.set_trace_callback(seen.append)
        apply_ops(db, "Ann", [op, UndoOp(new_uuid()), UndoOp(new_uuid())])
        db.conn.set_trace_callback(None)

    store.write(work)
    read = [sql for sql in seen if sql.lstrip().startswith("SELECT")]
    assert len(read) > 5
    for sql in read:
        steps = plan(store, sql.replace("?", "1"))
        tables = [step for step in steps if step.startswith("SCAN") and "decisions" in step]
        assert [t for t in tables if "seq DESC LIMIT 1" not in sql] == [], (sql, steps)
