from __future__ import annotations

import struct

import pytest

from pipeline.pixels.formats.heif_boxes import brands_of, has_movie, has_picture, is_still, kinds_of_items


def box(kind: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I", 8 + len(body)) + kind + body


def ftyp(major: bytes, *others: bytes) -> bytes:
    return box(b"ftyp", major + bytes(4) + b"".join(others))


def hdlr(handler: bytes) -> bytes:
    return box(b"hdlr", bytes(8) + handler + bytes(13))


def infe(kind: bytes, version: int) -> bytes:
    number = struct.pack(">H" if version == 2 else ">I", 1)
    return box(b"infe", bytes([version, 0, 0, 0]) + number + bytes(2) + kind + b"\0")


def iinf(version: int, *entries: bytes) -> bytes:
    count = struct.pack(">H" if version == 0 else ">I", len(entries))
    return box(b"iinf", bytes([version, 0, 0, 0]) + count + b"".join(entries))


PICTURES = box(b"meta", bytes(4) + hdlr(b"pict") + iinf(0, infe(b"hvc1", 2), infe(b"Exif", 2)))
SONG = box(b"meta", bytes(4) + hdlr(b"mdir"))
TRACK = box(b"moov", box(b"mvhd"))


@pytest.mark.parametrize(("data", "still"), [
    (ftyp(b"what") + PICTURES, True), (ftyp(b"isom") + box(b"free", bytes(99)) + PICTURES, True),
    (ftyp(b"isom") + SONG + TRACK, False), (ftyp(b"isom", b"mif1") + TRACK, False), (ftyp(b"mp42"), False),
    (ftyp(b"hevc") + TRACK, False), (ftyp(b"hevc") + PICTURES + TRACK, True), (ftyp(b"hevc"), True),
    (ftyp(b"avis") + TRACK, True), (ftyp(b"miaf"), True), (ftyp(b"crx ") + TRACK, False), (b"", False),
    (PICTURES, False), (b"\0\0\0\x18ftypheic", True), (b"\0\0\0\0ftypwhat", False),
])  # fmt: skip
def test_pictures_and_movies(data: bytes, still: bool) -> None:
    assert is_still(data) is still


def test_what_a_file_says_that_it_is() -> None:
    assert brands_of(ftyp(b"heic", b"mif1", b"MiHB") + PICTURES) == {b"heic", b"mif1", b"MiHB"}
    assert (has_picture(ftyp(b"heic") + PICTURES), has_movie(ftyp(b"heic") + PICTURES)) == (True, False)
    assert (has_picture(ftyp(b"qt  ") + TRACK), has_movie(ftyp(b"qt  ") + TRACK)) == (False, True)


@pytest.mark.parametrize(("list_version", "entry_version"), [(0, 2), (0, 3), (1, 2), (1, 3)])
def test_how_the_items_are_coded(list_version: int, entry_version: int) -> None:
    entries = [infe(kind, entry_version) for kind in (b"grid", b"av01", b"av01", b"Exif")]
    data = ftyp(b"mif1") + box(b"meta", bytes(4) + hdlr(b"pict") + iinf(list_version, *entries))
    assert kinds_of_items(data) == {b"grid", b"av01", b"Exif"}
    assert kinds_of_items(data[:-20]) == {b"grid", b"av01"}  # cut off within the last one
    assert kinds_of_items(ftyp(b"mif1") + box(b"meta", bytes(4) + hdlr(b"pict"))) == set()
    assert kinds_of_items(ftyp(b"mif1") + SONG) == set()


@pytest.mark.parametrize("size", [1, 0])
def test_boxes_of_64_bits_and_to_the_end(size: int) -> None:
    body = bytes(4) + hdlr(b"pict") + iinf(0, infe(b"hvc1", 2))
    wide = struct.pack(">I4sQ", 1, b"meta", 16 + len(body)) if size else struct.pack(">I4s", 0, b"meta")
    assert kinds_of_items(ftyp(b"mif1") + wide + body) == {b"hvc1"}


def test_a_box_that_claims_nonsense_ends_the_walk() -> None:
    assert not is_still(ftyp(b"isom") + struct.pack(">I4s", 3, b"free") + PICTURES)
    assert not is_still(ftyp(b"isom") + struct.pack(">I4sQ", 1, b"free", 2) + PICTURES)
