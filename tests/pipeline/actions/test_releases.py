from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from db.decisions.log import DecideOp, apply_ops
from db.store.store import Store
from db.tables.annotators import ensure_annotator
from db.tables.releases import list_releases
from pipeline.actions.releases import check_name, read_accepted, write_folder, write_zip
from pipeline.core.errors import ExportError, StorageError
from pipeline.core.records import Verdict
from pipeline.export.export import ExportOptions, ExportPlan, plan


@pytest.fixture
def chosen(store: Store, faces: list[tuple[str, str]]) -> ExportPlan:
    """Twelve accepted faces, three of each class."""
    ops = [
        DecideOp(f"{n:032x}", "step", face_id, sha256, Verdict.ACCEPT, 1 + n % 4, None)
        for n, (face_id, sha256) in enumerate(faces)
    ]
    store.write(lambda db: ensure_annotator(db, "Ann"))
    store.write(lambda db: apply_ops(db, "Ann", ops))
    accepted = read_accepted(store)
    assert len(accepted.items) == 12
    return plan(accepted.items, accepted.class_names, 0.5, 0, ExportOptions())


def test_a_folder_is_written_and_noted(store: Store, chosen: ExportPlan, tmp_path: Path) -> None:
    done = write_folder(store, chosen, tmp_path / "out", None, "Ann", overwrite=False)
    assert (done.path, done.files, len(list(done.path.rglob("*.png")))) == (tmp_path / "out", 12, 12)
    (row,) = store.read(list_releases)
    assert (row.id, row.name, row.path, row.digest) == (done.release_id, "out", str(done.path), done.digest)
    assert (row.annotator, row.params["as"], row.params["val"]) == ("Ann", "imagefolder", 0.5)
    assert row.counts == {split: dict(by_class) for split, by_class in chosen.counts.items()}


def test_an_export_that_is_there_is_replaced_only_when_asked(store: Store, chosen: ExportPlan, tmp_path: Path) -> None:
    write_folder(store, chosen, tmp_path / "out", "first", None, overwrite=False)
    with pytest.raises(ExportError, match="--overwrite"):
        write_folder(store, chosen, tmp_path / "out", "second", None, overwrite=False)
    write_folder(store, chosen, tmp_path / "out", "second", None, overwrite=True)
    assert [row.name for row in store.read(list_releases)] == ["second", "first"]


def test_zips_of_one_name_are_numbered_and_hold_the_same_bytes(store: Store, chosen: ExportPlan) -> None:
    first, second = (write_zip(store, chosen, "data", "Ann") for _ in range(2))
    folder = store.root / "releases"
    assert (first.path, second.path) == (folder / "data.zip", folder / "data (2).zip")
    assert first.digest == second.digest
    with zipfile.ZipFile(first.path) as archive:
        names = archive.namelist()
    assert sum(name.endswith(".png") for name in names) == 12
    assert all(name.startswith("data/") for name in names)
    assert sorted(path.name for path in folder.iterdir()) == ["data (2).zip", "data.zip"]  # nothing is left behind
    assert [(row.name, row.params["as"]) for row in store.read(list_releases)] == [("data (2)", "zip"), ("data", "zip")]


def test_a_folder_of_releases_that_cannot_be_made_is_a_storage_error(store: Store, chosen: ExportPlan) -> None:
    (store.root / "releases").write_text("a file where the folder should be")
    with pytest.raises(StorageError, match="could not be written"):
        write_zip(store, chosen, "data", None)
    assert store.read(list_releases) == []


@pytest.mark.parametrize("name", ["", " ", "a/b", "..", ".hidden", "a\\b", "x" * 81, "a:b", "-rf"])
def test_names_that_no_folder_can_have(name: str) -> None:
    with pytest.raises(ExportError, match="the name must have"):
        check_name(name)
    assert check_name(" my  data 嘴 ") == "my data 嘴"
