"""Names of zip members that the archive tells twice, and other files under a zip's name."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path

import pytest

from pipeline.core.outcome import Outcome
from pipeline.sources.zips import count_members, zip_members


def names_of(path: Path) -> list[str]:
    return [ref.member for ref in zip_members(path, path.parent / "spool", 1000)]


@pytest.mark.parametrize(("fits", "read"), [(True, "笑顔/本当.jpg"), (False, "?????.jpg")])
def test_the_unicode_name_beside_a_name_that_could_not_be_written(tmp_path: Path, fits: bool, read: str) -> None:
    """Info-ZIP, 7-Zip and WinRAR keep it in a field of its own, which counts where the plain name is still the same."""
    plain = "?????.jpg"
    checksum = zlib.crc32(plain.encode()) if fits else 7
    name = "笑顔/本当.jpg".encode()
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        info = zipfile.ZipInfo(plain)
        info.extra = struct.pack("<HHI", 0x5455, 4, 0) + struct.pack("<HHBI", 0x7075, 5 + len(name), 1, checksum) + name
        archive.writestr(info, b"x")
    assert names_of(tmp_path / "x.zip") == [read]


def marked_as_utf_8(*members: tuple[bytes, bytes], before: bytes = b"") -> bytes:
    """A zip whose names are all marked as UTF-8, whatever their bytes are; something may stand before it."""
    out, listed = before, b""
    for name, data in members:
        sizes = struct.pack("<IIIHH", zlib.crc32(data), len(data), len(data), len(name), 0)
        listed += struct.pack("<IHHHHHH", 0x02014B50, 20, 20, 0x800, 0, 0, 33) + sizes
        listed += struct.pack("<HHHII", 0, 0, 0, 0, len(out) - len(before)) + name
        out += struct.pack("<IHHHHH", 0x04034B50, 20, 0x800, 0, 0, 33) + sizes + name + data
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, len(members), len(members), len(listed), len(out) - len(before), 0)
    return out + listed + end


@pytest.mark.parametrize("before", [b"", b"MZ" + bytes(3000)])
@pytest.mark.parametrize(("names", "encoding"), [
    (("微笑/张三的照片.jpg", "中立/王五.jpg"), "gbk"), (("gähnen/böse.jpg", "süß/Übung.jpg"), "cp1252"),
])  # fmt: skip
def test_names_that_are_not_the_utf_8_they_say(
    tmp_path: Path, names: tuple[str, ...], encoding: str, before: bytes
) -> None:
    """All of the archive was called damaged, though every other program unpacks it."""
    members = [(name.encode(encoding), name.encode()) for name in names]
    (tmp_path / "x.zip").write_bytes(marked_as_utf_8(*members, ("ü.jpg".encode(), b"ok"), before=before))
    refs = list(zip_members(tmp_path / "x.zip", tmp_path / "spool", 1000))
    assert [ref.member for ref in refs] == [*names, "ü.jpg"]
    assert [Path(ref.path).read_bytes() for ref in refs] == [*(name.encode() for name in names), b"ok"]
    assert {Path(ref.location.partition("!")[0]) for ref in refs} == {tmp_path / "x.zip"}
    assert count_members(tmp_path / "x.zip") == 3


def test_a_folder_by_the_attribute_of_dos_alone(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        folder = zipfile.ZipInfo("smile")
        folder.create_system, folder.external_attr = 0, 0x10
        archive.writestr(folder, b"")
        archive.writestr("smile/a.jpg", b"x")
    assert names_of(tmp_path / "x.zip") == ["smile/a.jpg"]


def tarred() -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a.jpg"))
    return stream.getvalue()


@pytest.mark.parametrize(("data", "called"), [
    (b"Rar!\x1a\7\1\0" + bytes(50), "a RAR archive"), (b"7z\xbc\xaf\x27\x1c" + bytes(50), "a 7z archive"),
    (gzip.compress(b"x", mtime=0), "gzip data"), (tarred(), "a tar archive"),
    (b"<!DOCTYPE html><html>404</html>", "a web page"),
    (b"version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer"),
])  # fmt: skip
def test_other_files_under_a_zips_name_are_called_what_they_are(tmp_path: Path, data: bytes, called: str) -> None:
    (tmp_path / "x.zip").write_bytes(data)
    (ref,) = zip_members(tmp_path / "x.zip", tmp_path / "spool", 1000)
    assert ref.failure is not None
    assert ref.failure[0] is Outcome.UNSUPPORTED
    assert called in ref.failure[1].text


def zipped(*members: tuple[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in members:
            archive.writestr(name, data)
    return stream.getvalue()


def test_a_zip_whose_end_is_missing_is_not_the_zip_within_it(tmp_path: Path) -> None:
    """Its own list is gone, the list of the one within is found: a.jpg would be left out without a word."""
    whole = zipped(("a.jpg", b"a" * 50), ("inner.zip", zipped(("inner.jpg", b"b"))))
    cut = whole[: whole.index(b"inner.zip", whole.index(b"inner.zip") + 1) - 46]  # before its own list begins
    (tmp_path / "cut.zip").write_bytes(cut)
    assert zipfile.ZipFile(tmp_path / "cut.zip").namelist() == ["inner.jpg"]  # what zipfile makes of it
    (found,) = zip_members(tmp_path / "cut.zip", tmp_path / "spool", 1000)
    assert found.failure is not None
    assert (found.failure[0], found.failure[1].code) == (Outcome.UNDECODABLE, "zip_cut")


def test_a_zip_cut_behind_an_empty_one_is_not_empty(tmp_path: Path) -> None:
    whole = zipped(("a.jpg", b"a" * 50), ("none.zip", zipped()))
    (tmp_path / "cut.zip").write_bytes(whole[: whole.index(b"PK\x01\x02")])
    (found,) = zip_members(tmp_path / "cut.zip", tmp_path / "spool", 1000)
    assert found.failure is not None
    assert found.failure[1].code == "zip_cut"


def test_a_zip_behind_a_program_is_read(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"MZ a program that unpacks itself" + zipped(("a.jpg", b"a"), ("b.jpg", b"b")))
    assert names_of(tmp_path / "x.zip") == ["a.jpg", "b.jpg"]


@pytest.mark.parametrize(
    ("names", "encoding"),
    [
        (["笑顔/写真.jpg", "表情/b.jpg"], "cp932"),  # 表 has a backslash for its second byte
        (["スマイル/a.jpg"], "cp932"),
        (["미소/사진.jpg"], "cp949"),
        (["улыбка/1.jpg", "Рот/я.jpg"], "cp866"),
        (["улыбка/1.jpg", "Рот/фото.jpg"], "cp1251"),
        (["улыбка/1.jpg", "рот/фото.jpg"], "koi8-r"),
        (["ｴｶﾞｵ/ｽﾏｲﾙ.jpg", "ｸﾁﾋﾞﾙ/1.jpg"], "cp932"),  # half-width kana: pairs of GBK, too
        (["ﾜﾗｲ/ﾌｧｲﾙ_1.jpg"], "cp932"),
        (["微笑/照片.jpg", "張嘴/相片集.jpg"], "big5"),
        (["微笑/1.jpg"], "gbk"),
        (["较操/1.jpg"], "gbk"),  # short: would be ｽﾏｲﾙ
        (["niño/1.jpg", "señor/año.jpg"], "cp437"),  # an ñ and its letter are one of Big5
        (["ÄRGER/ÖL.jpg", "Übung/Maß.jpg"], "cp437"),
        (["gähnen/1.jpg", "été/élève.jpg", "sonreír/ñandú.jpg"], "cp437"),
    ],
)
def test_names_in_the_code_page_of_the_one_who_packed_them(tmp_path: Path, names: list[str], encoding: str) -> None:
    """Without the flag that says UTF-8, byte by byte as Windows writes them."""
    raw = [name.encode(encoding) for name in names]
    held = ["ABC"[number] * len(one) for number, one in enumerate(raw)]
    data = zipped(*((name, b"x") for name in held))
    for plain, one in zip(held, raw, strict=True):
        assert data.count(plain.encode()) == 2
        data = data.replace(plain.encode(), one)
    (tmp_path / "x.zip").write_bytes(data)
    assert names_of(tmp_path / "x.zip") == names
