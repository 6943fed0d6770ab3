"""Every frame of every format that has several; expected pixels are those that went in."""

from __future__ import annotations

import hashlib
import io
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.core.errors import TooLargeError, UndecodableError
from pipeline.core.geometry import Bgr
from pipeline.core.outcome import Outcome
from pipeline.core.records import ImageRef, Settings
from pipeline.frames import animation
from pipeline.frames.animation import all_frames, frame_count, iter_frames
from pipeline.pixels.decode import decode
from pipeline.pixels.sniff import HEAD, may_have_frames
from tests.pipeline.heif import heic
from tests.pipeline.photos import encoded, head_jpeg
from tests.pipeline.pixels.test_formats import picture, tagged, upright

SETTINGS = Settings()


def moving(count: int = 4) -> list[Bgr]:
    """RGB: a yellow square walks over a blue field, few colours so that a GIF keeps them."""
    shots = []
    for number in range(count):
        rgb = np.zeros((40, 60, 3), np.uint8)
        rgb[:] = (0, 0, 200)
        rgb[10:20, 10 * number : 10 * number + 10] = (250, 220, 0)
        shots.append(rgb)
    return shots


def animated(kind: str, shots: list[Bgr], **options: object) -> bytes:
    first, *rest = [Image.fromarray(rgb) for rgb in shots]
    return encoded(first, kind, save_all=True, append_images=rest, **options)


KINDS = [
    ("GIF", {"duration": 40}, 0), ("GIF", {"duration": 40, "disposal": 2}, 0), ("PNG", {}, 0), ("TIFF", {}, 0),
    ("TIFF", {"compression": "tiff_lzw"}, 0), ("WEBP", {"lossless": True, "duration": 40}, 0),
    ("AVIF", {"quality": 100, "subsampling": "4:4:4"}, 8),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "options", "most"), KINDS)
def test_every_frame(kind: str, options: dict[str, object], most: int) -> None:
    shots = moving()
    data = animated(kind, shots, **options)
    assert may_have_frames(data[:HEAD])
    got = list(iter_frames(data, "x", SETTINGS))
    assert [(f.number, f.count) for f in got] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    for frame, rgb in zip(got, shots, strict=True):
        assert frame.bgr.shape == rgb.shape
        assert np.abs(frame.bgr[:, :, ::-1].astype(int) - rgb).max() <= most
    assert np.array_equal(decode(data, "x", SETTINGS).bgr, got[0].bgr)


def test_every_picture_of_a_heic() -> None:
    shots = [picture(), picture()[::-1], picture()[:, ::-1]]
    data = heic(shots)
    assert may_have_frames(data[:HEAD])
    for frame, rgb in zip(iter_frames(data, "x", SETTINGS), shots, strict=True):
        assert np.abs(frame.bgr[:, :, ::-1].astype(int) - rgb).max() <= 8


def test_pages_of_a_tiff_have_their_own_sizes_and_orientations() -> None:
    stream = io.BytesIO()
    with_tags = [Image.fromarray(picture(20 + 2 * o, 14)) for o in range(1, 9)]
    for orientation, page in enumerate(with_tags, 1):
        page.encoderinfo = {"tiffinfo": {0x0112: orientation}}  # type: ignore[attr-defined]
    with_tags[0].save(stream, "TIFF", save_all=True, append_images=with_tags[1:], tiffinfo={0x0112: 1})
    got = list(iter_frames(stream.getvalue(), "x", SETTINGS))
    assert len(got) == 8
    for orientation, frame in enumerate(got, 1):
        expected = upright(picture(20 + 2 * orientation, 14), orientation)
        assert np.array_equal(frame.bgr[:, :, ::-1], expected)


def test_pages_of_an_mpo_are_jpegs_of_their_own() -> None:
    pages = [Image.fromarray(picture()), Image.fromarray(picture()[::-1])]
    data = encoded(pages[0], "MPO", save_all=True, append_images=pages[1:], exif=tagged(6), quality=98, subsampling=0)
    first, second = (f.bgr[:, :, ::-1].astype(int) for f in iter_frames(data, "x", SETTINGS))
    assert np.abs(first - upright(picture(), 6)).max() <= 4
    assert np.abs(second - upright(picture()[::-1], 6)).max() <= 12  # Pillow writes it at its usual quality
    half = data[:-300] + b"\xff\xd9"
    with pytest.raises(UndecodableError, match="frame 2 of 2"):
        list(iter_frames(half, "x", SETTINGS))


def test_smaller_copies_are_no_pages() -> None:
    """Cameras put a preview behind their JPEG, pyramids put smaller levels behind a TIFF."""
    data = animated("MPO", [picture(), picture(32, 24)], quality=90)
    kind = data.index(b"\0\0\0\0", data.index(b"MPF\0"))
    with Image.open(io.BytesIO(data)) as image:
        second = image.mpinfo[0xB002][1]
    entry = second["Size"].to_bytes(4, "little") + second["DataOffset"].to_bytes(4, "little")
    order = "little" if entry in data else "big"
    at = data.index(second["Size"].to_bytes(4, order) + second["DataOffset"].to_bytes(4, order)) - 4
    assert at > kind
    preview = data[:at] + (0x010001).to_bytes(4, order) + data[at + 4 :]
    assert [f.count for f in iter_frames(data, "x", SETTINGS)] == [2, 2]
    assert [f.count for f in iter_frames(preview, "x", SETTINGS)] == [1]
    levels = [Image.fromarray(picture()), Image.fromarray(picture(32, 24))]
    levels[1].encoderinfo = {"tiffinfo": {254: 1}}  # type: ignore[attr-defined]
    stream = io.BytesIO()
    levels[0].save(stream, "TIFF", save_all=True, append_images=levels[1:])
    assert [f.count for f in iter_frames(stream.getvalue(), "x", SETTINGS)] == [1]


@pytest.mark.parametrize("data", [encoded(Image.fromarray(picture()), k) for k in ("PNG", "WEBP", "AVIF", "BMP", "ICO")]
                         + [head_jpeg(), b"", b"\xff\xd8", b"RIFF\0\0\0\0WEBPVP8X", b"words"])  # fmt: skip
def test_most_photos_are_told_by_their_first_bytes(data: bytes) -> None:
    assert not may_have_frames(data[:HEAD])


def test_frames_are_counted_without_being_decoded() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (2, 60, 80, 3), np.uint8)
    whole = encoded(Image.fromarray(noise[0]), "TIFF")
    assert frame_count(whole, "x", SETTINGS) == 1
    hurt = animated("TIFF", list(noise)).replace(noise[1].tobytes()[:3000], bytes(3000))
    assert frame_count(hurt, "x", SETTINGS) == 2
    assert frame_count(head_jpeg()[:3000], "x", SETTINGS) == 1
    with pytest.raises(UndecodableError):
        frame_count(b"GIF89a\0\x01\xff no more", "x", SETTINGS)


def test_each_frame_passes_the_caps() -> None:
    small, large = Image.fromarray(picture(10, 10)), Image.fromarray(picture(40, 40))
    data = encoded(small, "TIFF", save_all=True, append_images=[large])
    got = []
    with pytest.raises(TooLargeError, match="frame 2 of 2: the picture has 40 x 40"):
        got.extend(iter_frames(data, "x", Settings(max_pixels=1000)))
    assert len(got) == 1


def test_there_is_an_end_to_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    data = animated("GIF", moving(5))
    for name, value in (("MOST_FRAMES", 3), ("MOST_PIXELS", 60 * 40 * 2)):
        with monkeypatch.context() as patch:
            patch.setattr(animation, name, value)
            got = []
            with pytest.raises(TooLargeError, match="frame 4 of 5"):
                got.extend(iter_frames(data, "x", SETTINGS))
            assert len(got) == 3


def ref_to(path: Path, data: bytes, *, spooled: bool = False) -> ImageRef:
    path.write_bytes(data)
    return ImageRef(str(path), f"place/{path.name}", len(data), 7, "smile", spooled)


def test_frames_become_refs(tmp_path: Path) -> None:
    data = animated("GIF", moving(3))
    refs = list(all_frames(ref_to(tmp_path / "动.gif", data, spooled=True), tmp_path / "spool", SETTINGS))
    assert [r.location for r in refs] == ["place/动.gif#1", "place/动.gif#2", "place/动.gif#3"]
    assert {(r.group, r.mtime_ns, r.proposal, r.spooled) for r in refs} == {
        (hashlib.sha256(data).hexdigest(), 7, "smile", True)
    }
    for ref, rgb in zip(refs, moving(3), strict=True):
        with Image.open(ref.path) as image:
            assert image.format == "PNG"
            assert np.array_equal(np.asarray(image), rgb)
    assert not (tmp_path / "动.gif").exists()  # a spooled file was the run's own


def test_one_picture_stays_what_it_is(tmp_path: Path) -> None:
    for data in (animated("GIF", moving(1)), b"GIF89a\0\x01\xff no more", head_jpeg()):
        ref = ref_to(tmp_path / "x.gif", data)
        (same,) = all_frames(ref, tmp_path / "spool", SETTINGS)
        assert same.location == ref.location
        assert (same == ref) is (data != b"GIF89a\0\x01\xff no more")
    assert same.group == ""


def test_damage_after_good_frames_is_told(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (3, 60, 80, 3), np.uint8)
    data = animated("TIFF", list(noise))
    refs = list(all_frames(ref_to(tmp_path / "x.tif", data[: len(data) * 2 // 5]), tmp_path / "spool", SETTINGS))
    assert refs[-1].failure is not None
    assert refs[-1].failure[0] is Outcome.UNDECODABLE
    assert refs[-1].location == "place/x.tif"
    assert (tmp_path / "x.tif").exists()


def test_a_broken_animation_is_undecodable() -> None:
    with pytest.raises(UndecodableError):
        list(iter_frames(animated("GIF", moving())[:200], "x.gif", SETTINGS))


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_an_animation_of_large_frames_is_refused_by_its_header(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    data = animated(kind, moving())
    monkeypatch.setattr(animation, "MOST_OF_ANIMATED", 60 * 40)
    assert len(list(iter_frames(data, "x", SETTINGS))) == 4
    monkeypatch.setattr(animation, "MOST_OF_ANIMATED", 60 * 40 - 1)
    for read in (lambda: frame_count(data, "x", SETTINGS), lambda: list(iter_frames(data, "x", SETTINGS))):
        with pytest.raises(TooLargeError, match="60 x 40"):
            read()
    assert decode(data, "x", SETTINGS).bgr.shape == (40, 60, 3)  # its first picture is a photo like others


def test_a_frame_may_be_no_larger_than_an_animation_s(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pillow makes the picture as large as a GIF's frame asks, whatever the screen in the file's head."""
    data = bytearray(animated("GIF", moving(3), disposal=2))
    screen, first = 6, data.index(b",")
    second = data.index(b",", data.index(b"\0", first + 11))
    while data[second : second + 9] != b",\0\0\0\0" + struct.pack("<HH", 60, 40):
        second = data.index(b",", second + 1)
    struct.pack_into("<HH", data, second + 5, 80, 50)
    assert struct.unpack_from("<HH", data, screen) == (60, 40)
    monkeypatch.setattr(animation, "MOST_OF_ANIMATED", 80 * 50 - 1)
    got = []
    with pytest.raises(TooLargeError, match="frame 2 of 3: the picture has 80 x 50"):
        got.extend(iter_frames(bytes(data), "x", SETTINGS))
    assert [frame.bgr.shape for frame in got] == [(40, 60, 3)]
