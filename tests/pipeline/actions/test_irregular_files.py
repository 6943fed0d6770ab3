"""A pipe in the place of a file: nothing waits for it, at no door. Each test would wait for ever."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from db.store import copies
from db.store.anchors import NAME, check
from db.store.store import Store
from pages._server.workspace import _read_or_make_key
from pipeline.actions.erase import erase_image
from pipeline.actions.stored_pixels.crop_picture import crop_picture
from pipeline.core.errors import StorageError, UnavailableError
from pipeline.export.export import ExportPlan
from pipeline.files.blobs import BlobStore
from tests.pipeline import commands
from tests.pipeline.export.readers.test_variants import BOX_OF_CVAT, cvat_of

pytestmark = pytest.mark.timeout(120)


def pipe_at(path: Path) -> Path:
    """In the place of a file that is there."""
    path.unlink()
    os.mkfifo(path)
    return path


def original_of(store: Store, sha256: str) -> Path:
    sql = "SELECT original FROM images WHERE sha256 = ?"
    return store.root / store.read(lambda db: db.execute(sql, [sha256]).fetchone())[0]


@pytest.mark.usefixtures("chosen")
@pytest.mark.parametrize(
    ("where", "words", "code", "told"),
    [
        ("crop", ("export", "--out", "{tmp}/out"), 1, "cannot be read (It is no regular file"),
        ("original", ("export", "--out", "{tmp}/out", "--margin", "1.9"), 1, "It is no regular file"),
        ("crop", ("verify",), 1, "the crop of face"),
        ("original", ("verify",), 1, "cannot be read (It is no regular file"),
        ("original", ("reprocess", "--detector", "hog", "--executor", "serial"), 0, "1 unavailable"),
        ("crop", ("backup", "{tmp}/b.db"), 0, ""),
    ],
)  # fmt: skip
def test_a_command_ends(
    store: Store,
    faces: list[tuple[str, str]],
    tmp_path: Path,
    where: str,
    words: tuple[str, ...],
    code: int,
    told: str,
) -> None:
    face_id, sha256 = faces[0]
    pipe_at(original_of(store, sha256) if where == "original" else BlobStore(store.root).path("crops", face_id, "png"))
    store.close()
    said = commands.inside(*(word.format(tmp=tmp_path) for word in words), "--workspace", store.root)
    assert (said.returncode, told in said.stdout + said.stderr) == (code, True), said


def test_pictures_of_a_page_end(store: Store, faces: list[tuple[str, str]]) -> None:
    face_id, sha256 = faces[0]
    blobs = BlobStore(store.root)
    pipe_at(blobs.path("thumbs", sha256, "jpg"))
    assert blobs.thumb(sha256) is None
    with pytest.raises(UnavailableError):
        crop_picture(pipe_at(blobs.path("crops", face_id, "png")), 96)


def test_an_erase_and_its_search_of_backups_end(store: Store, faces: list[tuple[str, str]]) -> None:
    face_id, sha256 = faces[0]
    pipe_at(BlobStore(store.root).path("crops", face_id, "png"))
    (store.root / "backups").mkdir()
    os.mkfifo(store.root / "backups" / "a.db")
    assert erase_image(store, sha256, backups=True).plan.faces == 1
    assert copies.copies_of(store.root) == []
    (store.root / "moue.log").unlink(missing_ok=True)
    os.mkfifo(store.root / "moue.log")
    with pytest.raises(StorageError, match="no regular file"):
        erase_image(store, faces[1][1])


def test_the_workspaces_own_notes_end(store: Store) -> None:
    (store.root / NAME).unlink(missing_ok=True)
    os.mkfifo(store.root / NAME)
    with pytest.raises(StorageError, match="no regular file"):
        store.read(lambda db: check(db, store.root))
    os.mkfifo(store.root / ".secret")
    with pytest.raises(OSError, match="no regular file"):
        _read_or_make_key(store.root / ".secret")


@pytest.mark.parametrize(("name", "over"), [("manifest.csv", 1), ("release.json", 1), ("README.md", 1), ("*.png", 0)])
def test_a_release_ends(store: Store, chosen: ExportPlan, tmp_path: Path, name: str, over: int) -> None:
    out = tmp_path / "out"
    assert chosen.rows
    assert commands.inside("export", "--out", out, "--workspace", store.root).returncode == 0
    piped = pipe_at(next(out.rglob(name)))
    said = commands.inside("release", "verify", out)
    assert (said.returncode, piped.name in said.stdout + said.stderr) == (1, True), said
    again = commands.inside("export", "--out", out, "--overwrite", "--workspace", store.root)
    assert again.returncode == over, again


def test_a_pipe_is_no_release(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.zip")
    said = commands.inside("release", "verify", tmp_path / "a.zip")
    assert (said.returncode, "a.zip" in said.stderr) == (1, True), said


@pytest.mark.parametrize(
    ("files", "pipe", "code"),
    [
        ({"smile/a.jpg": "x"}, "manifest.csv", 1),
        ({"smile/a.jpg": "x"}, "smile/b.jpg", 2),
        ({"smile/a.jpg": "x"}, "smile/a.xml", 1),
        ({"smile/a.jpg": "x"}, "annotations/a.json", 2),
        ({"smile/a.jpg": "x"}, "tasks.json", 1),
        ({"smile/a.jpg": "x"}, "data.yaml", 1),
        ({"smile/a.jpg": "x"}, "000.tar", 1),
        ({"metadata.csv": "file_name,label\na.jpg,smile\n", "a.jpg": "x"}, "classes.txt", 1),
        (cvat_of(BOX_OF_CVAT), "samples.json", 1),
    ],
)
def test_a_data_set_is_read_or_refused(tmp_path: Path, files: dict[str, str | bytes], pipe: str, code: int) -> None:
    for name, data in files.items():
        path = tmp_path / "set" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
    (tmp_path / "set" / pipe).parent.mkdir(exist_ok=True)
    os.mkfifo(tmp_path / "set" / pipe)
    said = commands.inside(
        "import", tmp_path / "set", "--annotator", "Ann", "--executor", "serial", "--workspace", tmp_path / "ws"
    )
    assert said.returncode == code, said  # 1: the picture is none
