"""Archives that are not opened, under a data set's name."""

from __future__ import annotations

import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.pipeline.actions.imports.importing import run


def _zipped(path: Path) -> bytes:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("smile/a.jpg", b"x")
    return path.read_bytes()


def _within(path: Path, folder: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("inner.zip", _zipped(folder / "x.zip"))


def _tar(path: Path, folder: Path) -> None:
    (folder / "a.jpg").write_bytes(b"x")
    with tarfile.open(path, "w:gz" if path.suffix == ".gz" else "w") as archive:
        archive.add(folder / "a.jpg", "smile/a.jpg")


@pytest.mark.parametrize(
    ("at", "in_list", "value", "why"),
    [
        (6, 8, 1, "the member is encrypted: unpack the archive yourself"),
        (8, 10, 9, "the member's compression is not supported: Deflate64"),
        (8, 10, 98, "the member's compression is not supported: PPMd"),
    ],
)
def test_members_that_cannot_be_unpacked_are_told_as_in_an_ingest(
    tmp_path: Path, at: int, in_list: int, value: int, why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    data = bytearray(_zipped(tmp_path / "set.zip"))
    data[at] = data[data.rindex(b"PK\1\2") + in_list] = value
    (tmp_path / "set.zip").write_bytes(data)
    assert run(tmp_path / "w", tmp_path / "set.zip") == 2
    said = capsys.readouterr().err
    assert why in said
    assert "ZipInfo" not in said


@pytest.mark.parametrize(
    ("name", "make", "what"),
    [
        ("set.zip", _within, "a zip archive"),
        ("set.tar.gz", _tar, "gzip data"),
        ("set.zip.part", _tar, "a tar archive"),
        ("set.7z", lambda path, _: path.write_bytes(b"7z\xbc\xaf\x27\x1c" + bytes(99)), "a 7z archive"),
        ("set.json", lambda path, _: path.write_bytes(b"Rar!\x1a\x07\x01\x00" + bytes(99)), "a RAR archive"),
    ],
)
def test_archives_that_are_not_opened_are_called_what_they_are(
    tmp_path: Path, name: str, make: Callable[[Path, Path], object], what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "aside").mkdir()
    make(tmp_path / name, tmp_path / "aside")
    assert run(tmp_path / "w", tmp_path / name) == 2
    said = capsys.readouterr().err
    assert f"{tmp_path / name} is {what}, or holds it" in said
    assert ".incoming" not in said
