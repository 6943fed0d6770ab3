"""Animations that begin with nothing."""

from __future__ import annotations

import io
from typing import Final

import numpy as np
import pytest
from PIL import Image

from pipeline.core.outcome import Outcome
from pipeline.core.records import ImageRef, Settings
from pipeline.pixels.decode import decode
from pipeline.run.process_image import process_image
from tests.pipeline.photos import astronaut, encoded, rgb_of

SETTINGS: Final = Settings()
PHOTO: Final = Image.fromarray(rgb_of(astronaut())).resize((96, 80)).convert("RGBA")
CLEAR: Final = Image.new("RGBA", PHOTO.size, (0, 0, 0, 0))
HIDDEN: Final = Image.merge("RGBA", (*PHOTO.split()[:3], Image.new("L", PHOTO.size, 0)))
"""The photo, but quite transparent."""


def plain(*colour: int) -> Image.Image:
    return Image.new("RGBA", PHOTO.size, colour)


def animation(kind: str, frames: list[Image.Image]) -> bytes:
    options: dict[str, object] = {"lossless": True} if kind == "WEBP" else {"disposal": 2} if kind == "GIF" else {}
    return encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=80, **options)


BEGINNINGS: Final = {
    "clear": [CLEAR], "two clear": [CLEAR, CLEAR, plain(0, 0, 0, 0)], "hidden": [HIDDEN],
    "black": [plain(0, 0, 0, 255)],
    "white, then grey": [plain(255, 255, 255, 255), plain(128, 128, 128, 255)],
}  # fmt: skip


def frame_of(data: bytes, index: int) -> np.ndarray:  # type: ignore[type-arg]
    """By Pillow alone, over white."""
    with Image.open(io.BytesIO(data)) as image:
        image.seek(index)
        over = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA"))
        return np.asarray(over.convert("RGB"))


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
@pytest.mark.parametrize("name", BEGINNINGS)
def test_the_first_that_shows_something(kind: str, name: str) -> None:
    data = animation(kind, [*BEGINNINGS[name], PHOTO, plain(9, 9, 9, 255)])
    with Image.open(io.BytesIO(data)) as image:
        count = int(getattr(image, "n_frames", 1))  # frames that are alike are written once
    shown = next(i for i in range(count) if np.ptp(frame_of(data, i)) > 50)
    decoded = decode(data, "x", SETTINGS)
    assert np.array_equal(decoded.bgr[..., ::-1], frame_of(data, shown))
    assert decoded.frame == shown + 1 > 1


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_the_first_where_it_shows_something_or_nothing_does(kind: str) -> None:
    other = PHOTO.transpose(Image.Transpose.ROTATE_180)
    decoded = decode(animation(kind, [PHOTO, other]), "x", SETTINGS)
    assert decoded.frame == 1
    assert np.abs(decoded.bgr[..., ::-1].astype(int) - frame_of(animation(kind, [PHOTO, other]), 0)).max() == 0
    empty = decode(animation(kind, [CLEAR, plain(255, 0, 0, 255), plain(0, 0, 255, 255)]), "x", SETTINGS)
    assert (empty.frame, np.ptp(empty.bgr)) == (1, 0)


def test_an_apng_whose_still_picture_is_no_part_of_it() -> None:
    data = encoded(CLEAR, "PNG", save_all=True, append_images=[PHOTO], default_image=True, duration=80)
    assert decode(data, "x", SETTINGS).frame == 2


def test_a_lossy_webp_is_not_quite_plain() -> None:
    frames = [plain(17, 30, 44, 255), PHOTO]
    data = encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:], duration=80, quality=40)
    assert decode(data, "x", SETTINGS).frame == 2


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_damage_before_anything_is_shown_leaves_the_first(kind: str) -> None:
    data = animation(kind, [CLEAR, PHOTO])
    told = ""
    try:
        told = str(decode(data[: len(data) * 2 // 3], "x", SETTINGS).frame)
    except Exception as e:  # noqa: BLE001 - which error is checked below
        told = type(e).__name__
    assert told in ("1", "UndecodableError")


def test_the_outcome_says_which_frame_it_is(tmp_path) -> None:  # type: ignore[no-untyped-def]
    photo = Image.fromarray(rgb_of(astronaut())).convert("RGBA")
    clear = Image.new("RGBA", photo.size, (0, 0, 0, 0))
    file = tmp_path / "b.webp"
    file.write_bytes(animation("WEBP", [clear, photo]))
    outcome = process_image(ImageRef(str(file), str(file), file.stat().st_size), SETTINGS)
    assert outcome.outcome is Outcome.ADDED
    assert str(outcome.reason) == "faces: 1; the picture is frame 2 of the animation: those before it are empty"


def pages(*images: Image.Image, **options: object) -> bytes:
    stream = io.BytesIO()
    images[0].save(stream, "TIFF", save_all=True, append_images=images[1:], **options)
    return stream.getvalue()


def test_of_pages_the_first_that_shows_something() -> None:
    """Scanners take empty pages along, of any size; a page that shows something is not skipped for a later one."""
    photo, other = PHOTO.convert("RGB"), PHOTO.convert("L").convert("RGB")
    empty, small = Image.new("RGB", PHOTO.size, "white"), Image.new("L", (9, 7), 3)
    assert (decode(pages(empty, small, photo), "x", SETTINGS).bgr == np.asarray(photo)[..., ::-1]).all()
    found = [
        decode(pages(*one), "x", SETTINGS).frame for one in ((photo, other), (empty, small), (empty, photo, other))
    ]
    assert found == [1, 1, 2]


def test_a_later_page_is_turned_by_its_own_note() -> None:
    photo = PHOTO.convert("RGB")
    first, second = io.BytesIO(), Image.Exif()
    second[0x0112] = 6
    lying = photo.transpose(Image.Transpose.ROTATE_90)
    lying.encoderinfo = {"exif": second}  # type: ignore[attr-defined]
    Image.new("RGB", (8, 8)).save(first, "TIFF", save_all=True, append_images=[lying])
    decoded = decode(first.getvalue(), "x", SETTINGS)
    assert (decoded.frame, decoded.bgr.shape) == (2, (80, 96, 3))
    assert (decoded.bgr == np.asarray(photo)[..., ::-1]).all()


def test_the_outcome_says_which_page_it_is(tmp_path) -> None:  # type: ignore[no-untyped-def]
    photo = Image.fromarray(rgb_of(astronaut()))
    file = tmp_path / "b.tif"
    file.write_bytes(pages(Image.new("RGB", photo.size), photo))
    outcome = process_image(ImageRef(str(file), str(file), file.stat().st_size), SETTINGS)
    assert str(outcome.reason) == "faces: 1; the picture is page 2 of the file: those before it are empty"
