"""JPEG, WebP and GIF whose end is cut off: read where every pixel is there, refused where one may lack."""

from __future__ import annotations

import struct
from typing import Final

import numpy as np
import pytest
from PIL import Image

from pipeline.core.errors import UndecodableError
from pipeline.core.outcome import Outcome
from pipeline.core.records import ImageRef, Settings
from pipeline.pixels.decode import decode
from pipeline.pixels.formats.cut_ends import jpeg_with_end, webp_with_end
from pipeline.run.process_image import process_image
from tests.pipeline.photos import astronaut, encoded, rgb_of

SETTINGS: Final = Settings()
PHOTO: Final = Image.fromarray(rgb_of(astronaut())).resize((203, 131))
JPEGS: Final = {
    "baseline": {}, "progressive": {"progressive": True}, "restarts": {"restart_marker_rows": 1},
    "full colour": {"subsampling": 0, "quality": 98}, "progressive, full": {"progressive": True, "subsampling": 0},
}  # fmt: skip
EXIF: Final = b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0"


def jpeg(name: str, mode: str = "RGB") -> bytes:
    return encoded(PHOTO.convert(mode), "JPEG", **JPEGS[name])


def scan_starts(data: bytes) -> list[int]:
    """Where each SOS begins."""
    return [at for at in range(len(data) - 1) if data[at : at + 2] == b"\xff\xda"]


@pytest.mark.parametrize("name", JPEGS)
@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("left", [b"", b"\xff", b"\0", b"\xff\0\0\0", bytes(4096)])
def test_a_jpeg_without_its_end_marker(name: str, mode: str, left: bytes) -> None:
    data = jpeg(name, mode)
    decoded = decode(data[:-2] + left, "x.jpg", SETTINGS)
    assert np.array_equal(decoded.bgr, decode(data, "x.jpg", SETTINGS).bgr)
    assert decoded.end_cut_off
    assert not decoded.intact_jpeg  # a browser shows it, a stricter reader does not: a whole one is stored beside it


@pytest.mark.parametrize("name", JPEGS)
def test_any_more_that_lacks_is_refused(name: str) -> None:
    data = jpeg(name)
    for less in (*range(4, 40), *range(40, len(data) - 1200, 311)):
        with pytest.raises(UndecodableError, match="damaged"):
            decode(data[:-less], "x.jpg", SETTINGS)


@pytest.mark.parametrize("name", ["progressive", "progressive, full"])
def test_a_progressive_jpeg_that_ends_between_two_scans_is_refused(name: str) -> None:
    data = jpeg(name)
    starts = scan_starts(data)
    assert len(starts) > 5
    for at in starts[1:]:
        before = data.rfind(b"\xff\xc4", 0, at)  # the tables of the scan belong to it
        for end in (at, at + 2, before):
            with pytest.raises(UndecodableError):
                decode(data[:end], "x.jpg", SETTINGS)


@pytest.mark.parametrize("options", [{}, {"no_jp2": True}, {"tile_size": (64, 64)}, {"irreversible": True}])
@pytest.mark.parametrize("less", [1, 2])
def test_a_jpeg_2000_without_its_end_marker(options: dict[str, object], less: int) -> None:
    data = encoded(PHOTO, "JPEG2000", **options)
    decoded = decode(data[:-less], "x.jp2", SETTINGS)
    assert np.array_equal(decoded.bgr, decode(data, "x.jp2", SETTINGS).bgr)
    assert decoded.end_cut_off
    for more in (3, 4, 20, 400):
        with pytest.raises(UndecodableError, match="damaged"):
            decode(data[:-more], "x.jp2", SETTINGS)


def one_scan_each(data: bytes) -> bytes:
    """A grey baseline JPEG of whose three components only the first has its scan."""
    at = data.index(b"\xff\xc0")
    length = int.from_bytes(data[at + 2 : at + 4], "big")
    head = data[at + 4 : at + 9]
    frame = head + b"\3" + b"".join(bytes((n, 0x11, 0)) for n in (1, 2, 3))
    return data[:at] + b"\xff\xc0" + struct.pack(">H", len(frame) + 2) + frame + data[at + 2 + length :]


def test_a_baseline_jpeg_whose_colours_never_came_is_refused() -> None:
    """libjpeg fills them with grey and says nothing once an end marker is put on."""
    data = one_scan_each(jpeg("baseline", "L"))
    assert decode(data, "x.jpg", SETTINGS).bgr.shape == (131, 203, 3)
    with pytest.raises(UndecodableError):
        decode(data[:-2], "x.jpg", SETTINGS)
    assert jpeg_with_end(data[:-2]) is None


def test_half_a_photo_filled_up_with_zeros_is_refused() -> None:
    data = jpeg("baseline")
    for share in (0.3, 0.6, 0.95):
        keep = int(len(data) * share)
        with pytest.raises(UndecodableError):
            decode(data[:keep] + bytes(len(data) - keep), "x.jpg", SETTINGS)


@pytest.mark.parametrize("less", [1, 2, 5, 17, 20, 22])
def test_a_webp_that_ends_within_its_exif(less: int) -> None:
    for lossless in (True, False):
        data = encoded(PHOTO, "WEBP", exif=EXIF, lossless=lossless)
        decoded = decode(data[:-less], "x.webp", SETTINGS)
        assert np.array_equal(decoded.bgr, decode(data, "x.webp", SETTINGS).bgr)
        assert decoded.end_cut_off


def test_a_webp_of_an_odd_length_without_its_padding() -> None:
    noise = np.random.default_rng(3)
    odd = 0
    for size in range(8, 40):
        data = encoded(Image.fromarray(noise.integers(0, 256, (size, 9, 3), np.uint8)), "WEBP", lossless=True)
        if int.from_bytes(data[16:20], "little") % 2:
            odd += 1
            decoded = decode(data[:-1], "x.webp", SETTINGS)
            assert np.array_equal(decoded.bgr, decode(data, "x.webp", SETTINGS).bgr)
            assert decoded.end_cut_off
            data = data[:-1]
        for less in (1, 2, 30):
            assert webp_with_end(data[:-less]) is None
            with pytest.raises(UndecodableError):
                decode(data[:-less], "x.webp", SETTINGS)
    assert odd > 3


def test_a_gif_without_its_trailer() -> None:
    data = encoded(PHOTO, "GIF")
    whole = decode(data, "x.gif", SETTINGS)
    for left in (b"", b"\0", bytes(100)):
        decoded = decode(data[:-1] + left, "x.gif", SETTINGS)
        assert np.array_equal(decoded.bgr, whole.bgr)
        assert decoded.end_cut_off
    assert not whole.end_cut_off
    assert not decode(data + b"bytes behind it", "x.gif", SETTINGS).end_cut_off
    with pytest.raises(UndecodableError):
        decode(data[:-40], "x.gif", SETTINGS)


def test_a_bmp_without_the_padding_of_its_last_row() -> None:
    data = encoded(PHOTO, "BMP")  # 203 x 3 bytes a row: 3 of padding
    for less in (1, 2, 3):
        assert np.array_equal(decode(data[:-less], "x.bmp", SETTINGS).bgr, decode(data, "x.bmp", SETTINGS).bgr)
    with pytest.raises(UndecodableError):
        decode(data[:-4], "x.bmp", SETTINGS)


@pytest.mark.parametrize(("kind", "less"), [("JPEG", 2), ("PNG", 12), ("GIF", 1)])
def test_the_outcome_says_so(kind: str, less: int, tmp_path) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "photo"
    file.write_bytes(encoded(Image.fromarray(rgb_of(astronaut())), kind)[:-less])
    outcome = process_image(ImageRef(str(file), str(file), file.stat().st_size), SETTINGS)
    assert outcome.outcome is Outcome.ADDED
    assert str(outcome.reason) == "faces: 1; the end of the file is cut off, its picture is whole"
    assert outcome.unified is not None
