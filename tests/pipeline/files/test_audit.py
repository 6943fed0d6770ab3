from __future__ import annotations

import hashlib
from pathlib import Path

from pipeline.files.audit import ImageFiles, check_image_files
from pipeline.files.blobs import BlobStore
from pipeline.files.hashing import hash_file

FACE = "cd" * 16


def test_findings_about_each_kind_of_file(tmp_path: Path) -> None:
    (tmp_path / "w").mkdir()
    store = BlobStore(tmp_path / "w")
    original = tmp_path / "a.jpg"
    original.write_bytes(b"photo")
    sha = hashlib.sha256(b"photo").hexdigest()
    faces = [(FACE, hashlib.sha256(b"crop").hexdigest()[:16])]
    crop = store.put("crops", FACE, "png", b"crop")

    def check(unified: bool = False) -> list[str]:
        return check_image_files(store, ImageFiles(sha, original, unified, None, faces))

    assert check() == []
    assert "unified" in check(unified=True)[0]
    store.put("images", sha, "jpg", b"x")
    assert check(unified=True) == []
    crop.write_bytes(b"other")
    assert check() == [f"the crop of face {FACE} has changed"]
    crop.unlink()
    assert check() == [f"the crop of face {FACE} is gone"]
    original.write_bytes(b"another photo")
    assert "has changed" in check()[0]
    original.unlink()
    assert "is gone" in check()[0]
    assert "relink" in check()[0]
    assert len(check()) == 2


def test_hash_file(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"abc")
    assert hash_file(tmp_path / "x") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert hash_file(tmp_path / "gone") is None
    assert hash_file(tmp_path) is None
