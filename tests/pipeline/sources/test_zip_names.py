"""Names of zip members: old code pages, told twice, of Windows, none at all; other files under a zip's name."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import warnings
import zipfile
import zlib
from pathlib import Path

import pytest

from pipeline.core.outcome import Outcome
from pipeline.sources import zips
from pipeline.sources.plan import plan_source
from pipeline.sources.walk import count_files
from pipeline.sources.zips import count_members, zip_members
from tests.pipeline.sources.zipped import members, raw_named_zip


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


def test_chinese_names_of_old_programs(tmp_path: Path) -> None:
    names = ["笑脸/照片一.jpg", "嘟嘴.jpg"]
    raw_named_zip(tmp_path / "gb.zip", [n.encode("gb18030") for n in names])
    raw_named_zip(tmp_path / "utf8.zip", [n.encode() for n in names])  # UTF-8 that is not flagged as such
    raw_named_zip(tmp_path / "streamed.zip", [n.encode("gb18030") for n in names], flag=0x8)  # sizes behind the data
    for file in ("gb.zip", "utf8.zip", "streamed.zip"):
        assert [r.location.partition("!")[2] for r in members(tmp_path / file)] == names
    with zipfile.ZipFile(tmp_path / "flagged.zip", "w") as archive:
        archive.writestr("微笑é.jpg", b"x")
    assert [r.location.partition("!")[2] for r in members(tmp_path / "flagged.zip")] == ["微笑é.jpg"]


def test_one_name_that_is_no_utf8_tells_of_all(tmp_path: Path) -> None:
    """The two bytes of 图 in GB18030 are also a Greek letter in UTF-8."""
    assert "图".encode("gb18030").decode() == "\N{GREEK SMALL DOTTED LUNATE SIGMA SYMBOL}"
    raw_named_zip(tmp_path / "x.zip", [n.encode("gb18030") for n in ("图.md", "说明.txt")])
    assert [r.location.partition("!")[2] for r in members(tmp_path / "x.zip")] == ["图.md", "说明.txt"]


def test_names_that_are_neither_are_read_as_the_format_says(tmp_path: Path) -> None:
    raw_named_zip(tmp_path / "x.zip", [b"stra\xe1", b"plain.jpg"])  # a last byte e1 is neither UTF-8 nor GB18030
    assert [r.location.partition("!")[2] for r in members(tmp_path / "x.zip")] == ["straß", "plain.jpg"]


def test_one_name_twice_is_met_twice(tmp_path: Path) -> None:
    with warnings.catch_warnings(), zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("a.jpg", b"1")
        archive.writestr("a.jpg", b"2")
    refs = members(tmp_path / "x.zip")
    assert len({r.location for r in refs}) == 2
    assert [Path(r.path).read_bytes() for r in refs] == [b"1", b"2"]


def test_one_name_thousands_of_times_stays_short(tmp_path: Path) -> None:
    with warnings.catch_warnings(), zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        warnings.simplefilter("ignore")
        for name in ["a'3", *["a"] * 2000]:
            archive.writestr(name, b"")
    found = [r.location.partition("!")[2] for r in members(tmp_path / "x.zip")]
    assert len(set(found)) == 2001
    assert found[:5] == ["a'3", "a", "a'", "a'4", "a'5"]
    assert max(map(len, found)) == len("a'2001")


@pytest.mark.parametrize(("written", "read"), [
    ("people\\smile\\a.jpg", "people/smile/a.jpg"), ("people\\smile/a.jpg", "people/smile/a.jpg"),
    ("C:\\Users\\Ada\\smile\\a.jpg", "Users/Ada/smile/a.jpg"), ("c:smile\\a.jpg", "smile/a.jpg"),
    ("..\\..\\smile\\a.jpg", "smile/a.jpg"), (".\\a.jpg", "a.jpg"), ("\\\\nas\\share\\a.jpg", "nas/share/a.jpg"),
    ("\\\\?\\D:\\smile\\a.jpg", "smile/a.jpg"), ("微笑的照片\\a.jpg", "微笑的照片/a.jpg"),
    ("a!\\b!c.jpg", "a!/b!c.jpg"),
    ("plain/a.jpg", "plain/a.jpg"), ("C:/a.jpg", "C:/a.jpg"),
])  # fmt: skip
@pytest.mark.parametrize("coding", ["utf-8", "gb18030"])
def test_separators_of_windows_part_folders(tmp_path: Path, written: str, read: str, coding: str) -> None:
    path = tmp_path / "win.zip"
    raw_named_zip(path, [b"smile\\", written.encode(coding)])
    first, *rest = members(path)
    # the helper gives each member a text, so that the folder's entry is one by its name alone
    assert [ref.location for ref in rest] == [f"{path}!{read}"]
    assert rest[0].member == read
    assert first.member == "smile"


def test_entries_of_folders_are_no_files_whatever_their_separator(tmp_path: Path) -> None:
    path = tmp_path / "win.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("people/", "people\\", "people\\smile\\", "people\\smile/"):
            archive.writestr(zipfile.ZipInfo(name), b"")
        archive.writestr("people\\smile\\a.jpg", b"x")
        archive.writestr("people/smile/a.jpg", b"y")
    assert [ref.member for ref in members(path)] == ["people/smile/a.jpg", "people/smile/a.jpg'"]
    assert count_files(plan_source(path, tmp_path / "spool", 1000)) == 2
    with zips.open_archive(path) as archive:
        assert set(zips.file_names(archive)) == {"people/smile/a.jpg"}


@pytest.mark.parametrize("raw", [b"", b"\0evil.jpg"])
def test_a_member_without_a_name_is_one_nevertheless(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(zip_of_one_name(raw, [b"first", b"second"]))
    assert count_files(plan_source(path, tmp_path / "spool", 100_000)) == 2
    refs = members(path)
    assert [ref.member for ref in refs] == ["nameless", "nameless'"]
    assert [Path(ref.path).read_bytes() for ref in refs] == [b"first", b"second"]


def zip_of_one_name(name: bytes, bodies: list[bytes]) -> bytes:
    """Stored members that are all called so (APPNOTE 4.3.7, 4.3.12 and 4.3.16)."""
    out = directory = b""
    for body in bodies:
        sizes = struct.pack("<IIIHH", zlib.crc32(body), len(body), len(body), len(name), 0)
        directory += b"PK\1\2" + struct.pack("<HHHHHH", 20, 20, 0, 0, 0, 0x5821) + sizes
        directory += struct.pack("<HHHII", 0, 0, 0, 0, len(out)) + name
        out += b"PK\3\4" + struct.pack("<HHHHH", 20, 0, 0, 0, 0x5821) + sizes + name + body
    end = struct.pack("<HHHHIIH", 0, 0, len(bodies), len(bodies), len(directory), len(out), 0)
    return out + directory + b"PK\5\6" + end


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("gähnen/a.jpg".encode("cp437"), "gähnen/a.jpg"),
        ("für/é.jpg".encode("cp437"), "für/é.jpg"),
        ("微笑/a.jpg".encode("gb18030"), "微笑/a.jpg"),
    ],
)
def test_an_umlaut_of_a_western_program_is_no_chinese_character(tmp_path: Path, raw: bytes, name: str) -> None:
    raw_named_zip(tmp_path / "x.zip", [raw])
    assert [ref.member for ref in members(tmp_path / "x.zip")] == [name]
