from __future__ import annotations

import pytest

from db.decisions.log import apply_ops
from db.decisions.verify import verify
from db.duplicates import near_pairs
from db.images.erase import erase, plan_erase
from db.projection.face_state import rebuild_state
from db.reads.counts import workspace_counts
from db.reads.details import image_info
from db.store.store import Db, Store
from db.tables import file_deletions
from pipeline.core.errors import UsageError
from tests.db.images.test_images import record
from tests.db.make import add_images, decide, make_outcome, sha_of
from tests.db.near_copies import BLANK, near_pair, record_pairs


def test_the_photo_goes_and_the_log_stays_whole(store: Store) -> None:
    first, second, other = [*add_images(store, ["secret"], faces=2), *add_images(store, ["other"])]
    record(store, make_outcome("secret", faces=2, location="/x/secret copy.jpg"))
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, face) for face in (first, other)]))
    sha = sha_of("secret")
    plan = store.write(lambda db: erase(db, sha))
    assert (plan.faces, plan.decisions) == (2, 1)
    assert plan.files == (
        f"crops/{first[:2]}/{first}.png",
        f"crops/{second[:2]}/{second}.png",
        f"images/{sha[:2]}/{sha}.jpg",
        f"thumbs/{sha[:2]}/{sha}.jpg",
    )
    assert plan.outside == ("/x/secret", "/x/secret.jpg", "/x/secret copy.jpg")
    assert store.read(lambda db: image_info(db, sha)) is None
    numbers = store.read(workspace_counts)
    assert (numbers.images, numbers.faces, numbers.accepted, numbers.decisions) == (1, 1, 1, 2)
    assert numbers.by_outcome["already_present"] == 0
    assert store.read(verify) == []
    store.write(rebuild_state)
    assert store.read(workspace_counts) == numbers


def test_a_stored_original_is_among_the_files(store: Store) -> None:
    from dataclasses import replace

    record(store, replace(make_outcome("a"), storage="stored", original="originals/ab/a.jpg"))
    plan = store.read(lambda db: plan_erase(db, sha_of("a")))
    assert plan.files[-1] == "originals/ab/a.jpg"
    assert plan.outside == ()
    assert store.read(workspace_counts).images == 1


@pytest.mark.parametrize("erased", [True, False])
def test_its_bytes_are_not_left_in_the_file(store: Store, erased: bool) -> None:
    """SQLite may be built to overwrite whatever is deleted: that is switched off first, and seen to be off."""
    record(store, make_outcome("a", location="/x/jane-doe-private-photo.jpg"))
    add_images(store, ["b"])
    store.write(lambda db: near_pairs.put_hashes(db, [(sha_of(name), BLANK) for name in "ab"]))
    store.write(lambda db: record_pairs(db, [near_pair("a", "b")], []))

    def work(db: Db) -> None:
        db.execute("PRAGMA secure_delete = OFF")
        db.execute("PRAGMA defer_foreign_keys = ON")
        if erased:
            erase(db, sha_of("a"))
            file_deletions.forget(db, file_deletions.listed(db))
        else:
            for table in (
                "near_pairs",
                "duplicate_members",
                "duplicate_groups",
                "image_hashes",
                "face_quality",
                "face_state",
                "faces",
                "sightings",
                "images",
            ):
                db.execute(f"DELETE FROM {table}")

    root = store.root
    store.write(work)
    store.close()
    bytes_now = (root / "moue.db").read_bytes()
    assert [word in bytes_now for word in (b"jane-doe-private", sha_of("a").encode())] == [not erased, not erased]


def test_an_unknown_image_is_told(store: Store) -> None:
    with pytest.raises(UsageError, match="no image"):
        store.write(lambda db: erase(db, "0" * 64))


def test_the_same_photo_ingested_again_is_consistent(store: Store) -> None:
    (face,) = add_images(store, ["a"])
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, face)]))
    store.write(lambda db: erase(db, sha_of("a")))
    assert add_images(store, ["a"]) == [face]

    def accepted(db: Db) -> int:
        return workspace_counts(db).accepted

    assert store.read(accepted) == 1  # the log still says so: same bytes, same face
    assert store.read(verify) == []
