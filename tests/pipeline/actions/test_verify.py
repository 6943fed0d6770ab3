from __future__ import annotations

import hashlib
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from db.store.locks import export_lock, job_lock
from db.store.store import Store
from db.tables import releases
from pipeline.actions.erase import erase_image
from pipeline.actions.verify import delete_unnamed, verify_workspace
from pipeline.core.errors import BusyError
from tests.pipeline import commands
from tests.pipeline.photos import numbered_head


def test_a_sound_workspace_has_no_findings(store: Store) -> None:
    found = verify_workspace(store)
    assert (found.images, found.findings) == (12, ())


def test_a_crop_that_is_gone_and_an_original_that_changed_are_found(store: Store, faces: list[tuple[str, str]]) -> None:
    (face_id, _), (_, other) = faces[:2]
    (store.root / "crops" / face_id[:2] / f"{face_id}.png").unlink()
    (original,) = (store.root / "originals" / other[:2]).glob(f"{other}.*")
    original.write_bytes(original.read_bytes() + b"more")
    found = verify_workspace(store)
    assert found.images == 12
    assert len(found.findings) == 2
    assert face_id in "\n".join(found.findings)
    assert other in "\n".join(found.findings)


def put(store: Store, name: str) -> str:
    """A file that no row names, made long before."""
    file = store.root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"x")
    return name


LEFT = (
    "crops/00/00000000000000000000000000000000.png",
    f"images/00/{'0' * 64}.jpg",
    f"originals/00/{'0' * 64}.jpg",
    "originals/00/.new-abcdefgh",
    f"thumbs/00/{'0' * 64}.jpg",
)
FOREIGN = ("crops/00/my photo.png", "thumbs/stray.txt")


def test_files_that_no_row_names_are_found_and_deleted_when_asked(store: Store) -> None:
    before = sorted(path for path in store.root.rglob("*") if path.is_file())
    for name in (*LEFT, *FOREIGN):
        put(store, name)
    found = verify_workspace(store).findings
    assert sorted(finding.partition(" is ")[0] for finding in found) == sorted((*LEFT, *FOREIGN))
    assert all("--delete-unnamed" in finding for finding in found)
    assert sorted(delete_unnamed(store)) == sorted(LEFT)
    assert [path for path in before if not path.exists()] == []
    assert len(verify_workspace(store).findings) == len(FOREIGN)  # what Moue did not write it does not delete
    with job_lock(store.root), pytest.raises(BusyError):
        delete_unnamed(store)


def test_while_a_job_runs_new_files_are_no_finding_and_old_ones_are(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, LEFT[0])
    with job_lock(store.root):
        assert verify_workspace(store).findings == ()
        monkeypatch.setattr("pipeline.actions.verify._ON_THEIR_WAY_S", -60.0)
        assert len(verify_workspace(store).findings) == 1


def test_a_zip_that_was_never_noted_is_found(store: Store) -> None:
    for name in ("lost.zip", ".zip-abc/release.zip", "noted.zip"):
        put(store, f"releases/{name}")
    noted = str(store.root / "releases" / "noted.zip")
    store.write(lambda db: releases.add_release(db, "noted", noted, {}, {}, "0" * 64, None))
    found = verify_workspace(store).findings
    assert [finding.partition(" is ")[0] for finding in found] == ["releases/lost.zip", "releases/.zip-abc"]
    with export_lock(store.root):
        assert verify_workspace(store).findings == ()


def test_a_unified_jpeg_that_changed_is_found(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    with Image.open(BytesIO(numbered_head(1))) as photo:
        photo.save(tmp_path / "in" / "a.png")
    commands.ingest(tmp_path / "w", tmp_path / "in")
    (unified,) = (tmp_path / "w" / "images").rglob("*.jpg")
    with Store.open(tmp_path / "w") as store:
        noted = store.read(lambda db: db.execute("SELECT unified_sha256 FROM images").fetchone())
        assert noted == (hashlib.sha256(unified.read_bytes()).hexdigest(),)
        assert verify_workspace(store).findings == ()
        unified.write_bytes(numbered_head(2))
        (finding,) = verify_workspace(store).findings
    assert "unified JPEG" in finding
    assert "has changed" in finding


def test_an_image_whose_file_became_another_is_found(tmp_path: Path) -> None:
    photo = tmp_path / "a.jpg"
    for number in (1, 2):
        photo.write_bytes(numbered_head(number))
        commands.ingest(tmp_path / "w", photo, "--copy")
    first = hashlib.sha256(numbered_head(1)).hexdigest()
    with Store.open(tmp_path / "w") as store:
        (finding,) = verify_workspace(store).findings
        assert first in finding
        erase_image(store, first)
        assert verify_workspace(store).findings == ()
