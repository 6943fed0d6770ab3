"""Small valid photos, animations and clips, one of each format and variant that the decode gate lets in."""

from __future__ import annotations

import struct
import tempfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image

from tests.pipeline.clips import numbered, write_clip
from tests.pipeline.heif import heic
from tests.pipeline.photos import astronaut, encoded, rgb_of
from tests.pipeline.pixels.test_formats import psd
from tests.pipeline.tiff import bits_of, grey_tiff, packbits, tiff

SIDES: Final = (62, 40)
"""Pixels; even, as HEVC has it."""
CLIP_SIDES: Final = (160, 96)


def photos() -> Mapping[str, tuple[str, bytes]]:
    """By format: the file's name and its bytes."""
    rgb = Image.fromarray(rgb_of(astronaut())[60:220, 170:290]).resize(SIDES)
    return {**_plain(rgb), **_several(rgb), **_tiffs(rgb), **_by_hand(rgb)}


def _plain(rgb: Image.Image) -> dict[str, tuple[str, bytes]]:
    exif = Image.Exif()
    exif[0x0112] = 6
    clear = rgb.copy()
    clear.putalpha(rgb.convert("L"))
    made: dict[str, tuple[Image.Image, str, dict[str, Any]]] = {
        "jpeg": (rgb, "JPEG", {"exif": exif.tobytes()}),
        "jpeg-progressive": (rgb, "JPEG", {"progressive": True, "quality": 60}),
        "jpeg-cmyk": (rgb.convert("CMYK"), "JPEG", {}),
        "jpeg-grey": (rgb.convert("L"), "JPEG", {}),
        "png": (rgb, "PNG", {}),
        "png-alpha": (clear, "PNG", {"exif": exif.tobytes()}),
        "png-palette": (rgb.quantize(16), "PNG", {}),
        "png-16": (Image.fromarray((np.asarray(rgb.convert("L")).astype(np.uint16)) * 257), "PNG", {}),
        "webp": (rgb, "WEBP", {"exif": exif.tobytes()}),
        "webp-lossless": (clear, "WEBP", {"lossless": True}),
        "avif": (rgb, "AVIF", {"quality": 50}),
        "gif": (rgb.quantize(32), "GIF", {}),
        "bmp": (rgb, "BMP", {}),
        "bmp-palette": (rgb.quantize(16), "BMP", {}),
        "ppm": (rgb, "PPM", {}),
        "ico": (clear, "ICO", {"sizes": [(32, 32), (16, 16)]}),
        "tga": (rgb, "TGA", {}),
        "tga-packed": (rgb.quantize(16), "TGA", {"compression": "tga_rle"}),
        "jpeg2000": (rgb, "JPEG2000", {}),
        "jpeg2000-tiles": (rgb, "JPEG2000", {"tile_size": (32, 32), "no_jp2": True}),
    }
    suffix = {"jpeg2000": ".jp2", "tga": ".tga", "ico": ".ico"}
    return {
        name: (f"x{suffix.get(name.partition('-')[0], '.jpg')}", encoded(image, kind, **options))
        for name, (image, kind, options) in made.items()
    }


def _several(rgb: Image.Image) -> dict[str, tuple[str, bytes]]:
    plain = Image.new("RGB", rgb.size, "white")
    rest = {"save_all": True, "append_images": [rgb, rgb.rotate(180)], "duration": 40}
    return {
        "gif-animated": ("x.gif", encoded(plain, "GIF", **rest)),
        "apng": ("x.png", encoded(plain, "PNG", **rest)),
        "webp-animated": ("x.webp", encoded(plain, "WEBP", **rest)),
        "avif-animated": ("x.avif", encoded(plain, "AVIF", **rest)),
        "mpo": ("x.mpo", encoded(rgb, "MPO", save_all=True, append_images=[rgb])),
    }


def _tiffs(rgb: Image.Image) -> dict[str, tuple[str, bytes]]:
    grey = np.asarray(rgb.convert("L")).astype(np.int64)
    made = {
        f"tiff-{kind}": encoded(rgb, "TIFF", compression=kind)
        for kind in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg")
    }
    made["tiff-g4"] = encoded(rgb.convert("1"), "TIFF", compression="group4")
    made["tiff-pages"] = encoded(rgb, "TIFF", save_all=True, append_images=[rgb])
    made["tiff-12-bits"] = grey_tiff(grey * 16, 12, rows=8)
    made["tiff-16-packbits"] = grey_tiff(grey * 257, 16, order=">", rows=8, packer=packbits, t259=32773)
    made["tiff-deflate-predictor"] = grey_tiff(grey * 257, 16, packer=zlib.compress, t259=8, t317=2)
    tiles = [bits_of(np.full((32, 32), 5), 4)] * 4
    tags = {256: 62, 257: 40, 258: 4, 259: 1, 262: 1, 277: 1, 322: 32, 323: 32}
    made["bigtiff-tiles"] = tiff(tags, tiles, big=True)
    return {name: ("x.tif", data) for name, data in made.items()}


def _by_hand(rgb: Image.Image) -> dict[str, tuple[str, bytes]]:
    pixels = np.asarray(rgb)
    found = {
        "psd": ("x.psd", psd(pixels)),
        "psd-packed": ("x.psd", psd(pixels, packed=True)),
        "jpeg-in-bmp": ("x.bmp", b"BM" + struct.pack("<IHHI", 200, 0, 0, 54) + encoded(rgb, "BMP")[14:]),
    }
    try:
        import pi_heif  # type: ignore[import-untyped]  # noqa: F401
    except ImportError:
        return found  # HEIC has an extra of its own: without it such a file is refused by its first bytes
    return {**found, "heic": ("x.heic", heic([pixels, pixels], turns=1))}


def clips() -> Mapping[str, tuple[str, bytes]]:
    """Of a few frames, by container."""
    frames = [numbered(number, *CLIP_SIDES) for number in range(6)]
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, suffix, codec in (("mp4", ".mp4", "libx264"), ("webm", ".webm", "libvpx"), ("avi", ".avi", "mpeg4")):
            path = write_clip(Path(folder, f"x{suffix}"), frames, [40 * n for n in range(6)], codec=codec)
            found[f"video-{name}"] = (path.name, path.read_bytes())
    return found
