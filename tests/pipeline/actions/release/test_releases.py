from __future__ import annotations

import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest

from db.decisions import consensus, rules
from db.decisions.log import apply_ops
from db.decisions.ops import DecideOp
from db.duplicates import near_pairs
from db.reads.export_items import uncompared_accepted
from db.store import recounting
from db.store.locks import job_lock
from db.store.store import Db, Store
from db.tables.annotators import ensure_annotator
from db.tables.consensus_rules import ConsensusRule
from db.tables.releases import list_releases
from pipeline.actions import releases
from pipeline.actions.near_duplicates import DEFAULT_VIEWS
from pipeline.actions.release.accepted import check_name, read_accepted
from pipeline.actions.releases import write_folder, write_zip
from pipeline.core.errors import ExportError, StorageError, UsageError
from pipeline.core.records import Verdict
from pipeline.export.export import ExportPlan
from pipeline.files.blobs import BlobStore
from tests.db.make import new_uuid
from tests.pipeline.commands import ROOT


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
    with pytest.raises(UsageError, match="the name must have"):
        check_name(name)
    assert check_name(" my  data 嘴 ") == "my data 嘴"


def accept_all(store: Store) -> None:
    rows = store.read(lambda db: db.execute("SELECT id, sha256 FROM faces ORDER BY seq").fetchall())
    ops = [
        DecideOp(new_uuid(), "all", face_id, sha256, Verdict.ACCEPT, 1 + n % 4)
        for n, (face_id, sha256) in enumerate(rows)
    ]
    store.write(lambda db: apply_ops(db, "Ann", ops))


@pytest.mark.parametrize("undone", ["UPDATE image_hashes SET compared = 0", "DELETE FROM image_hashes"])
def test_what_a_run_did_not_compare_is_compared_before_it_is_split(store: Store, undone: str) -> None:
    """A run that was cancelled or killed before its last step: two photos, one the other's copy, far apart by hash."""
    shas = [sha for (sha,) in store.read(lambda db: db.execute("SELECT sha256 FROM images ORDER BY sha256").fetchall())]

    def forget(db: Db) -> None:
        near_pairs.restart(db, DEFAULT_VIEWS)
        hashes = db.execute("SELECT hashes FROM image_hashes WHERE sha256 = ?", [shas[0]]).fetchone()[0]
        db.execute("UPDATE image_hashes SET hashes = ? WHERE sha256 = ?", [hashes, shas[-1]])
        if undone.startswith("UPDATE"):
            db.execute(undone)
        else:
            db.execute("DELETE FROM image_hashes WHERE sha256 NOT IN (?, ?)", [shas[0], shas[-1]])

    store.write(forget)
    accept_all(store)
    groups = {item.image_sha256: item.group for item in read_accepted(store).items}
    assert len(groups) == 12
    assert groups[shas[0]] == groups[shas[-1]]
    assert store.read(uncompared_accepted) == []


def test_while_a_job_compares_nothing_leaves(store: Store) -> None:
    store.write(lambda db: near_pairs.restart(db, DEFAULT_VIEWS))
    accept_all(store)
    with job_lock(store.root), ThreadPoolExecutor(1) as pool:
        with pytest.raises(ExportError) as refused:
            pool.submit(read_accepted, store).result()
        assert refused.value.message.code == "export_not_compared"
        assert refused.value.message.params["n"] == 12
    assert len(read_accepted(store).items) == 12


def test_while_faces_are_counted_anew_nothing_leaves(store: Store) -> None:
    accept_all(store)
    store.write(lambda db: consensus.begin_rule(db, ConsensusRule("majority"), "Ann", 12))
    with pytest.raises(ExportError) as refused:
        read_accepted(store)
    assert (refused.value.message.code, refused.value.message.params) == ("export_recounting", {"n": 12})
    recounting.finish(store)
    assert len(read_accepted(store).items) == 12


def test_rules_that_are_on_look_at_what_a_run_left_to_them(store: Store) -> None:
    store.write(lambda db: ensure_annotator(db, "Ann"))
    store.write(lambda db: rules.save_rule(db, "none is so sharp", (("sharpness", 1e6, None),), "blurred", "Ann"))
    store.write(lambda db: db.execute("UPDATE rules SET active = 1, step = 'left'"))  # a run that was killed before
    read_accepted(store)
    rejected = store.read(lambda db: db.execute("SELECT count(*) FROM face_state WHERE verdict = 'reject'").fetchone())
    assert rejected == (12,)


def test_a_crop_that_is_not_the_one_that_was_reviewed_never_leaves(
    store: Store, chosen: ExportPlan, tmp_path: Path
) -> None:
    crop = BlobStore(store.root).path("crops", chosen.rows[0].item.face_id, "png")
    whole = crop.read_bytes()
    crop.write_bytes(whole[:-1])
    for leave in (
        lambda: write_folder(store, chosen, tmp_path / "out", None, "Ann", overwrite=False),
        lambda: write_zip(store, chosen, "data", "Ann"),
    ):
        with pytest.raises(ExportError, match=str(crop)):
            leave()
    assert not (tmp_path / "out").exists()
    assert list((store.root / "releases").iterdir()) == []
    assert store.read(list_releases) == []


def test_nobody_reads_accepted_faces_past_the_door() -> None:
    """The command line, the page and a zip all plan from `read_accepted`."""
    files = [path for top in ("pages", "pipeline") for path in (ROOT / top).rglob("*.py")]
    readers = {path.relative_to(ROOT).as_posix() for path in files if "accepted_items" in path.read_text("utf-8")}
    assert readers == {"pipeline/actions/release/accepted.py"}


def _at_once(work: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Two calls in threads that meet in front of their crops, or not where one of them waits for the other."""
    meeting = Barrier(2)
    write = releases.write_pictures

    def meet(*given: Any, **more: Any) -> Any:
        with suppress(BrokenBarrierError):
            meeting.wait(0.5)
        return write(*given, **more)

    monkeypatch.setattr(releases, "write_pictures", meet)
    with ThreadPoolExecutor(2) as pool:
        return [future.exception() or future.result() for future in [pool.submit(work) for _ in range(2)]]


def test_two_zips_of_one_name_at_once_are_two(
    store: Store, chosen: ExportPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    _at_once(lambda: write_zip(store, chosen, "data", None), monkeypatch)
    assert sorted(path.name for path in (store.root / "releases").iterdir()) == ["data (2).zip", "data.zip"]
