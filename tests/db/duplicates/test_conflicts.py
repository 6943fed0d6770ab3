from __future__ import annotations

from dataclasses import replace

import pytest

from db.decisions.log import apply_ops
from db.duplicates import near_pairs
from db.duplicates.conflicts import conflicts
from db.duplicates.groups import group_page, totals
from db.images import images
from db.store.store import Db, Store
from pipeline.core.geometry import BoundingBox
from pipeline.core.records import Verdict
from tests.db.make import decide, make_outcome, sha_of
from tests.db.near_copies import BLANK, near_pair, record_pairs

Box = tuple[float, float, float, float]


def add(store: Store, name: str, size: tuple[int, int], *boxes: Box) -> list[str]:
    """An image of that size with faces at boxes given as shares of it; returns their ids."""
    made = make_outcome(name, faces=len(boxes))
    width, height = size
    faces = tuple(
        replace(face, box=BoundingBox(x1 * width, y1 * height, x2 * width, y2 * height))
        for face, (x1, y1, x2, y2) in zip(made.outcome.faces, boxes, strict=True)
    )
    outcome = replace(made.outcome, width=width, height=height, faces=faces)

    def work(db: Db) -> None:
        source = images.ensure_source(db, "folder", "/x")
        images.record_outcomes(db, source, None, [replace(made, outcome=outcome)])
        near_pairs.put_hashes(db, [(sha_of(name), BLANK)])

    store.write(work)
    return [face.face_id for face in faces]


def link(store: Store, one: str, other: str, view: str = "plain") -> None:
    pair = near_pair(one, other, view=view)
    store.write(lambda db: record_pairs(db, [pair], [pair.a, pair.b]))


def accept(store: Store, **classes: int) -> None:
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, f, class_id=c) for f, c in classes.items()]))


LEFT: Box = (0.1, 0.2, 0.3, 0.6)
RIGHT: Box = (0.7, 0.2, 0.9, 0.6)


def pairs(store: Store) -> set[frozenset[str]]:
    return {frozenset((c.one.face_id, c.other.face_id)) for c in store.read(conflicts)}


def test_copies_with_two_labels_are_listed(store: Store) -> None:
    (a,), (b,) = add(store, "a", (640, 480), LEFT), add(store, "b", (320, 240), LEFT)
    link(store, "a", "b")
    assert store.read(conflicts) == ()
    accept(store, **{a: 2, b: 3})
    (found,) = store.read(conflicts)
    first, second = sorted(("a", "b"), key=sha_of)
    assert (found.one.sha256, found.other.sha256) == (sha_of(first), sha_of(second))
    assert {found.one.face_id: found.one.class_id, found.other.face_id: found.other.class_id} == {a: 2, b: 3}
    assert {found.one.annotator, found.other.annotator} == {"Ann"}
    page = store.read(lambda db: group_page(db, "conflicts", 10))
    assert [group.conflicts for group in page.items] == [(found,)]
    assert store.read(totals)["conflicts"] == 1
    assert store.read(lambda db: conflicts(db, [found.group_id])) == (found,)
    assert store.read(lambda db: conflicts(db, [found.group_id + 1])) == ()
    accept(store, **{b: 2})
    assert store.read(conflicts) == ()
    assert store.read(lambda db: group_page(db, "conflicts", 10)).total == 0


def test_a_rejected_or_unsure_copy_is_no_conflict(store: Store) -> None:
    (a,), (b,) = add(store, "a", (640, 480), LEFT), add(store, "b", (640, 480), LEFT)
    link(store, "a", "b")
    accept(store, **{a: 2, b: 3})
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, b, Verdict.REJECT, reason="duplicate")]))
    assert store.read(conflicts) == ()


def test_of_several_faces_only_the_same_one_counts(store: Store) -> None:
    a, b = add(store, "a", (640, 480), LEFT, RIGHT), add(store, "b", (1280, 960), LEFT, RIGHT)
    link(store, "a", "b")
    accept(store, **{a[0]: 1, a[1]: 2, b[0]: 1, b[1]: 2})
    assert pairs(store) == set()
    accept(store, **{b[1]: 4})
    assert pairs(store) == {frozenset((a[1], b[1]))}


def test_in_a_mirrored_copy_left_is_right(store: Store) -> None:
    a, b = add(store, "a", (640, 480), LEFT, RIGHT), add(store, "b", (640, 480), LEFT, RIGHT)
    link(store, "a", "b", "mirror")
    accept(store, **{a[0]: 1, a[1]: 2, b[0]: 1, b[1]: 2})
    assert pairs(store) == {frozenset((a[0], b[1])), frozenset((a[1], b[0]))}


@pytest.mark.parametrize("cut", ["a", "b"])
def test_in_a_cut_copy_boxes_move(store: Store, cut: str) -> None:
    """A face a tenth of the photo wide in its corner: as it stands, the cut copy's box overlaps too little."""
    whole: Box = (0.06, 0.06, 0.12, 0.12)
    x1, y1, x2, y2 = ((n - 0.04) / 0.92 for n in whole)
    boxes = {"a": whole, "b": whole, cut: (x1, y1, x2, y2)}
    a, b = (add(store, name, (1000, 1000), boxes[name], RIGHT) for name in "ab")
    link(store, "a", "b", "centre")
    accept(store, **{a[0]: 1, b[0]: 3})
    assert pairs(store) == {frozenset((a[0], b[0]))}


def test_single_faces_match_wherever_their_boxes_are(store: Store) -> None:
    (a,), (b,) = add(store, "a", (640, 480), LEFT), add(store, "b", (640, 480), RIGHT)
    link(store, "a", "b")
    accept(store, **{a: 2, b: 3})
    assert pairs(store) == {frozenset((a, b))}
