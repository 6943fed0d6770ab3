from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from db.decisions.log import apply_ops
from db.duplicates import near_pairs
from db.images import images
from db.reads import export_items
from db.reads.export_items import accepted_items, uncompared_accepted
from db.reads.groups import split_groups
from db.store.store import Db, Store
from db.tables import provenance
from pipeline.core.records import ExportItem, Provenance, Verdict
from tests.db.copies import add_copies, join
from tests.db.decisions.test_confirmed import add_model, apply, op
from tests.db.make import add_images, decide, make_outcome, sha_of


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


@pytest.mark.parametrize("outdated", [False, True])
@pytest.mark.parametrize("again", [False, True])
def test_photos_that_wait_to_be_compared_are_those_that_their_hashes_say(
    store: Store, *, outdated: bool, again: bool
) -> None:
    """Of each verdict a photo in each state that `image_hashes` knows, and one that it has no row of."""
    verdicts = (Verdict.ACCEPT, Verdict.REJECT, None)
    states = [None, *product([0, 1], [0, 1])]
    expected: dict[bool, set[str]] = {False: set(), True: set()}

    def note(db: Db, name: str, rows: list[tuple[str, bytes, int, int]]) -> None:
        db.execute("DELETE FROM image_hashes WHERE sha256 = ?", [sha_of(name)])
        sql = "INSERT INTO image_hashes (sha256, hashes, compared, left_off, by_faces) VALUES (?, ?, ?, ?, 1)"
        db.conn.executemany(sql, rows)

    for number, (verdict, state) in enumerate(product(verdicts, states)):
        name = f"photo {number}"
        (face, _) = add_images(store, [name], faces=2)
        if verdict is not None:
            store.write(lambda db, face=face, verdict=verdict: apply_ops(db, "Ann", [decide(db, face, verdict)]))
        compared, left_off = state or (0, 0)
        hashed = [] if state is None else [(sha_of(name), bytes(192), compared, left_off)]
        store.write(lambda db, name=name, rows=hashed: note(db, name, rows))
        for with_rejected in (False, True):
            leaves = verdict is Verdict.ACCEPT or (with_rejected and verdict is Verdict.REJECT)
            if leaves and (outdated or not compared or (left_off and again)):
                expected[with_rejected].add(sha_of(name))
    if outdated:  # one that was compared otherwise: all have to be again, whatever it is that was decided on it
        add_images(store, ["old"])
        store.write(lambda db: note(db, "old", [(sha_of("old"), bytes(192), 1, 0)]))
        store.write(lambda db: db.execute("UPDATE image_hashes SET by_faces = 0 WHERE sha256 = ?", [sha_of("old")]))
    if again:
        store.write(lambda db: db.execute("INSERT OR REPLACE INTO meta VALUES ('near_incomplete_again', '1')"))
    for with_rejected, shas in expected.items():
        found = store.read(lambda db, it=with_rejected: uncompared_accepted(db, with_rejected=it))
        assert found == sorted(shas)


def test_what_frames_and_persons_join_is_what_a_plain_look_at_all_rows_says(store: Store) -> None:
    """A frame whose photo was taken out, and a face that was, join nothing."""
    add_frames(store, "/v/one.mp4", "dab")
    faces = add_images(store, list("pqrstu"))
    of_face = dict(zip("pqrstu", faces, strict=True))

    def tell(db: Db) -> None:
        for person in (1, 2, 3):
            db.execute("INSERT INTO persons (id, name, at) VALUES (?, ?, '')", [person, str(person)])
        for name, person in (("p", 1), ("q", 1), ("d", 1), ("r", 3)):
            sql = "INSERT INTO sighting_persons SELECT id, ?, 'list' FROM sightings WHERE sha256 = ?"
            db.execute(sql, [person, sha_of(name)])
        for name, person in (("s", 2), ("t", 2), ("u", 3)):
            db.execute("INSERT INTO face_persons VALUES (?, ?, 'hand')", [of_face[name], person])
        db.execute("UPDATE faces SET removed_at = '2026-01-31T09:05:07.123Z' WHERE id = ?", [of_face["u"]])
        db.execute("UPDATE sightings SET sha256 = ? WHERE sha256 = ?", ["0" * 64, sha_of("a")])

    store.write(tell)
    assert store.read(split_groups) == together("dbpq") | together("st")


def test_of_few_photos_alone_it_is_read_where_on_the_web_they_are_from(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of all; and with as many steps of SQLite, however many others there are."""

    def add_from_web(names: list[str]) -> list[str]:
        found = add_images(store, names)

        def tell(db: Db) -> None:
            for name in names:
                for place in (f"/x/{name}.jpg", f"/again/{name}.jpg"):
                    one = Provenance(f"https://example.org{place}", licence="CC0")
                    provenance.put(db, 1, place, one, "2026-01-31T09:05:07.123Z")

        elsewhere = [make_outcome(name, location=f"/again/{name}.jpg") for name in names]
        store.write(lambda db: images.record_outcomes(db, 1, None, elsewhere))
        store.write(tell)
        return found

    def read(db: Db) -> tuple[list[ExportItem], int]:
        counted: list[None] = []
        accepted_items(db)  # once so that the schema is read
        db.conn.set_progress_handler(lambda: counted.append(None), 10)
        found = accepted_items(db)
        db.conn.set_progress_handler(None, 0)
        return found, len(counted)

    faces = add_from_web(["one", "two"])
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, face) for face in faces]))
    add_from_web([f"other {n}" for n in range(60)])
    found, few = store.read(read)
    assert [len(item.provenance) for item in found] == [2, 2]
    add_from_web([f"another {n}" for n in range(200)])
    again, many = store.read(read)
    assert again == found
    assert many <= few + 5
    monkeypatch.setattr(export_items, "_LOOK_UP", 1_000_000)  # of all
    of_all, most = store.read(read)
    assert of_all == found
    assert most > many + 50
