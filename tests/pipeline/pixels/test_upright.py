"""Large pictures are converted in bands of rows: the same pixels as in one piece, for less memory."""

from __future__ import annotations

import io
import tracemalloc

import numpy as np
import pytest
from PIL import Image

from pipeline.pixels import upright
from pipeline.pixels.upright import upright_bgr

RGB = np.random.default_rng(5).integers(0, 256, (37, 20, 3)).astype(np.uint8)


def opened(mode: str, kind: str, **options: object) -> Image.Image:
    image = Image.fromarray(RGB)
    if mode in ("RGBA", "LA"):
        image.putalpha(Image.fromarray(RGB[..., 1]))
    out = io.BytesIO()
    image.convert(mode).save(out, kind, **options)
    return Image.open(io.BytesIO(out.getvalue()))


@pytest.mark.parametrize("rows", [1, 5, 36])
@pytest.mark.parametrize(
    ("mode", "kind", "options"),
    [
        ("RGB", "PNG", {}), ("L", "PNG", {}), ("1", "PNG", {}), ("P", "PNG", {}), ("P", "GIF", {"transparency": 3}),
        ("P", "PNG", {"transparency": bytes(range(256))}), ("RGB", "PNG", {"transparency": tuple(RGB[3, 3].tolist())}),
        ("RGBA", "PNG", {}), ("LA", "PNG", {}), ("RGBA", "TGA", {}), ("RGB", "BMP", {}),
        ("L", "TIFF", {}), ("RGBA", "TIFF", {}), ("CMYK", "JPEG", {}), ("I;16", "PNG", {}),
    ],
)  # fmt: skip
def test_bands_are_the_same_pixels(
    monkeypatch: pytest.MonkeyPatch, mode: str, kind: str, options: dict[str, object], rows: int
) -> None:
    if mode == "I;16":
        out = io.BytesIO()
        Image.fromarray(RGB[..., 0].astype(np.uint16) * 200).save(out, kind)
        images = [Image.open(io.BytesIO(out.getvalue())) for _ in range(2)]
    else:
        images = [opened(mode, kind, **options) for _ in range(2)]
    whole = upright_bgr(images[0])
    monkeypatch.setattr(upright, "_BAND_PIXELS", rows * 20)
    np.testing.assert_array_equal(upright_bgr(images[1]), whole)


@pytest.mark.parametrize("kind", ["TGA", "TIFF"])
@pytest.mark.parametrize("used", [True, False])
def test_whether_alpha_is_used_is_told_by_the_whole_picture(
    monkeypatch: pytest.MonkeyPatch, kind: str, used: bool
) -> None:
    """A band without alpha is nothing where another one has some; where none has, nobody wrote it."""
    alpha = np.zeros(RGB.shape[:2], np.uint8)
    alpha[30:] = 255 * used
    image, out = Image.fromarray(RGB), io.BytesIO()
    image.putalpha(Image.fromarray(alpha))
    image.save(out, kind)
    monkeypatch.setattr(upright, "_BAND_PIXELS", 5 * 20)
    shown = np.where(alpha[..., None] == 0, 255, RGB) if used else RGB
    np.testing.assert_array_equal(upright_bgr(Image.open(io.BytesIO(out.getvalue())))[..., ::-1], shown)


def test_sixteen_bits_take_no_more_than_a_copy() -> None:
    """Numbers of eight bytes took 29 bytes a pixel: 1.4 GB of a photo of 50 megapixels."""
    out = io.BytesIO()
    Image.fromarray(np.zeros((1500, 2000), np.uint16)).save(out, "PNG")
    image = Image.open(io.BytesIO(out.getvalue()))
    image.load()
    tracemalloc.start()
    try:
        shape = upright_bgr(image).shape
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert shape == (1500, 2000, 3)
    assert peak < 8 * 1500 * 2000
