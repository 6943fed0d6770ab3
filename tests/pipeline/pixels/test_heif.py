"""HEIF and AVIF by what their boxes list, whatever brand stands first."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

import av
import numpy as np
import pytest
from PIL import Image

from pipeline.core.errors import UnsupportedError
from pipeline.core.records import Settings
from pipeline.frames.options import VideoOptions
from pipeline.frames.video import frames_of
from pipeline.pixels.decode import decode
from pipeline.pixels.heif import as_reader_takes, reader_of
from pipeline.pixels.sniff import HEAD, is_video, may_have_frames
from tests.pipeline.heif import heic
from tests.pipeline.photos import astronaut, encoded, rgb_of

RGB: Final = np.asarray(Image.fromarray(rgb_of(astronaut())).resize((64, 48)))
SETTINGS: Final = Settings()
HEVC_NAMES: Final = (
    "heic", "mif1", "mif2", "miaf", "MiHB", "MiHE", "1pic", "heif", "jpeg", "avci", "hevc", "isom", "what"
)  # fmt: skip
AV1_NAMES: Final = ("avif", "avis", "mif1", "miaf", "MA1A", "MA1B", "1pic", "heic", "isom", "what")


def with_brand(data: bytes, brand: bytes) -> bytes:
    return data[:8] + brand + data[12:]


def difference(data: bytes) -> float:
    return float(np.abs(decode(data, "x.jpg", SETTINGS).bgr[..., ::-1].astype(int) - RGB).mean())


def track(brand: bytes) -> bytes:
    """Three pictures of HEVC one after the other, none of which stands for the file (ISO/IEC 23008-12, 7)."""
    stream = io.BytesIO()
    with av.open(stream, "w", "mp4") as container:
        video = container.add_stream("libx265", rate=1)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        video.options = {"x265-params": "log-level=none:qp=4:pools=1:frame-threads=1"}
        for _ in range(3):
            container.mux(video.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(RGB), "rgb24")))
        container.mux(video.encode(None))
    return with_brand(stream.getvalue(), brand)


@pytest.mark.parametrize("brand", HEVC_NAMES)
def test_a_picture_in_hevc_is_one_whatever_it_calls_itself(brand: str) -> None:
    data = heic(RGB, brand=brand.encode())
    assert (reader_of(data), is_video(data[:HEAD]), may_have_frames(data[:HEAD])) == ("HEIF", False, True)
    assert decode(data, "x.jpg", SETTINGS).format == "HEIF"
    assert difference(data) < 5


@pytest.mark.parametrize("brand", AV1_NAMES)
def test_a_picture_in_av1_is_one_whatever_it_calls_itself(brand: str) -> None:
    data = with_brand(encoded(Image.fromarray(RGB), "AVIF", quality=95), brand.encode())
    assert (reader_of(data), is_video(data[:HEAD])) == ("AVIF", False)
    assert decode(data, "x.jpg", SETTINGS).format == "AVIF"
    assert difference(data) < 5


def test_a_file_whose_brand_is_true_goes_to_its_reader_as_it_is() -> None:
    for data, reader in ((heic(RGB), "HEIF"), (encoded(Image.fromarray(RGB), "AVIF"), "AVIF")):
        assert reader_of(data) == reader
        assert as_reader_takes(data, reader_of(data) or "HEIF") is data


@pytest.mark.parametrize(("coding", "called"), [(b"jpeg", "JPEG"), (b"avc1", "H.264"), (b"j2k1", "JPEG 2000")])
def test_pixels_that_nobody_here_reads_are_named(coding: bytes, called: str) -> None:
    data = heic(RGB, brand=b"mif1", coding=coding)
    with pytest.raises(UnsupportedError, match=f"a HEIF photo whose pixels are {called} "):
        decode(data, "x.heic", SETTINGS)


@pytest.mark.parametrize("brand", [b"hevc", b"msf1", b"hevx"])
def test_a_track_of_pictures_alone_goes_by_its_frames(tmp_path: Path, brand: bytes) -> None:
    path = tmp_path / "x.heics"
    path.write_bytes(track(brand))
    with pytest.raises(UnsupportedError, match="takes frames from it"):
        decode(path.read_bytes(), path.name, SETTINGS)
    frames = list(frames_of(path, VideoOptions(), SETTINGS))
    assert len(frames) == 3
    assert np.abs(frames[0].bgr[..., ::-1].astype(int) - RGB).mean() < 8


def test_pictures_of_av1_one_after_the_other_are_an_animation() -> None:
    others = [Image.fromarray(255 - RGB)]
    data = encoded(Image.fromarray(RGB), "AVIF", quality=95, save_all=True, append_images=others)
    assert data[8:12] == b"avis"
    assert may_have_frames(data[:HEAD])
    assert decode(data, "x.avif", SETTINGS).has_more
    assert difference(data) < 5
