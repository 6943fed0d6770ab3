from __future__ import annotations

import stat
import struct
import zipfile
from pathlib import Path

import pytest

from pipeline.core.errors import StorageError
from pipeline.core.outcome import Outcome
from pipeline.core.records import ImageRef
from pipeline.sources import zips
from pipeline.sources.plan import plan_source
from pipeline.sources.walk import count_files
from pipeline.sources.zips import clear_spool, zip_members
from tests.pipeline.sources.zipped import members, raw_named_zip


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
