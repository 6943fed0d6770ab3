"""Archives that are not opened, under a data set's name."""

from __future__ import annotations

import json
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.core.errors import ERRORS_VARIABLE
from tests.pipeline.actions.imports.importing import rows, run, told


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


def _cut(data: bytes) -> bytes:
    return data[: data.rindex(b"PK\1\2")]


def _other_bytes(data: bytes) -> bytes:
    return data.replace(b"smile/a.jpgx", b"smile/a.jpgy", 1)


@pytest.mark.parametrize(
    ("damage", "code", "why"),
    [
        (_cut, "import_archive_broken", {"code": "zip_list_damaged", "params": {}}),
        (lambda data: data[:-30] + bytes(30), "import_archive_broken", {"code": "zip_list_damaged", "params": {}}),
        (lambda _: b"", "import_archive_broken", {"code": "zip_list_damaged", "params": {}}),
        (
            _other_bytes,
            "import_archive_member",
            {"code": "member_damaged", "params": {"why": {"code": "member_sum", "params": {}}}},
        ),
    ],
)
def test_a_broken_zip_is_refused_by_its_code(
    tmp_path: Path,
    damage: Callable[[bytes], bytes],
    code: str,
    why: dict[str, object],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """So that pages can translate it: it ended in zipfile's own words."""
    monkeypatch.setenv(ERRORS_VARIABLE, "json")
    (tmp_path / "set.zip").write_bytes(damage(_zipped(tmp_path / "set.zip")))
    assert run(tmp_path / "w", tmp_path / "set.zip") == 2
    said = json.loads(capsys.readouterr().err.splitlines()[-1])
    assert (said["code"], said["params"]["why"]) == (code, why)
    assert not list((tmp_path / "w" / ".incoming").iterdir())


def test_names_that_differ_in_capitals_are_two_files(
    tmp_path: Path, heads_of: Callable[[int], bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    """On a disk that tells them apart; where it does not, the archive is refused and nothing is written over."""
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        archive.writestr("smile/IMG.JPG", heads_of(1))
        archive.writestr("smile/img.jpg", heads_of(2))
    assert run(tmp_path / "w", tmp_path / "set.zip") == 0
    assert told(capsys)["saved"] == 2
    assert rows(tmp_path / "w", "SELECT count(*) FROM images") == [(2,)]


def test_class_folders_in_the_code_page_of_the_one_who_packed_them(
    tmp_path: Path, heads_of: Callable[[int], bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        for number, held in enumerate(("AAAAAAA", "BBBBBB")):
            archive.writestr(f"{held}/{number}.jpg", heads_of(number))
    data = (tmp_path / "set.zip").read_bytes()
    data = data.replace(b"AAAAAAA", "uśmiech".encode("cp852")).replace(b"BBBBBB", "złość!".encode("cp852"))
    (tmp_path / "set.zip").write_bytes(data)
    assert run(tmp_path / "w", tmp_path / "set.zip", "--make-classes") == 0
    assert told(capsys)["made"] == ["uśmiech", "złość!"]
