from __future__ import annotations

import hashlib
import shutil
import sqlite3
from pathlib import Path

import pytest

from db.images.erase import PLACES
from db.reads.counts import workspace_counts
from db.store.backup import backup
from db.store.locks import job_lock
from db.store.store import Store
from db.tables import jobs
from pipeline.actions.erase import erase_image
from pipeline.actions.verify import verify_workspace
from pipeline.core.errors import BusyError, StorageError, UsageError
from tests.pipeline import commands
from tests.pipeline.photos import numbered_head

HARMLESS_OF_JOBS = {"id", "kind", "state", "started_at", "heartbeat_at", "finished_at", "error_code"}
GO_WITH_THE_IMAGE = {
    "images", "faces", "face_state", "image_hashes", "near_pairs", "pair_verdicts", "duplicate_groups",
    "duplicate_members", "sightings", "provenance", "sources", "answers", "claims", "gold", "gold_served", "notes",
    "resolved_notes", "second_opinions", "guideline_examples", "random_draws",
    "possible_slips", "slip_examples", "kept_labels", "held_out", "face_meshes", "placements",
    "told_together",
    "selection_blocks",
    "persons", "person_names", "sighting_persons", "face_persons", "face_embeddings",
}  # fmt: skip
"""Rows that go with the image, by its hash; a source where nothing else is of it."""
HOLD_NO_NAME = {
    "_sqlite_migrations", "meta", "classes", "annotators", "annotator_codes", "annotator_identities", "decisions",
    "empty_undos", "face_columns", "files_to_delete", "licence_codes", "releases", "rules", "table_digests",
    "taken_apart", "views", "audit", "consensus_rules", "guidelines", "handouts", "roles",
    "suggestion_models", "descriptor_bases", "refused_ops", "tokens", "selections", "release_manifests",
    "column_tokens",
}  # fmt: skip
"""No photo's name: of a release the folder it was written to, of `taken_apart` videos, of the log hashes alone."""


def test_an_image_goes_with_its_face_and_its_files(store: Store, faces: list[tuple[str, str]]) -> None:
    face_id, sha256 = faces[0]
    erased = erase_image(store, sha256).plan
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
    def full(*_: object, **__: object) -> None:
        raise StorageError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr("db.images.erase.erase", full)
        with pytest.raises(StorageError, match="disk is full"):
            erase_image(store, faces[0][1])
    assert store.read(workspace_counts).images == 12
    erase_image(store, faces[0][1])
    assert store.read(workspace_counts).images == 11


def holding(folder: Path, *needles: bytes) -> set[str]:
    """The files below a folder that hold one of these bytes."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix() for path in files if any(one in path.read_bytes() for one in needles)}


def test_nothing_in_the_workspace_tells_of_an_erased_photo(tmp_path: Path) -> None:
    """Its name, its own folder and its landmarks, searched for in every file, with the store open all the while; the
    hash alone stays, in the log of decisions."""
    name = "anna-karenina-1877"
    photo = tmp_path / name / f"{name}.jpg"
    photo.parent.mkdir()
    photo.write_bytes(numbered_head(1))
    (tmp_path / "other.jpg").write_bytes(numbered_head(2))
    commands.ingest(tmp_path / "w", photo, tmp_path / "other.jpg", "--copy")
    sha256 = hashlib.sha256(photo.read_bytes()).hexdigest()
    with Store.open(tmp_path / "w") as store:
        landmarks, face_id = store.read(
            lambda db: db.execute("SELECT landmarks, id FROM faces WHERE sha256 = ?", [sha256]).fetchone()
        )
        store.write(lambda db: db.conn.execute("PRAGMA secure_delete = OFF").fetchall())  # this SQLite has it on
        store.write(lambda db: jobs.start_job(db, "ingest", {"paths": [str(photo)], "note": "caf\u00e9"}, None))
        (tmp_path / "w" / "moue.log").write_text(
            f"1 INFO no hashes for {sha256}\n2 INFO kept\n3 INFO {photo} is gone\n"
        )
        needles = (name.encode(), bytes(landmarks), bytes(landmarks)[64:128])
        assert holding(tmp_path / "w", *needles)
        assert erase_image(store, sha256).log_emptied
        left = {one: holding(tmp_path / "w", one) for one in needles}
        assert left == {one: set() for one in needles}
        assert holding(tmp_path / "w", face_id.encode()) == set()
        assert (tmp_path / "w" / "moue.log").read_text() == "2 INFO kept\n"
        backup(store, tmp_path / "b.db")
        assert holding(tmp_path, *needles) <= {f"{name}/{name}.jpg"}
        assert verify_workspace(store).findings == ()


def test_where_somebody_reads_an_older_moment_it_is_said(store: Store, faces: list[tuple[str, str]]) -> None:
    reader = sqlite3.connect(store.file, isolation_level=None)
    store.write(lambda db: db.execute("INSERT INTO meta VALUES ('k', 'v')"))
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM faces").fetchall()
    assert not erase_image(store, faces[0][1]).log_emptied
    reader.close()
    assert erase_image(store, faces[1][1]).log_emptied


def test_every_column_that_may_hold_a_photo_s_name_is_known(store: Store) -> None:
    """A new TEXT column must be judged: it goes with the image's rows, is listed in PLACES, or holds no name."""
    sql = (
        "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c"
        " WHERE m.type = 'table' AND c.type = 'TEXT'"
    )
    found = {f"{table}.{column}" for table, column in store.read(lambda db: db.execute(sql).fetchall())}
    listed = {f"{table}.{column}" for table, columns in PLACES.items() for column in columns}
    assert listed <= found
    assert {one.removeprefix("jobs.") for one in found - listed if one.startswith("jobs.")} == HARMLESS_OF_JOBS
    assert {one.partition(".")[0] for one in found} == GO_WITH_THE_IMAGE | HOLD_NO_NAME | {"jobs"}


def test_copies_that_hold_the_photo_go_when_asked_and_others_stay(tmp_path: Path) -> None:
    """Planted: the photo's name, its row in a backup, a database that a restore set aside; a copy made without it."""
    root, name = tmp_path / "w", "anna-karenina-1877"
    (tmp_path / "other.jpg").write_bytes(numbered_head(2))
    photo = tmp_path / f"{name}.jpg"
    photo.write_bytes(numbered_head(1))
    sha256 = hashlib.sha256(photo.read_bytes()).hexdigest()
    commands.ingest(root, tmp_path / "other.jpg")
    (root / "backups").mkdir(exist_ok=True)
    with Store.open(root) as store:
        backup(store, root / "backups" / "before.db")
    commands.ingest(root, photo)
    with Store.open(root) as store:
        backup(store, root / "backups" / "with.db")
        (root / "backups" / "before-restore-1").mkdir()
        backup(store, root / "backups" / "before-restore-1" / "moue.db")
        (root / "backups" / "damaged.db").write_bytes(b"no database")
        backup(store, root / "backups" / ".unchecked-moue-20260102T030405Z.db")  # by a process that was killed
        for folder in (root / "backups" / ".new-killed", root / ".new-restoring"):
            folder.mkdir()
            shutil.copy(root / "backups" / "with.db", folder / "copy.db")
        told = {"with.db", "before-restore-1", "damaged.db", ".unchecked-moue-20260102T030405Z.db", ".new-killed"}
        told |= {".new-restoring"}
        shutil.copytree(root, tmp_path / "kept")
        done = erase_image(store, sha256, backups=True)
        assert {path.name for path in done.copies} == told
        assert [path.name for path in (root / "backups").iterdir()] == ["before.db"]
        assert holding(root, name.encode(), sha256.encode()) == set()
        assert verify_workspace(store).findings == ()
    with Store.open(tmp_path / "kept") as store:
        done = erase_image(store, sha256)
        assert ({path.name for path in done.copies}, done.copies_deleted) == (told, False)
        assert {path.name for path in (tmp_path / "kept" / "backups").iterdir()} == {*told, "before.db"} - {
            ".new-restoring"
        }
