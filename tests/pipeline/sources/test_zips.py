from __future__ import annotations

import io
import stat
import struct
import warnings
import zipfile
import zlib
from pathlib import Path

import pytest

from pipeline.core.errors import StorageError
from pipeline.core.outcome import Outcome
from pipeline.core.records import ImageRef
from pipeline.sources import zips
from pipeline.sources.plan import plan_source
from pipeline.sources.walk import count_files
from pipeline.sources.zips import clear_spool, zip_members


def members(path: Path, max_bytes: int = 100_000) -> list[ImageRef]:
    return list(zip_members(path, path.parent / "spool", max_bytes))


def raw_named_zip(path: Path, names: list[bytes], flag: int = 0) -> None:
    """An archive with these very bytes as names, as old Windows programs write them."""
    plain = [f"{'n' * (len(raw) - 4)}{number:04}" for number, raw in enumerate(names)]
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in plain:
            archive.writestr(name, b"just words")
    data = stream.getvalue()
    for name, raw in zip(plain, names, strict=True):
        data = data.replace(name.encode() + b"PK", raw + b"PK").replace(name.encode(), raw)
    if flag:
        data = data.replace(b"PK\x01\x02\x14\x03\x14\0\0\0", b"PK\x01\x02\x14\x03\x14\0" + struct.pack("<H", flag))
        data = data.replace(b"PK\x03\x04\x14\0\0\0", b"PK\x03\x04\x14\0" + struct.pack("<H", flag))
    path.write_bytes(data)


def test_members_are_unpacked_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.mkdir("folder")
        archive.writestr("folder/a.jpg", b"A" * 5000)
        archive.writestr("../../b.png", b"B")
    walk = zip_members(path, tmp_path / "spool", 100_000)
    first = next(walk)
    assert [p.name for p in (tmp_path / "spool").iterdir()] == [Path(first.path).name]
    refs = [first, *walk]
    assert [r.location for r in refs] == [f"{path}!folder/a.jpg", f"{path}!../../b.png"]
    assert [Path(r.path).read_bytes() for r in refs] == [b"A" * 5000, b"B"]
    assert {Path(r.path).parent for r in refs} == {tmp_path / "spool"}  # the names inside lead nowhere
    assert [r.size for r in refs] == [5000, 1]
    assert {r.mtime_ns for r in refs} == {path.stat().st_mtime_ns}
    assert all(r.spooled for r in refs)
    clear_spool(tmp_path / "spool")
    clear_spool(tmp_path / "spool")
    assert not (tmp_path / "spool").exists()


def test_what_is_known_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.jpg", b"AAA")
        archive.writestr("b.jpg", b"BB")
    asked: list[ImageRef] = []

    def known(ref: ImageRef) -> bool:
        asked.append(ref)
        return ref.location.endswith("!a.jpg")

    first, second = zip_members(path, tmp_path / "spool", 100_000, known)
    assert first == asked[0] == ImageRef(f"{path}!a.jpg", f"{path}!a.jpg", 3, path.stat().st_mtime_ns, member="a.jpg")
    assert (second.spooled, Path(second.path).read_bytes()) == (True, b"BB")
    assert [p.name for p in (tmp_path / "spool").iterdir()] == [Path(second.path).name]


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


def with_modes(path: Path, kinds: dict[str, tuple[int, bytes]]) -> Path:
    """A zip as Unix writes it: content and kind of each name."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, (kind, data) in kinds.items():
            info = zipfile.ZipInfo(name)
            info.create_system = 3
            info.external_attr = (kind | 0o777) << 16
            archive.writestr(info, data)
    return path


def test_what_is_no_file_by_its_mode_is_named_and_not_unpacked(tmp_path: Path) -> None:
    """Links, pipes, devices; a folder that lacks its slash is a folder."""
    link, pipe, device = stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR
    given = {"link.jpg": (link, b"/etc/passwd"), "pipe.jpg": (pipe, b""), "zero.jpg": (device, b"")}
    given |= {"smile": (stat.S_IFDIR, b""), "smile/a.jpg": (stat.S_IFREG, b"a")}
    refs = members(with_modes(tmp_path / "x.zip", given))
    found = {r.member: None if r.failure is None else (r.failure[0], r.failure[1].code) for r in refs}
    passed = Outcome.PASSED_OVER
    assert found == {
        "link.jpg": (passed, "link_in_zip"),
        "pipe.jpg": (passed, "special_file"),
        "zero.jpg": (passed, "special_file"),
        "smile/a.jpg": None,
    }
    assert count_files(plan_source(tmp_path / "x.zip", tmp_path / "spool", 9)) == 4


@pytest.mark.parametrize(("method", "called"), [(9, "Deflate64"), (93, "Zstandard"), (98, "PPMd"), (1, "Shrink")])
def test_a_compression_that_python_does_not_have_is_named(tmp_path: Path, method: int, called: str) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("a.jpg", b"pixels")
    data = bytearray((tmp_path / "x.zip").read_bytes())
    listed = data.index(b"PK\x01\x02")
    data[8:10] = data[listed + 10 : listed + 12] = method.to_bytes(2, "little")
    (tmp_path / "x.zip").write_bytes(data)
    (only,) = members(tmp_path / "x.zip")
    assert only.failure is not None
    assert (only.failure[0], only.failure[1].text.rpartition(": ")[2]) == (Outcome.UNSUPPORTED, called)


def outcome(ref: ImageRef) -> Outcome | None:
    return ref.failure[0] if ref.failure else None


def test_a_member_over_the_cap(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("big.bmp", b"\0" * 2001)
        archive.writestr("small.bmp", b"\0" * 2000)
    refs = members(tmp_path / "x.zip", 2000)
    assert [outcome(r) for r in refs] == [Outcome.TOO_LARGE, None]
    assert len(list((tmp_path / "spool").iterdir())) == 1


def test_a_member_that_lies_about_its_size(tmp_path: Path) -> None:
    """Its header says 10 bytes, its data unpack to a million: nothing of it may stay on the disk."""
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("big.bmp", b"\0" * 1_000_000)
    path.write_bytes(path.read_bytes().replace(struct.pack("<I", 1_000_000), struct.pack("<I", 10)))
    (ref,) = members(path, 2000)
    assert outcome(ref) in (Outcome.UNDECODABLE, Outcome.TOO_LARGE)
    assert list((tmp_path / "spool").iterdir()) == []


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_member_costs_itself_alone(tmp_path: Path, method: int) -> None:
    path = tmp_path / "x.zip"
    body = bytes(range(256)) * 40
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("a.jpg", body)
        archive.writestr("b.jpg", body)
    data = bytearray(path.read_bytes())
    start = 30 + len("a.jpg")
    for at in range(start + 10, start + 60):
        data[at] ^= 0xA5
    path.write_bytes(data)
    refs = members(path)
    assert [outcome(r) for r in refs] == [Outcome.UNDECODABLE, None]
    assert refs[0].failure is not None
    assert refs[0].failure[1].text.startswith("the member is damaged: ")
    assert Path(refs[1].path).read_bytes() == body


def test_an_encrypted_member_is_unsupported(tmp_path: Path) -> None:
    raw_named_zip(tmp_path / "x.zip", [b"secret.jpg"], flag=1)
    (ref,) = members(tmp_path / "x.zip")
    assert outcome(ref) is Outcome.UNSUPPORTED
    assert ref.failure is not None
    assert "encrypted" in ref.failure[1].text


def test_archives_that_cannot_be_opened(tmp_path: Path) -> None:
    """Each is one file with its outcome, never a traceback."""
    with zipfile.ZipFile(tmp_path / "whole.zip", "w") as archive:
        archive.writestr("a.jpg", b"a" * 100)
    whole = (tmp_path / "whole.zip").read_bytes()
    for name, data in {"empty": b"", "half": whole[: len(whole) // 2], "junk": b"PK\x03\x04" + b"\xff" * 300}.items():
        (tmp_path / f"{name}.zip").write_bytes(data)
    for name in ("empty", "half", "junk", "gone"):
        path = tmp_path / f"{name}.zip"
        (ref,) = members(path)
        assert outcome(ref) is (Outcome.UNAVAILABLE if name == "gone" else Outcome.UNDECODABLE), name
        if path.exists():
            assert count_files(plan_source(path, tmp_path / "spool", 9)) == 1


def test_a_full_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.jpg", b"a" * 100)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(zips.tempfile, "mkstemp", full)
    with pytest.raises(StorageError, match="disk is full"):
        members(path)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_disk_that_fills_while_a_member_is_flushed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.jpg", b"a" * 100)  # less than a buffer: written when the file is closed
    spooled = tmp_path / "member"

    def to_full(*_: object, **__: object) -> tuple[int, str]:
        spooled.touch()
        return __import__("os").open("/dev/full", 1), str(spooled)

    monkeypatch.setattr(zips.tempfile, "mkstemp", to_full)
    with pytest.raises(StorageError, match="disk is full"):
        members(path)


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
