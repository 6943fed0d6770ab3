from __future__ import annotations

from dataclasses import replace

import pytest

from db.duplicates import near_pairs
from db.images import images
from db.reads.export_items import accepted_items
from db.reads.groups import split_groups
from db.store.store import Db, Store
from tests.db.copies import add_copies, join
from tests.db.decisions.test_confirmed import add_model, apply, op
from tests.db.make import add_images, make_outcome, sha_of


def together(names: str) -> dict[str, str]:
    """One group, by the smallest hash in it."""
    shas = [sha_of(name) for name in names]
    return dict.fromkeys(shas, min(shas))


@pytest.mark.parametrize("said", [[False], [False, True], [False, True, False], [False, False, True, True]])
def test_the_newest_word_on_a_pair_says_whether_it_may_straddle(store: Store, said: list[bool]) -> None:
    add_copies(store, ["a", "b"])
    pair = tuple(sorted((sha_of("a"), sha_of("b"))))
    store.write(lambda db: db.execute("INSERT INTO annotators VALUES ('Ann', '')"))
    for same in said:
        store.write(lambda db, same=same: near_pairs.record_verdicts(db, "Ann", [pair], same=same))
    assert store.read(split_groups) == (together("ab") if said[-1] else {})


def add_frames(store: Store, video: str, names: str) -> None:
    """Frames of one video, in this order."""

    def work(db: Db) -> None:
        source = images.ensure_source(db, "video", video)
        made = [make_outcome(name, location=f"{video}@{n}.000s") for n, name in enumerate(names)]
        refs = [replace(one.outcome.ref, group=sha_of(video)) for one in made]
        frames = [replace(one, outcome=replace(one.outcome, ref=ref)) for one, ref in zip(made, refs, strict=True)]
        images.record_outcomes(db, source, None, frames)

    store.write(work)


def test_frames_of_one_video_stay_together_whatever_they_look_like(store: Store) -> None:
    add_frames(store, "/v/one.mp4", "dab")
    add_frames(store, "/v/two.mp4", "xy")
    add_images(store, ["p", "q"])
    assert store.read(split_groups) == together("dab") | together("xy")


def test_a_frame_that_two_videos_or_a_photo_show_joins_them(store: Store) -> None:
    add_frames(store, "/v/one.mp4", "ab")
    add_frames(store, "/v/two.mp4", "bc")
    add_images(store, ["p"])
    join(store, ["c", "p"])
    assert store.read(split_groups) == together("abcp")


def test_a_face_leaves_with_what_a_page_confirmed_until_somebody_says_so_face_by_face(store: Store) -> None:
    faces = add_images(store, ["one", "two", "three"])
    store.write(lambda db: add_model(db, 2))
    apply(store, "Ann", op(faces[0]), op(faces[1], "two"), op(faces[2], "three", context=None))
    apply(store, "Ben", op(faces[1], "two", context=None, seen=None))
    told = {one.face_id: one.confirmed for one in store.read(accepted_items)}
    assert told == {faces[0]: "moue 2 0.9712", faces[1]: "", faces[2]: ""}


def test_what_was_not_on_the_screen_is_told_until_somebody_looks(store: Store) -> None:
    faces = add_images(store, ["one", "two", "three"])
    off = {"off_screen": True}
    apply(
        store, "Ann", op(faces[0], context=off), op(faces[1], "two", context=off), op(faces[2], "three", context=None)
    )
    apply(store, "Ben", op(faces[1], "two", context=None, seen=None))
    told = {one.face_id: one.off_screen for one in store.read(accepted_items)}
    assert told == {faces[0]: True, faces[1]: False, faces[2]: False}
