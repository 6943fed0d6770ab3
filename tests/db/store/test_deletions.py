"""Files whose rows are gone go, too, also where a kill came in between."""

from __future__ import annotations

from pathlib import Path

import pytest

from db.reads.counts import workspace_counts
from db.store.deletions import delete_listed
from db.store.locks import job_lock
from db.store.store import Store
from db.tables import file_deletions
from pipeline.core.errors import StorageError
from tests.db.make import add_images, sha_of

CROP = "crops/ab/ab000000000000000000000000000000.png"


def lay(root: Path, *names: str) -> list[Path]:
    files = [root / name for name in names]
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"x")
    return files


def listed(store: Store) -> list[str]:
    return store.read(file_deletions.listed)


def test_what_a_killed_process_left_goes_when_the_workspace_is_opened(store: Store) -> None:
    (file,) = lay(store.root, CROP)
    store.write(lambda db: file_deletions.add(db, [CROP, "crops/cd/cd000000000000000000000000000000.png"]))
    store.close()
    with Store.open(store.root) as again:
        assert not file.exists()
        assert listed(again) == []


def test_a_photo_that_is_back_keeps_its_files(store: Store) -> None:
    (face,) = add_images(store, ["a"])
    sha = sha_of("a")
    names = (file_deletions.crop_file(face), f"thumbs/{sha[:2]}/{sha}.jpg", CROP)
    files = lay(store.root, *names)
    store.write(lambda db: file_deletions.add(db, names))
    delete_listed(store)
    assert [file.exists() for file in files] == [True, True, False]
    assert listed(store) == []


@pytest.mark.parametrize("name", ["../other.txt", "moue.db", "crops/../../other.txt", "/etc/hosts", "thumbs/ab/x.jpg"])
def test_nothing_else_is_ever_deleted(store: Store, name: str) -> None:
    (store.root.parent / "other.txt").write_bytes(b"mine")
    lay(store.root, "thumbs/ab/x.jpg")
    store.write(lambda db: file_deletions.add(db, [name]))
    delete_listed(store)
    assert (store.root.parent / "other.txt").exists()
    assert (store.root / "thumbs/ab/x.jpg").exists()
    assert store.read(workspace_counts).images == 0


def test_while_a_job_runs_its_files_are_left_alone(store: Store) -> None:
    (file,) = lay(store.root, CROP)
    store.write(lambda db: file_deletions.add(db, [CROP]))
    with job_lock(store.root), Store.open(store.root) as other:
        assert file.exists()
        assert listed(other) == [CROP]


def test_what_cannot_be_deleted_is_named_stays_listed_and_stops_nothing(store: Store) -> None:
    (store.root / CROP / "a folder").mkdir(parents=True)
    (other,) = lay(store.root, "crops/cd/cd000000000000000000000000000000.png")
    store.write(lambda db: file_deletions.add(db, [CROP, "crops/cd/cd000000000000000000000000000000.png"]))
    with pytest.raises(StorageError, match=f"{CROP} cannot be deleted"):
        delete_listed(store)
    assert not other.exists()
    assert listed(store) == [CROP]
    store.close()
    with Store.open(store.root) as again:
        assert listed(again) == [CROP]


def test_more_than_are_deleted_at_once(store: Store) -> None:
    names = [f"thumbs/{n % 256:02x}/{n % 256:02x}{n:030x}.jpg" for n in range(1203)]
    files = lay(store.root, *names)
    store.write(lambda db: file_deletions.add(db, names))
    delete_listed(store)
    assert not any(file.exists() for file in files)
    assert listed(store) == []
