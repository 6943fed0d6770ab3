from __future__ import annotations

from pathlib import Path

import pytest

from db.reads.counts import workspace_counts
from db.store.locks import job_lock
from db.store.store import Store
from pipeline.actions.erase import delete_files, erase_image
from pipeline.actions.verify import verify_workspace
from pipeline.core.errors import BusyError, StorageError, UsageError


def test_an_image_goes_with_its_face_and_its_files(store: Store, faces: list[tuple[str, str]]) -> None:
    face_id, sha256 = faces[0]
    erased = erase_image(store, sha256)
    assert (erased.sha256, erased.faces, erased.decisions, erased.outside) == (sha256, 1, 0, ())
    assert f"crops/{face_id[:2]}/{face_id}.png" in erased.files
    assert not [name for name in erased.files if (store.root / name).exists()]
    assert store.read(workspace_counts).images == 11
    assert verify_workspace(store).findings == ()


def test_an_unknown_image_is_refused_and_nothing_is_erased_while_a_job_runs(
    store: Store, faces: list[tuple[str, str]]
) -> None:
    with pytest.raises(UsageError, match="no image"):
        erase_image(store, "0" * 64)
    with job_lock(store.root), pytest.raises(BusyError):
        erase_image(store, faces[0][1])
    assert store.read(workspace_counts).images == 12


def test_an_erase_that_was_interrupted_is_done_again(
    store: Store, faces: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StorageError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr("db.images.erase.erase", full)
        with pytest.raises(StorageError, match="disk is full"):
            erase_image(store, faces[0][1])
    assert store.read(workspace_counts).images == 12
    erase_image(store, faces[0][1])
    assert store.read(workspace_counts).images == 11


def test_a_file_that_cannot_be_deleted_is_named(tmp_path: Path) -> None:
    (tmp_path / "a folder" / "inside").mkdir(parents=True)
    with pytest.raises(StorageError, match="a folder cannot be deleted"):
        delete_files(tmp_path, ["not there.png", "a folder"])
