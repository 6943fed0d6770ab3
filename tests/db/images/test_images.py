from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from db.decisions.log import apply_ops
from db.decisions.verify import verify
from db.images import faces, images
from db.projection.face_state import find_mismatches
from db.reads.counts import workspace_counts
from db.reads.details import face_info, image_info
from db.store.store import Db, Store
from pipeline.core.errors import IntegrityError, UsageError
from pipeline.core.geometry import CropBox
from pipeline.core.messages import message, verbatim
from pipeline.core.outcome import Outcome
from pipeline.core.records import StoredOutcome
from tests.db.make import add_images, decide, make_face, make_outcome, sha_of


def record(store: Store, *made: StoredOutcome, source: str = "/x") -> list[Outcome]:
    def work(db: Db) -> list[Outcome]:
        return images.record_outcomes(db, images.ensure_source(db, "folder", source), "job-1", made)

    return store.write(work)


def outcomes(store: Store) -> dict[str, int]:
    return {name: n for name, n in store.read(workspace_counts).by_outcome.items() if n}


def seen(store: Store, location: str, source_id: int = 1) -> images.KnownFile | None:
    return store.read(lambda db: images.known(db, source_id, location))


def test_a_source_has_one_number(store: Store) -> None:
    def work(db: Db) -> list[int]:
        return [images.ensure_source(db, kind, "/x") for kind in ("folder", "zip", "folder")]

    first, second, again = store.write(work)
    assert first == again != second


def test_every_file_ends_in_one_outcome(store: Store) -> None:
    final = record(
        store,
        make_outcome("two", faces=2),
        make_outcome("none", faces=0),
        make_outcome("bad", failure=Outcome.UNDECODABLE),
        make_outcome("two", faces=2, location="/x/copy.jpg"),
    )
    assert final == [Outcome.ADDED, Outcome.NO_FACE, Outcome.UNDECODABLE, Outcome.ALREADY_PRESENT]
    assert outcomes(store) == {"added": 1, "no_face": 1, "undecodable": 1, "already_present": 1}
    numbers = store.read(workspace_counts)
    assert (numbers.images, numbers.faces, numbers.undecided) == (2, 2, 2)
    assert seen(store, "/x/bad.jpg") == images.KnownFile(
        1003, 7, None, Outcome.UNDECODABLE, verbatim("because undecodable")
    )
    same = images.KnownFile(1003, 7, sha_of("two"), Outcome.ALREADY_PRESENT, message("same_bytes"))
    assert seen(store, "/x/copy.jpg") == same
    assert seen(store, "/x/none.jpg", source_id=2) is None
    assert store.read(verify) == []


def test_everything_about_a_face_comes_back_as_it_went_in(store: Store) -> None:
    stored = make_outcome("two", faces=2)
    stored = replace(stored, storage="stored", original="originals/ab/x.jpg", detector="hog", margin=1.25, unified=True)
    record(store, stored)
    info = store.read(lambda db: image_info(db, sha_of("two")))
    assert info is not None
    assert (info.storage, info.original, info.detector, info.margin, info.unified) == (
        "stored",
        "originals/ab/x.jpg",
        "hog",
        1.25,
        True,
    )
    assert (info.width, info.height, info.format, info.byte_size) == (640, 480, "JPEG", 1003)
    assert info.crop_versions == ("0000000000000000", "0000000000000001")
    for found, wanted in zip(info.faces, stored.outcome.faces, strict=True):
        assert (found.face_id, found.rank, found.box, found.score, found.crop) == (
            wanted.face_id,
            wanted.rank,
            wanted.box,
            wanted.score,
            wanted.crop,
        )
        assert found.landmarks.dtype == np.float32
        np.testing.assert_array_equal(found.landmarks, wanted.landmarks)


def test_a_rerun_that_meets_the_same_file_keeps_what_it_was(store: Store) -> None:
    assert record(store, make_outcome("a"), make_outcome("n", faces=0)) == [Outcome.ADDED, Outcome.NO_FACE]
    again = record(store, make_outcome("a", mtime_ns=99), make_outcome("n", faces=0))
    assert again == [Outcome.ALREADY_PRESENT] * 2
    assert outcomes(store) == {"added": 1, "no_face": 1}
    found = seen(store, "/x/a.jpg")
    assert found is not None
    assert (found.outcome, found.mtime_ns) == (Outcome.ADDED, 99)


def test_of_two_files_met_at_once_the_second_says_why_it_is_not_new(store: Store) -> None:
    """Both were looked at, since neither was there before."""
    record(store, make_outcome("n", faces=0), make_outcome("n", faces=0, location="/x/copy.jpg"))
    found = seen(store, "/x/copy.jpg")
    assert found is not None
    assert (found.outcome, found.reason.code) == (Outcome.ALREADY_PRESENT, "same_bytes")


def test_a_file_with_other_bytes_is_another_image(store: Store) -> None:
    record(store, make_outcome("a", location="/x/p.jpg"))
    assert record(store, make_outcome("b", location="/x/p.jpg")) == [Outcome.ADDED]
    assert outcomes(store) == {"added": 1}
    assert store.read(workspace_counts).images == 2
    info = store.read(lambda db: image_info(db, sha_of("a")))
    assert info is not None
    assert info.locations == ("/x/a",)  # its original: no file is known by its bytes any more


def test_a_failure_that_is_mended_counts_as_what_it_became(store: Store) -> None:
    record(store, make_outcome("a", location="/x/p.jpg", failure=Outcome.UNAVAILABLE))
    record(store, make_outcome("a", location="/x/p.jpg"))
    assert outcomes(store) == {"added": 1}


def test_a_stored_image_that_cannot_be_read_for_a_moment_stays(store: Store) -> None:
    record(store, make_outcome("a", location="/x/p.jpg"))
    gone = make_outcome("a", location="/x/p.jpg", failure=Outcome.UNAVAILABLE)
    assert record(store, gone) == [Outcome.UNAVAILABLE]
    assert outcomes(store) == {"added": 1}


def test_the_same_place_in_two_sources_is_two_files(store: Store) -> None:
    record(store, make_outcome("a"), source="/x")
    assert record(store, make_outcome("a"), source="/") == [Outcome.ALREADY_PRESENT]
    assert outcomes(store) == {"added": 1, "already_present": 1}


def test_a_proposal_is_a_class_of_the_workspace_or_nothing(store: Store) -> None:
    record(store, make_outcome("a", proposal="Smile"), make_outcome("b", proposal="holiday"))
    proposals = [store.read(lambda db, n=n: image_info(db, sha_of(n))) for n in "ab"]
    assert [p.proposal for p in proposals if p] == [3, None]


def test_sizes_and_hashes_are_looked_up(store: Store) -> None:
    record(store, make_outcome("a"), make_outcome("bad", failure=Outcome.UNDECODABLE))
    assert store.read(lambda db: [images.has_size(db, size) for size in (1001, 1003)]) == [True, False]
    assert store.read(lambda db: [images.has_image(db, sha_of(n)) for n in ("a", "bad")]) == [True, False]


def test_a_batch_has_an_upper_limit_and_is_all_or_nothing(store: Store) -> None:
    with pytest.raises(UsageError, match="500"):
        record(store, *[make_outcome(f"i{n}") for n in range(501)])
    with pytest.raises(IntegrityError, match="2 faces, 1 crops"):
        record(store, make_outcome("a"), replace(make_outcome("b", faces=2), crop_versions=("0" * 16,)))
    assert store.read(workspace_counts).images == 0


def test_two_boxes_with_one_id_are_one_face(store: Store) -> None:
    stored = make_outcome("a")
    (face,) = stored.outcome.faces
    doubled = replace(stored, outcome=replace(stored.outcome, faces=(face, face)), crop_versions=("1" * 16, "2" * 16))
    record(store, doubled)
    info = store.read(lambda db: image_info(db, sha_of("a")))
    assert info is not None
    assert info.crop_versions == ("1" * 16,)


def test_a_first_drawn_face_makes_a_miss_an_added_one(store: Store) -> None:
    record(store, make_outcome("n", faces=0))
    face = make_face(sha_of("n"))
    store.write(lambda db: faces.add_face(db, face, "c" * 16, "drawn"))
    assert outcomes(store) == {"added": 1}
    info = store.read(lambda db: face_info(db, face.face_id))
    assert info is not None
    assert (info.origin, info.crop_version, info.state.verdict) == ("drawn", "c" * 16, None)
    assert store.read(verify) == []
    assert record(store, make_outcome("n", faces=0)) == [Outcome.ALREADY_PRESENT]
    assert outcomes(store) == {"added": 1}


def test_a_face_drawn_twice_gets_the_new_crop_and_keeps_its_decisions(store: Store) -> None:
    (face_id,) = add_images(store, ["a"])
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, face_id)]))
    store.write(lambda db: faces.add_face(db, make_face(sha_of("a")), "d" * 16))
    info = store.read(lambda db: face_info(db, face_id))
    assert info is not None
    assert (info.crop_version, info.state.verdict) == ("d" * 16, "accept")
    assert store.read(find_mismatches) == []


def test_a_face_of_no_image_is_refused(store: Store) -> None:
    with pytest.raises(IntegrityError, match="ingest it first"):
        store.write(lambda db: faces.add_face(db, make_face("0" * 64), "c" * 16))


def test_a_crop_is_moved_and_the_landmarks_only_where_given(store: Store) -> None:
    (face_id,) = add_images(store, ["a"])
    moved = CropBox(1, 2, 30, 40)
    store.write(lambda db: faces.replace_crop(db, face_id, moved, None, "e" * 16))
    info = store.read(lambda db: face_info(db, face_id))
    assert info is not None
    assert (info.face.crop, info.crop_version) == (moved, "e" * 16)
    np.testing.assert_array_equal(info.face.landmarks, make_face(sha_of("a")).landmarks)
    points = np.full((68, 2), 2.5, dtype=np.float32)
    store.write(lambda db: faces.replace_crop(db, face_id, moved, points, "f" * 16))
    info = store.read(lambda db: face_info(db, face_id))
    assert info is not None
    np.testing.assert_array_equal(info.face.landmarks, points)
    with pytest.raises(IntegrityError, match="no face"):
        store.write(lambda db: faces.replace_crop(db, "0" * 32, moved, None, "f" * 16))


def test_a_name_that_is_no_utf8_is_stored_and_comes_back(store: Store) -> None:
    path = "/x/caf\udce9.jpg"  # what Python makes of the Latin-1 bytes b"/x/caf\xe9.jpg"
    stored = replace(make_outcome("a", location=path), original=path)
    record(store, stored)
    info = store.read(lambda db: image_info(db, sha_of("a")))
    assert info is not None
    assert info.original == path
    assert info.locations[0].encode()  # can be sent to a browser
    assert seen(store, path) is not None


def test_landmarks_that_change_take_what_was_told_from_them_and_no_other_faces(store: Store) -> None:
    one, two = add_images(store, ["a", "b"])
    rows = [(one, bytes(232)), (two, bytes(232))]
    store.write(lambda db: db.conn.executemany("INSERT INTO face_meshes VALUES (?, ?)", rows))

    def told() -> set[str]:
        return store.read(lambda db: {face for (face,) in db.execute("SELECT face_id FROM face_meshes")})

    crop = CropBox(1, 2, 30, 40)
    store.write(lambda db: faces.replace_crop(db, one, crop, None, "e" * 16))
    assert told() == {one, two}
    points = np.full((68, 2), 2.5, dtype=np.float32)
    store.write(lambda db: faces.replace_crop(db, one, crop, points, "f" * 16))
    assert told() == {two}
