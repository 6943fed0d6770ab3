from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.base import paging
from db.base.paging import Page
from db.decisions.log import apply_ops
from db.projection.filters import ReviewFilter
from db.reads.review import ReviewItem, newest_face, review_newer, review_page
from db.store.store import Db, Store
from pipeline.core.errors import UsageError
from pipeline.core.records import Verdict
from tests.db.decisions.test_properties import fresh_store
from tests.db.images.test_images import record
from tests.db.make import add_images, decide, make_outcome
from tests.examples import examples


def page(
    store: Store, flt: ReviewFilter, size: int, after: str | None = None, before: str | None = None
) -> Page[ReviewItem]:
    return store.read(lambda db: review_page(db, flt, size, after=after, before=before))


def ids(shown: Page[ReviewItem]) -> list[str]:
    return [item.face_id for item in shown.items]


def say(store: Store, face: str, verdict: Verdict = Verdict.ACCEPT, class_id: int = 3) -> None:
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, face, verdict, class_id)]))


def test_the_pages_hold_all_faces_in_the_order_they_came(store: Store) -> None:
    faces = add_images(store, [f"i{n}" for n in range(5)], faces=2)
    first = page(store, ReviewFilter(), 4)
    assert ids(first) == faces[:4]
    assert (first.total, first.position, first.has_prev, first.has_next) == (10, 0, False, True)
    last = page(store, ReviewFilter(), 4, after=page(store, ReviewFilter(), 4, after=first.last).last)
    assert ids(last) == faces[8:]
    assert (last.total, last.position, last.has_prev, last.has_next) == (10, 8, True, False)
    back = page(store, ReviewFilter(), 4, before=last.first)
    assert (ids(back), back.position) == (faces[4:8], 4)


def test_a_page_turn_after_deciding_skips_nothing(store: Store) -> None:
    faces = add_images(store, [f"i{n}" for n in range(10)])
    first = page(store, ReviewFilter(), 4)
    for face in faces[:3]:  # the fourth one stays undecided
        say(store, face)
    second = page(store, ReviewFilter(), 4, after=first.last)
    assert ids(second) == faces[4:8]
    assert (second.total, second.position, second.has_prev) == (7, 1, True)
    assert ids(page(store, ReviewFilter(), 4, before=second.first)) == [faces[3]]


@pytest.mark.parametrize(
    ("state", "wanted"),
    [
        ("undecided", [0, 5]),
        ("accepted", [1, 2]),
        ("rejected", [3]),
        ("unsure", [4]),
        ("class:3", [1]),
        ("class:2", [2]),
        ("class:1", []),
        ("all", [0, 1, 2, 3, 4, 5]),
    ],
)
def test_each_filter_shows_its_faces(store: Store, state: str, wanted: list[int]) -> None:
    faces = add_images(store, [f"i{n}" for n in range(6)])
    say(store, faces[1], class_id=3)
    say(store, faces[2], class_id=2)
    say(store, faces[3], Verdict.REJECT)
    say(store, faces[4], Verdict.UNSURE)
    shown = page(store, ReviewFilter(state), 10)
    assert ids(shown) == [faces[n] for n in wanted]
    assert shown.total == len(wanted)


def test_source_and_proposal_narrow_and_order(store: Store) -> None:
    labels = ["smile", None, "none", "smile", "pout"]
    record(store, *[make_outcome(f"i{n}", proposal=label) for n, label in enumerate(labels)])
    record(store, make_outcome("other", proposal="smile"), source="/y")
    by_proposal = page(store, ReviewFilter(order="proposal"), 10)
    assert [item.proposal for item in by_proposal.items] == [1, 2, 3, 3, 3, None]
    assert [item.proposal for item in page(store, ReviewFilter(proposal=3), 10).items] == [3, 3, 3]
    assert page(store, ReviewFilter(source_id=2), 10).total == 1
    assert page(store, ReviewFilter(source_id=1, proposal=3), 10).total == 2
    turned = page(store, ReviewFilter(order="proposal"), 4, after=page(store, ReviewFilter(order="proposal"), 2).last)
    assert ids(turned) == ids(by_proposal)[2:]


def test_an_item_carries_its_state(store: Store) -> None:
    (face,) = add_images(store, ["a"])
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, face, Verdict.REJECT, reason="blurred")]))
    (item,) = page(store, ReviewFilter("all"), 1).items
    assert (item.face_id, item.crop_version) == (face, "0" * 16)
    assert (item.verdict, item.class_id, item.reason, item.annotator) == ("reject", None, "blurred", "Ann")


def test_a_removed_face_is_not_shown(store: Store) -> None:
    from db.projection.face_state import rebuild_state

    faces = add_images(store, ["a", "b"])

    def work(db: Db) -> None:
        db.execute("UPDATE faces SET removed_at = 'now' WHERE id = ?", [faces[0]])
        rebuild_state(db)

    store.write(work)
    assert ids(page(store, ReviewFilter("all"), 9)) == [faces[1]]


def test_an_empty_workspace_has_an_empty_page(store: Store) -> None:
    assert page(store, ReviewFilter(), 5) == Page((), 0, 0, "", "", False, False)


def test_behind_the_end_there_is_a_way_back_and_no_face_is_lost_on_it(store: Store) -> None:
    faces = add_images(store, ["a", "b", "c"])
    end = page(store, ReviewFilter(), 3)
    behind = page(store, ReviewFilter(), 3, after=end.last)
    assert (behind.items, behind.position, behind.has_prev, behind.has_next) == ((), 3, True, False)
    assert ids(page(store, ReviewFilter(), 3, before=behind.first)) == faces
    front = page(store, ReviewFilter(), 3, before=end.first)
    assert (front.items, front.position, front.has_prev, front.has_next) == ((), 0, False, True)
    assert ids(page(store, ReviewFilter(), 3, after=front.last)) == faces


@pytest.mark.parametrize(
    ("flt", "size", "after", "before"),
    [
        (ReviewFilter("mine"), 5, None, None),
        (ReviewFilter("class:"), 5, None, None),
        (ReviewFilter(order="chance"), 5, None, None),  # type: ignore[arg-type]
        (ReviewFilter(), 0, None, None),
        (ReviewFilter(), 5, "1; DROP TABLE faces", None),
        (ReviewFilter(), 5, "1.2", None),
        (ReviewFilter(), 5, "1", "2"),
    ],
)
def test_a_bad_question_is_told(
    store: Store, flt: ReviewFilter, size: int, after: str | None, before: str | None
) -> None:
    with pytest.raises(UsageError):
        page(store, flt, size, after, before)


@settings(max_examples=examples(20), deadline=None)
@given(
    count=st.integers(0, 17),
    size=st.integers(1, 6),
    order=st.sampled_from(["import", "proposal"]),
    labels=st.lists(st.sampled_from(["smile", "pout", None]), min_size=17, max_size=17),
    decided=st.lists(st.lists(st.integers(0, 5), max_size=6), min_size=20, max_size=20),
)
def test_every_undecided_face_is_shown_exactly_once_whatever_is_decided_on_the_way(
    count: int, size: int, order: str, labels: list[str | None], decided: list[list[int]]
) -> None:
    flt = ReviewFilter("undecided", order=order)  # type: ignore[arg-type]
    with fresh_store() as store:
        made = [make_outcome(f"i{n}", proposal=labels[n]) for n in range(count)]
        record(store, *made)
        shown: list[str] = []
        after: str | None = None
        for turn in range(20):
            current = page(store, flt, size, after=after)
            shown += ids(current)
            for number in decided[turn]:
                if number < len(current.items):
                    say(store, current.items[number].face_id)
            if not current.has_next:
                break
            after = current.last
        assert sorted(shown) == sorted(one.outcome.faces[0].face_id for one in made)


@settings(max_examples=examples(15), deadline=None)
@given(count=st.integers(1, 15), size=st.integers(1, 6))
def test_the_way_back_shows_the_same_pages_from_the_other_end(count: int, size: int) -> None:
    with fresh_store() as store:
        faces = add_images(store, [f"i{n}" for n in range(count)])
        seen: list[str] = []
        current = page(store, ReviewFilter(), size, before=str(10**9))
        while current.items:
            assert current.position == count - len(seen) - len(current.items)
            seen = ids(current) + seen
            current = page(store, ReviewFilter(), size, before=current.first)
        assert seen == faces


def test_a_page_is_found_again_by_its_first_row(store: Store) -> None:
    """Also where that row fell out of the filter meanwhile: then the page begins at the next one."""
    keys = paging.make_keys(None, np.arange(10, 20))
    second = paging.window(keys, False, 4, after="13")
    again = paging.window(keys, False, 4, after=paging.just_before(second.first))
    assert again == second
    less = paging.window(keys[keys != 14], False, 4, after=paging.just_before(second.first))
    assert less.items == (15, 16, 17, 18)
    assert paging.just_before("-3.7") == "-3.6"
    assert [paging.just_before(text) for text in ("", "x", "1.", "1;2")] == [""] * 4


def test_how_many_of_a_list_are_newer_than_a_face(store: Store) -> None:
    assert store.read(newest_face) == 0
    faces = add_images(store, ["a", "b", "c", "d"])
    assert store.read(newest_face) == 4
    say(store, faces[3])
    undecided = ReviewFilter("undecided")
    newer = [store.read(lambda db, seq=seq: review_newer(db, undecided, seq)) for seq in range(6)]
    assert newer == [3, 2, 1, 0, 0, 0]
    assert store.read(lambda db: review_newer(db, ReviewFilter("all"), 1)) == 3
