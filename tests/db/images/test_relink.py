from __future__ import annotations

import pytest

from db.decisions.log import apply_ops
from db.decisions.verify import verify
from db.images import images
from db.images.relink import relink, remove_source
from db.reads.counts import workspace_counts
from db.reads.details import image_info
from db.reads.sources import list_sources
from db.store.store import Db, Store
from db.tables.frames import extracted_frames, put_extracted_frames
from pipeline.core.errors import UsageError
from pipeline.core.records import StoredOutcome
from tests.db.make import add_images, decide, make_outcome, sha_of


def _record(store: Store, kind: str, source: str, *stored: StoredOutcome) -> int:
    def work(db: Db) -> int:
        number = images.ensure_source(db, kind, source)
        images.record_outcomes(db, number, None, stored)
        return number

    return store.write(work)


def test_a_moved_folder_is_found_again(store: Store) -> None:
    add_images(store, ["a", "b"])
    (source,) = store.read(list_sources)
    assert store.write(lambda db: relink(db, source.id, "/new place")) == 2
    info = store.read(lambda db: image_info(db, sha_of("a")))
    assert info is not None
    assert (info.original, info.locations) == ("/new place/a", ("/new place/a.jpg",))
    assert store.read(list_sources)[0].location == "/new place"
    assert store.read(verify) == []


def test_a_folder_whose_name_only_begins_alike_is_left_alone(store: Store) -> None:
    number = _record(store, "folder", "/x/a", make_outcome("n", location="/x/ab/n.jpg"))
    assert store.write(lambda db: relink(db, number, "/y")) == 0
    info = store.read(lambda db: image_info(db, sha_of("n")))
    assert info is not None
    assert info.original == "/x/n"


def test_the_place_of_another_source_is_refused(store: Store) -> None:
    one = _record(store, "folder", "/one", make_outcome("a"))
    _record(store, "folder", "/two", make_outcome("b"))
    with pytest.raises(UsageError, match="/two"):
        store.write(lambda db: relink(db, one, "/two"))
    assert [s.location for s in store.read(list_sources)] == ["/one", "/two"]


def test_an_upload_has_nothing_to_relink(store: Store) -> None:
    number = _record(store, "upload", "holiday", make_outcome("a"))
    with pytest.raises(UsageError, match="upload"):
        store.write(lambda db: relink(db, number, "/new"))


def test_a_removed_source_takes_only_its_own_images(store: Store) -> None:
    mine, both = add_images(store, ["mine", "both"], source="/x")
    other = _record(store, "folder", "/y", make_outcome("both", location="/y/both.jpg"), make_outcome("theirs"))
    store.write(lambda db: apply_ops(db, "Ann", [decide(db, mine), decide(db, both)]))
    (first, _) = store.read(list_sources)
    files = store.write(lambda db: remove_source(db, first.id))
    assert f"crops/{mine[:2]}/{mine}.png" in files
    assert not any(both in name for name in files)
    numbers = store.read(workspace_counts)
    assert (numbers.images, numbers.faces, numbers.accepted, numbers.decisions) == (2, 2, 1, 2)
    assert numbers.by_outcome["added"] == 2
    info = store.read(lambda db: image_info(db, sha_of("both")))
    assert info is not None
    assert (info.source_id, info.original) == (other, "/y/both.jpg")
    assert store.read(verify) == []


def test_an_unknown_source_is_refused(store: Store) -> None:
    with pytest.raises(UsageError, match="99"):
        store.write(lambda db: remove_source(db, 99))


NESTED = ("/x/a/n.jpg", "/x/a/b/n.jpg", "/x/a/b/b/n.jpg", "/x/a/b.zip!n.jpg", "/x/a/café/n.jpg", "/x/a/n.mp4@1.000s")
"""Locations that are each other's old and new places."""


@pytest.mark.parametrize(("old", "new"), [
    ("/x/a", "/x/a/b"), ("/x/a", "/x"), ("/x/a", "/x/a/b/b"), ("/x/a", "/"), ("/x/a", "/x/ab"), ("/x/a", "/x/a/café"),
])  # fmt: skip
def test_a_folder_may_move_into_its_own_subfolder_or_its_parent(store: Store, old: str, new: str) -> None:
    """Each new place may be another photo's old one."""
    number = _record(store, "folder", old, *(make_outcome(f"n{i}", location=at) for i, at in enumerate(NESTED)))
    assert store.write(lambda db: relink(db, number, new)) >= 0
    found = store.read(lambda db: sorted(at for (at,) in db.execute("SELECT location FROM sightings")))
    assert found == sorted(new.rstrip("/") + at.removeprefix(old) for at in NESTED)
    assert store.write(lambda db: relink(db, number, old)) >= 0
    back = store.read(lambda db: sorted(at for (at,) in db.execute("SELECT location FROM sightings")))
    assert back == sorted(NESTED)
    assert store.read(verify) == []


def test_what_was_noted_of_a_decoded_video_moves_with_it(store: Store) -> None:
    """Else every video of a moved folder would be decoded once more."""
    number = _record(store, "folder", "/x/a", make_outcome("n", location="/x/a/n.mp4@1.000s"))
    for at in ("/x/a/n.mp4", "/x/a/b/n.mp4"):
        store.write(lambda db, at=at: put_extracted_frames(db, number, at, 9, 1, "every", [("@1.000s", len(at))]))
    store.write(lambda db: relink(db, number, "/x/a/b"))
    for before, at in (("/x/a/n.mp4", "/x/a/b/n.mp4"), ("/x/a/b/n.mp4", "/x/a/b/b/n.mp4")):
        known = store.read(lambda db, at=at: extracted_frames(db, number, at, 9, 1, "every"))
        assert known == [("@1.000s", len(before))]
