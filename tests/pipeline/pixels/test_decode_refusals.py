"""What the decode gate refuses, and what it says."""

from __future__ import annotations

import hashlib
import itertools
import os
import stat
import zlib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pipeline.core.errors import TooLargeError, UnavailableError, UndecodableError, UnsupportedError
from pipeline.core.records import Settings
from pipeline.frames.animation import iter_frames
from pipeline.pixels.decode import MOST_A_SIDE, decode, load_upright, read_capped
from tests.pipeline.heif import heic
from tests.pipeline.photos import astronaut, bomb_png, encoded, hopper, rgb_of
from tests.pipeline.pixels.test_formats import psd

SETTINGS = Settings()
PHOTO = Image.fromarray(rgb_of(astronaut())).resize((61, 40))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF", "JPEG2000"])
@pytest.mark.parametrize("share", [0.5, 0.9])
def test_a_part_of_an_image_is_undecodable(kind: str, share: float) -> None:
    data = encoded(Image.fromarray(rgb_of(astronaut())), kind)
    with pytest.raises(UndecodableError, match="damaged"):
        decode(data[: int(len(data) * share)], f"x.{kind.lower()}", SETTINGS)


@pytest.mark.parametrize("progressive", [False, True])
def test_half_a_jpeg_is_undecodable(progressive: bool) -> None:
    data = encoded(Image.fromarray(rgb_of(hopper())), "JPEG", progressive=progressive)
    for share in (0.05, 0.3, 0.5, 0.95):
        with pytest.raises(UndecodableError):
            decode(data[: int(len(data) * share)], "x.jpg", SETTINGS)


def test_empty_garbage_and_foreign_files() -> None:
    with pytest.raises(UndecodableError, match="empty"):
        decode(b"", "x.jpg", SETTINGS)
    with pytest.raises(UndecodableError, match="header"):
        decode(bytes(range(1, 250)) * 4, "x.jpg", SETTINGS)
    with pytest.raises(UnsupportedError, match="not an image"):
        decode(bytes(range(1, 250)) * 4, "notes.txt", SETTINGS)
    with pytest.raises(UnsupportedError, match="web page"):
        decode(b"\n <!DOCTYPE html><html><body>404</body></html>", "photo.jpg", SETTINGS)
    with pytest.raises(UnsupportedError, match="SVG"):
        decode(b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "x.png", SETTINGS)
    with pytest.raises(UnsupportedError, match="a video, not a photo: `python -m pipeline video`"):
        decode(b"\0\0\0\x18ftypisom" + bytes(60), "x.jpg", SETTINGS)
    with pytest.raises(UnsupportedError, match="FITS"):
        decode(b"SIMPLE  =                    T".ljust(2880), "x.tif", SETTINGS)
    with pytest.raises(UnsupportedError, match="zip"):
        decode(b"PK\x03\x04" + b"\0" * 60, "x.jpg", SETTINGS)


def test_postscript_and_other_plugins_of_pillow_stay_shut() -> None:
    with pytest.raises(UnsupportedError, match="PDF"):
        decode(encoded(PHOTO, "PDF"), "x.jpg", SETTINGS)
    with pytest.raises(UnsupportedError, match="PostScript"):
        decode(encoded(PHOTO, "EPS"), "x.jpg", SETTINGS)
    with pytest.raises(UnsupportedError):
        decode(encoded(PHOTO, "SGI"), "x.rgb", SETTINGS)


def test_the_caps() -> None:
    data = encoded(PHOTO, "PNG")  # 61 x 40 = 2,440 pixels
    assert decode(data, "x", Settings(max_pixels=2440)).bgr.shape == (40, 61, 3)
    with pytest.raises(TooLargeError, match="61 x 40"):
        decode(data, "x", Settings(max_pixels=2439))
    assert decode(data, "x", Settings(max_bytes=len(data))).bgr.size
    with pytest.raises(TooLargeError, match="bytes"):
        decode(data, "x", Settings(max_bytes=len(data) - 1))


def test_more_pixels_than_pillow_itself_takes() -> None:
    head = encoded(Image.new("1", (1, 1)), "PNG")
    width = (60_000).to_bytes(4, "big")
    chunk = b"IHDR" + width + width + head[24:29]
    forged = head[:12] + chunk + zlib.crc32(chunk).to_bytes(4, "big") + head[33:]
    with pytest.raises(TooLargeError, match="pixels"):
        decode(forged, "x.png", SETTINGS)


def test_a_side_longer_than_a_jpeg_can_hold() -> None:
    assert decode(encoded(Image.new("L", (MOST_A_SIDE, 1)), "PNG"), "x", SETTINGS).bgr.shape[1] == 65_500
    with pytest.raises(TooLargeError, match="65,501"):
        decode(encoded(Image.new("L", (1, MOST_A_SIDE + 1)), "PNG"), "x", SETTINGS)


def test_a_length_of_four_gigabytes_is_refused() -> None:
    data = bomb_png()
    assert len(data) == 102
    assert b"\xff\xff\xff\xffIDAT" in data
    with pytest.raises(UndecodableError):
        decode(data, "x.png", SETTINGS)


def test_a_file_of_zeros_is_called_so() -> None:
    with pytest.raises(UndecodableError, match="zeros alone"):
        decode(bytes(5000), "x.jpg", SETTINGS)
    with pytest.raises(UndecodableError, match="header"):
        decode(bytes(5000) + b"\1", "x.jpg", SETTINGS)
    with pytest.raises(UnsupportedError):
        decode(bytes(5000), "x.bin", SETTINGS)


def test_read_capped(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_bytes(b"12345")
    assert read_capped(file, 5) == b"12345"
    with pytest.raises(TooLargeError, match="5 bytes"):
        read_capped(file, 4)
    with pytest.raises(UnavailableError):
        read_capped(tmp_path / "gone", 4)
    with pytest.raises(UnavailableError):
        read_capped(tmp_path, 4)


@pytest.mark.parametrize("size_told", [0, 3, 9])
def test_a_file_whose_size_is_told_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size_told: int) -> None:
    path = tmp_path / "growing"
    path.write_bytes(b"0123456789")
    told = SimpleNamespace(st_size=size_told, st_mtime_ns=1, st_mode=stat.S_IFREG)
    monkeypatch.setattr("pipeline.pixels.decode.os.fstat", lambda _: told)
    assert read_capped(path, 10) == b"0123456789"
    with pytest.raises(TooLargeError, match="10 bytes"):
        read_capped(path, 9)


def shorter(path: Path) -> None:
    os.truncate(path, 4)


def longer(path: Path) -> None:
    with path.open("ab") as stream:
        stream.write(b"more")


def others(path: Path) -> None:
    path.write_bytes(b"9876543210")
    os.utime(path, ns=(5, 5))


@pytest.mark.parametrize("change", [shorter, longer, others])
def test_a_file_that_changes_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], None]
) -> None:
    path = tmp_path / "x.jpg"
    path.write_bytes(b"0123456789")
    fstat, asked = os.fstat, itertools.count()

    def changing(descriptor: int) -> os.stat_result:
        told = fstat(descriptor)
        if next(asked) == 1:  # behind the look whether it is a file at all
            change(path)
        return told

    monkeypatch.setattr("pipeline.pixels.decode.os.fstat", changing)
    with pytest.raises(UnavailableError, match="changed while it was read"):
        read_capped(path, 100)
    assert next(asked) == 3


def test_load_upright_tells_the_hash(tmp_path: Path) -> None:
    decoded, sha256 = load_upright(hopper(), SETTINGS)
    assert sha256 == hashlib.sha256(hopper().read_bytes()).hexdigest()
    assert decoded.bgr.shape == rgb_of(hopper()).shape


SMALL = np.asarray(PHOTO.resize((32, 16)))
SEEDS = [encoded(PHOTO, k) for k in ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "ICO", "PPM", "AVIF", "TGA")]
SEEDS += [encoded(PHOTO, k, save_all=True, append_images=[PHOTO]) for k in ("GIF", "TIFF", "WEBP", "PNG", "MPO")]
SEEDS += [psd(SMALL), psd(SMALL, packed=True), heic([SMALL, SMALL], turns=1)]


@given(st.sampled_from(SEEDS), st.integers(0, 4000), st.binary(min_size=1, max_size=8), st.integers(0, 4000))
def test_damaged_bytes_end_in_an_image_or_a_named_refusal(data: bytes, at: int, junk: bytes, keep: int) -> None:
    at %= len(data)
    hurt = (data[:at] + junk + data[at + len(junk) :])[: max(1, len(data) - keep % 200)]
    caps = Settings(max_pixels=1_000_000)
    for look in (lambda: [decode(hurt, "x.tga", caps).bgr], lambda: [f.bgr for f in iter_frames(hurt, "x.tga", caps)]):
        told = ""
        try:
            told = str([bgr.shape for bgr in look()])
        except (UndecodableError, TooLargeError, UnsupportedError) as e:
            told = str(e)
        assert told
