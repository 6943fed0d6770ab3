"""Real photos from installed packages (public domain), and files made of them."""

from __future__ import annotations

import io
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image

from pipeline.core.geometry import Bgr


def package_file(package: str, name: str) -> Path:
    spec = find_spec(package)
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(next(iter(spec.submodule_search_locations))) / name


def astronaut() -> Path:
    """512 x 512, one smiling face at about (175..280, 65..200)."""
    return package_file("skimage", "data/astronaut.png")


def hopper() -> Path:
    """A portrait, 512 x 600, JPEG."""
    return package_file("matplotlib", "mpl-data/sample_data/grace_hopper.jpg")


def coffee() -> Path:
    """600 x 400, a cup: no face."""
    return package_file("skimage", "data/coffee.png")


def rgb_of(path: Path) -> Bgr:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def bgr_of(path: Path) -> Bgr:
    return np.ascontiguousarray(rgb_of(path)[:, :, ::-1])


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


@cache
def head_jpeg() -> bytes:
    """The astronaut's head, 256 x 256: small, and its face is found."""
    with Image.open(astronaut()) as image:
        return encoded(image.convert("RGB").crop((96, 0, 352, 256)), "JPEG", quality=95)


def numbered_head(number: int) -> bytes:
    """The same face before another wall of coloured tiles for each number: different photos, none a near copy."""
    dice = np.random.default_rng(number)
    with Image.open(io.BytesIO(head_jpeg())) as head:
        wall = Image.fromarray(dice.integers(0, 256, (8, 8, 3), np.uint8)).resize((384, 384), Image.Resampling.NEAREST)
        wall.paste(head.resize((192, 192)), tuple(dice.integers(32, 160, 2).tolist()))
    return encoded(wall, "JPEG", quality=95)


def write_heads(folder: Path, count: int) -> list[Path]:
    """`count` different photos with one face each."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"head-{number:04}.jpg" for number in range(count)]
    for number, path in enumerate(paths):
        path.write_bytes(numbered_head(number))
    return paths


def bomb_png() -> bytes:
    """102 bytes: a PNG of 16 x 16 whose IDAT claims 4,294,967,295 bytes."""
    whole = encoded(Image.new("RGB", (16, 16), "red"), "PNG")
    head = whole[: whole.index(b"IDAT") - 4]
    return (head + b"\xff\xff\xff\xffIDAT" + whole[whole.index(b"IDAT") + 4 :] + b"\0" * 102)[:102]
