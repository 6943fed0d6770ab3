from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest

from db.base.paging import Page
from db.decisions.log import apply_ops
from db.decisions.ops import UndoOp
from db.duplicates import groups as dup
from db.duplicates import near_pairs
from db.duplicates.conflicts import CANDIDATES_SQL
from db.duplicates.grouping import NearPair
from db.duplicates.regroup import MEMBER_STATE_SQL, regroup
from db.images import faces, images
from db.projection.face_state import rebuild_state
from db.reads.counts import workspace_counts
from db.store.store import Db, Store
from pipeline.core.errors import UsageError
from pipeline.core.records import Verdict
from tests.db.make import add_images, decide, make_outcome, new_uuid, sha_of
from tests.db.near_copies import add_copies, groups_of, near_pair, record_pairs, shas

STEP = "5c1c8a1e-64d9-4d0c-8f0e-1f1a0a3f9f10"


def all_pairs(names: str) -> list[NearPair]:
    return [near_pair(a, b) for a, b in combinations(names, 2)]


def page(store: Store, state: str = "all", size: int = 10, **edge: str) -> Page[dup.DuplicateGroup]:
    return store.read(lambda db: dup.group_page(db, state, size, **edge))  # type: ignore[arg-type]


def keep(store: Store, group: dup.DuplicateGroup, sha: str, step: str = STEP) -> list[str]:
    def work(db: Db) -> list[str]:
        ops = dup.keep_ops(db, group.id, sha, step)
        assert {result.status for result in apply_ops(db, "Ann", ops)} <= {"saved", "repeat"}
        return [op.face_id for op in ops]

    return store.write(work)


def test_a_group_shows_its_members_the_keeper_first(store: Store) -> None:
    pairs = [near_pair("a", "b", 3, 4), near_pair("a", "c", 5, 6, "centre"), near_pair("b", "c", 7, 8)]
    faces = add_copies(store, "abc", pairs, faces=2)
    store.write(lambda db: images.record_outcomes(db, 1, None, [make_outcome("b", 2, location="/x/again.jpg")]))
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, faces[2], Verdict.ACCEPT, 3)]))
    (group,) = page(store).items
    assert (group.keeper, group.reason.text) == (
        sha_of("a"),
        "imported first; mouths alike in size, sharpness and angle",
    )
    a, b, c = group.members
    assert [m.sha256 for m in group.members] == [sha_of(name) for name in "abc"]
    assert [(m.phash, m.dhash, m.view) for m in (a, b, c)] == [(0, 0, "plain"), (3, 4, "plain"), (5, 6, "centre")]
    assert (b.width, b.height, b.format, b.location, b.source_kind) == (640, 480, "JPEG", "/x/b.jpg", "folder")
    assert [m.files for m in (a, b, c)] == [1, 2, 1]
    assert [f.face_id for m in (a, b, c) for f in m.faces] == faces
    assert [(f.verdict, f.class_id, f.quality) for f in b.faces] == [("accept", 3, None), (None, None, None)]
    assert store.read(lambda db: dup.group(db, group.id)) == group
    assert store.read(lambda db: dup.group(db, group.id + 1)) is None


def test_the_keeper_is_suggested_among_the_faces_that_are_not_rejected(store: Store) -> None:
    faces = add_copies(store, "abc", [near_pair("a", "b"), near_pair("a", "c", 5, 6), near_pair("b", "c", 7, 8)])
    kept = []
    for face in faces:
        kept.append(page(store).items[0].keeper)
        reject = store.read(lambda db, face=face: decide(db, face, Verdict.REJECT, reason="blurred"))
        store.write(lambda db, reject=reject: apply_ops(db, "Ann", [reject]))
    assert kept == [sha_of(name) for name in "abc"]
    (group,) = page(store).items
    assert (group.keeper, group.reason.text) == ("", "every face is rejected: none is suggested")
    assert [(m.sha256, m.phash) for m in group.members] == [(sha_of("a"), 0), (sha_of("b"), 10), (sha_of("c"), 5)]


def test_an_equal_image_is_as_far_from_the_keeper_as_the_one_that_stands_for_it(store: Store) -> None:
    add_copies(store, "abc", [near_pair("a", "b", 9, 8, "centre"), near_pair("b", "c", 0, 0)])
    store.write(lambda db: near_pairs.put_same(db, {sha_of("c"): sha_of("b")}))
    store.write(lambda db: regroup(db, shas("abc")))
    (group,) = page(store).items
    assert [(m.sha256, m.phash, m.dhash, m.view) for m in group.members] == [
        (sha_of("a"), 0, 0, "plain"), (sha_of("b"), 9, 8, "centre"), (sha_of("c"), 9, 8, "centre")
    ]  # fmt: skip


def test_quality_is_read_in_its_own_units(store: Store) -> None:
    add_copies(store, "ab", [near_pair("a", "b")])
    figures = [212, 3105, 512, 101, -157, 42, -8, 0, 2**31 - 1, 987, 250, 730, -12]
    store.write(
        lambda db: db.execute(
            f"INSERT INTO face_quality VALUES ({', '.join('?' * 18)})", [2, *figures, 900, 0, 100, 50]
        )
    )
    store.write(lambda db: regroup(db, shas("ab")))
    (group,) = page(store).items
    quality = next(m for m in group.members if m.sha256 == sha_of("b")).faces[0].quality
    assert quality is not None
    assert (quality.side, quality.sharpness, quality.exposure, quality.yaw) == (212, 310.5, 0.512, -15.7)
    assert (quality.score, quality.lift) == (None, -0.012)
    assert group.reason.text == "sharpest: 310 against 0, mouths alike in size"


def test_groups_are_paged_by_number(store: Store) -> None:
    for names in ("ab", "cd", "ef", "gh", "ij"):
        add_copies(store, names, all_pairs(names))
    first = page(store, size=2)
    second = page(store, size=2, after=first.last)
    third = page(store, size=2, after=second.last)
    ids = [group.id for shown in (first, second, third) for group in shown.items]
    assert ids == sorted(groups_of(store))
    assert [p.position for p in (first, second, third)] == [0, 2, 4]
    assert (third.total, third.has_next, third.has_prev) == (5, False, True)
    assert page(store, size=2, before=third.first) == second


def test_keeping_one_rejects_the_rest_and_closes_the_group(store: Store) -> None:
    faces = add_copies(store, "abxy", [*all_pairs("ab"), *all_pairs("xy")])
    assert store.read(dup.open_groups) == 2
    group = next(g for g in page(store, "open").items if g.keeper == sha_of("a"))
    assert keep(store, group, sha_of("b")) == [faces[0]]
    assert store.read(dup.open_groups) == 1
    assert [g.id for g in page(store, "resolved").items] == [group.id]
    assert group.id not in [g.id for g in page(store, "open").items]
    shown = store.read(lambda db: dup.group(db, group.id))
    assert shown is not None
    (rejected,) = [m for m in shown.members if m.sha256 == sha_of("a")]
    assert (rejected.faces[0].verdict, rejected.faces[0].reason) == ("reject", "duplicate")
    assert keep(store, group, sha_of("b")) == []
    store.write(lambda db: apply_ops(db, "Ann", [UndoOp(new_uuid())]))
    assert store.read(dup.open_groups) == 2
    assert page(store, "resolved").total == 0


def test_a_repeat_sends_the_same_decisions(store: Store) -> None:
    add_copies(store, "ab", all_pairs("ab"), faces=3)
    (group,) = page(store).items
    once, twice = (store.read(lambda db: dup.keep_ops(db, group.id, sha_of("a"), STEP)) for _ in range(2))
    assert once == twice
    assert len({op.uuid for op in once}) == 3
    other = store.read(lambda db: dup.keep_ops(db, group.id, sha_of("a"), "another"))
    assert {op.uuid for op in once}.isdisjoint(op.uuid for op in other)


def test_faces_that_are_rejected_already_keep_their_reason(store: Store) -> None:
    faces = add_copies(store, "ab", all_pairs("ab"), faces=2)
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, faces[3], Verdict.REJECT, reason="blurred")]))
    (group,) = page(store).items
    assert keep(store, group, sha_of("a")) == [faces[2]]


def test_a_copy_that_joined_meanwhile_is_never_rejected_unseen(store: Store) -> None:
    add_copies(store, "ab", all_pairs("ab"))
    (seen,) = page(store).items
    add_copies(store, "c", [near_pair("c", "a"), near_pair("c", "b")])
    with pytest.raises(UsageError, match="reload"):
        keep(store, seen, sha_of("a"))
    (now,) = page(store).items
    with pytest.raises(UsageError, match="reload"):
        keep(store, now, sha_of("elsewhere"))


def test_not_the_same_is_remembered_and_reversible(store: Store) -> None:
    add_copies(store, "abcd", all_pairs("abcd"))
    (group,) = page(store).items
    pairs = store.write(lambda db: dup.mark_distinct(db, " Ann ", group.id, sha_of("c")))
    assert {frozenset(p) for p in pairs} == {frozenset(shas(f"c{other}")) for other in "abd"}
    assert groups_of(store) == {group.id: shas("abd")}
    rest = store.write(lambda db: dup.mark_distinct(db, "Ann", group.id))
    assert len(rest) == 3
    assert page(store).total == 0
    store.write(lambda db: regroup(db, shas("abcd")))
    assert groups_of(store) == {}
    store.write(lambda db: dup.mark_same(db, "Ann", [*pairs, *rest]))
    assert list(groups_of(store).values()) == [shas("abcd")]
    with pytest.raises(UsageError, match="reload"):
        store.write(lambda db: dup.mark_distinct(db, "Ann", 999))


def test_a_group_with_one_face_left_is_not_open(store: Store) -> None:
    add_copies(store, "a", [])
    source = store.write(lambda db: images.ensure_source(db, "folder", "/x"))
    store.write(lambda db: images.record_outcomes(db, source, None, [make_outcome("n", faces=0)]))
    store.write(lambda db: near_pairs.put_hashes(db, [(sha_of("n"), bytes(192))]))
    store.write(lambda db: record_pairs(db, [near_pair("a", "n")], [sha_of("n")]))
    assert (page(store).total, store.read(dup.open_groups)) == (1, 0)
    assert page(store).items[0].reason.text == "the only one with a face that is not rejected"
    face = replace(make_outcome("n").outcome.faces[0])
    store.write(lambda db: faces.add_face(db, face, "0" * 16))
    assert store.read(dup.open_groups) == 0  # its first face: whether it agrees with the other's is still to be seen
    assert store.read(near_pairs.uncompared) == 1


def test_the_members_state_follows_every_decision(store: Store) -> None:
    """The triggers' columns against the same figures computed anew."""
    faces = add_copies(store, "abcd", all_pairs("abcd"), faces=2)

    def differing(db: Db) -> list[str]:
        rows = db.execute("SELECT sha256, live, least_class, most_class FROM duplicate_members").fetchall()
        assert len(rows) == 4
        return [sha for sha, *told in rows if tuple(told) != db.execute(MEMBER_STATE_SQL, [sha]).fetchone()]

    steps = [
        [(0, Verdict.ACCEPT, 1), (1, Verdict.ACCEPT, 4)],
        [(2, Verdict.REJECT, None), (3, Verdict.REJECT, None)],
        [(0, Verdict.UNSURE, None), (2, Verdict.ACCEPT, 2)],
        [(0, Verdict.ACCEPT, 3), (0, Verdict.ACCEPT, 2)],
    ]
    for step in steps:
        store.write(lambda db, step=step: apply_ops(db, "Ann", [decide(db, faces[n], v, c) for n, v, c in step]))
        assert store.read(differing) == []
    state = dict(store.read(lambda db: db.execute(
        "SELECT sha256, live || '/' || ifnull(least_class, '-') || '/' || ifnull(most_class, '-')"
        " FROM duplicate_members").fetchall()))  # fmt: skip
    assert state == {sha_of("a"): "1/2/4", sha_of("b"): "1/2/2", sha_of("c"): "1/-/-", sha_of("d"): "1/-/-"}
    for _ in range(4):
        store.write(lambda db: apply_ops(db, "Ann", [UndoOp(new_uuid())]))
        assert store.read(differing) == []
    store.write(rebuild_state)
    assert store.read(differing) == []
    assert store.read(dup.open_groups) == 1


def test_totals_tell_exact_copies_by_their_files(store: Store) -> None:
    add_copies(store, "abc", [near_pair("a", "b")])
    twice = [make_outcome("a", location=f"/x/a{n}.jpg") for n in range(3)]
    store.write(lambda db: images.record_outcomes(db, 1, None, twice))
    assert store.read(dup.totals) == {
        "images": 3, "exact": 3, "near_pairs": 1, "groups": 1, "open": 1, "conflicts": 0
    }  # fmt: skip
    assert store.read(workspace_counts).images == 3


def test_an_unknown_state_is_refused(store: Store) -> None:
    with pytest.raises(UsageError, match="open, resolved"):
        page(store, "closed")


@pytest.mark.parametrize("sql", [dup.OPEN_COUNT_SQL, CANDIDATES_SQL.format(chosen="")])
def test_the_counts_read_one_index_alone(store: Store, sql: str) -> None:
    add_images(store, ["a"])
    plan = store.read(lambda db: [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {sql}")])
    assert any("COVERING INDEX members_group" in line for line in plan)
    assert not any("TEMP B-TREE" in line for line in plan)


def test_new_groups_of_a_list_are_those_with_a_photo_behind_the_newest_that_was_read(store: Store) -> None:
    assert store.read(dup.newest_image) == 0
    faces_of = add_copies(store, "abxy", [*all_pairs("ab"), *all_pairs("xy")])
    newest = store.read(dup.newest_image)
    add_copies(store, "cd", [near_pair("a", "c")])
    later = add_copies(store, "pq", all_pairs("pq"))

    def came(state: dup.GroupState) -> int:
        return store.read(lambda db: dup.count_new(db, state, newest))

    assert len(faces_of) == 4
    assert (came("open"), came("all")) == (2, 2)  # abc and pq; xy is as it was, d is alone
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, later[0], Verdict.REJECT)]))
    assert (came("open"), came("all"), came("resolved"), came("conflicts")) == (1, 2, 0, 0)
