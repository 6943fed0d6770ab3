"""Zips behind which something stands that is no part of them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from pipeline.files.archives import behind_the_end
from pipeline.sources.zips import count_members, open_archive, zip_members
from tests.pipeline.sources.test_zip_names import marked_as_utf_8, zipped

TWO = zipped(("a.jpg", b"a" * 50), ("b.jpg", b"b" * 50))
END = TWO.rindex(b"PK\5\6")
LONGEST = TWO[: END + 20] + b"\xff\xff" + b"c" * 65_535


def found(tmp_path: Path, data: bytes) -> list[tuple[str, str]]:
    """Of each member its name, and the code of why it gives nothing."""
    (tmp_path / "x.zip").write_bytes(data)
    refs = list(zip_members(tmp_path / "x.zip", tmp_path / "in" / "spool", 1000))
    return [(ref.member or "", ref.failure[1].code if ref.failure else "") for ref in refs]


@pytest.fixture(autouse=True)
def _workspace(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()


@pytest.mark.parametrize("data", [
    TWO + bytes(100), TWO + bytes(70_000), TWO + bytes(3 << 20), TWO + b"<html>" + b"x" * 70_000, TWO + b"\r\n",
    LONGEST, LONGEST + b"signature" * 9000, b"MZ" + bytes(3000) + TWO + bytes(70_000),
    TWO[: END + 20] + b"\x05\0hello" + bytes(70_000),  # its comment, and more
    TWO + bytes(70_000) + b"PK\5\6", TWO + bytes(1 << 20) + b"PK\5\6" + b"\xee" * 30,  # what only looks like an end
], ids=lambda data: f"{len(data)}")  # fmt: skip
def test_the_zip_is_read(tmp_path: Path, data: bytes) -> None:
    assert found(tmp_path, data) == [("a.jpg", ""), ("b.jpg", "")]
    assert count_members(tmp_path / "x.zip") == 2


def test_an_end_record_on_the_edge_of_what_is_read_at_once(tmp_path: Path) -> None:
    for beyond in (1, 4, 21, 22):
        assert len(found(tmp_path, TWO + bytes((1 << 20) - beyond))) == 2


def test_wrong_marks_and_something_behind(tmp_path: Path) -> None:
    names = ("微笑/张三的照片.jpg", "中立/王五.jpg")
    data = marked_as_utf_8(*((name.encode("gbk"), b"x") for name in names)) + bytes(70_000)
    assert found(tmp_path, data) == [(name, "") for name in names]


def test_more_members_than_a_plain_end_record_counts(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "many.zip", "w") as archive:
        for number in range(65_540):
            archive.writestr(f"{number}", b"")
    data = (tmp_path / "many.zip").read_bytes()
    (tmp_path / "many.zip").write_bytes(data + bytes(70_000))
    with open_archive(tmp_path / "many.zip") as archive:
        assert len(archive.infolist()) == 65_540


@pytest.mark.parametrize(("data", "code"), [
    (TWO[:END], "zip_list_damaged"), (TWO[:END] + bytes(70_000), "zip_list_damaged"),
    (zipped(("a.jpg", b"a"), ("in.zip", TWO))[:-60] + bytes(70_000), "zip_cut"),  # what is found is the zip within
    (TWO + bytes(70_000) + TWO, "zip_cut"),
])  # fmt: skip
def test_what_is_no_whole_zip_stays_refused(tmp_path: Path, data: bytes, code: str) -> None:
    assert found(tmp_path, data) == [("", code)]


def test_a_file_of_nothing_but_marks_is_not_looked_at_for_minutes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "x.zip").write_bytes(TWO + b"PK\5\6" * 100_000)
    asked: list[int] = []
    monkeypatch.setattr(behind_the_end, "is_end", lambda stream, at, record: asked.append(at))
    assert behind_the_end.end_of_zip(tmp_path / "x.zip") is None
    assert 0 < len(asked) <= 1000


OTHER = zipped(("c.jpg", b"c" * 70), ("a.jpg", b"other"))
EMPTY = zipped()


@pytest.mark.parametrize(
    ("data", "names"),
    [
        (TWO + OTHER, ["a.jpg", "b.jpg", "c.jpg", "a.jpg'"]),
        (TWO[: END + 20] + b"\x05\0hello" + OTHER, ["a.jpg", "b.jpg", "c.jpg", "a.jpg'"]),
        (OTHER + TWO + OTHER, ["c.jpg", "a.jpg", "a.jpg'", "b.jpg", "c.jpg'", "a.jpg'3"]),
        (TWO + OTHER + bytes(70_000), ["a.jpg", "b.jpg", "c.jpg", "a.jpg'"]),
        (TWO + EMPTY, ["a.jpg", "b.jpg"]),
        (EMPTY + TWO, ["a.jpg", "b.jpg"]),
    ],
    ids=["two", "comment", "three", "padded", "empty behind", "empty before"],
)
def test_zips_one_behind_the_other_are_all_read(tmp_path: Path, data: bytes, names: list[str]) -> None:
    assert found(tmp_path, data) == [(name, "") for name in names]
    with open_archive(tmp_path / "x.zip") as archive:
        assert {archive.read(info)[:1] for info in archive.infolist()} <= {b"a", b"b", b"c", b"o"}


def test_a_zip_behind_one_that_is_cut_is_no_whole_one(tmp_path: Path) -> None:
    assert [code for _, code in found(tmp_path, TWO[:END] + OTHER)] == ["zip_cut"]
    assert [code for _, code in found(tmp_path, TWO[: END + 20] + b"\x09\0short" + OTHER)] == ["zip_cut"]
