from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from scipy import fft

from pipeline.core.geometry import Bgr
from pipeline.pixels.phash import CENTRE, HASH_BYTES, VIEWS, dhash, image_hashes, phash


def bits(data: bytes) -> np.ndarray:
    return np.unpackbits(np.frombuffer(data, np.uint8))


def apart(one: bytes, other: bytes) -> int:
    return sum(int(a ^ b).bit_count() for a, b in zip(one, other, strict=True))


def view(hashes: bytes, name: str) -> tuple[bytes, bytes]:
    start = 64 * VIEWS.index(name)
    return hashes[start : start + 32], hashes[start + 32 : start + 64]


def imagehash_phash(pixels: np.ndarray) -> np.ndarray:
    """A transcription of ImageHash 4.3's phash(hash_size=16, highfreq_factor=4), from 64 x 64 grey pixels on."""
    low = fft.dct(fft.dct(pixels.astype(float), axis=0), axis=1)[:16, :16]
    return np.asarray(low > np.median(low)).ravel()


def imagehash_dhash(pixels: np.ndarray) -> np.ndarray:
    """The same of its dhash(hash_size=16), from 16 rows of 17 grey pixels on."""
    return np.asarray(pixels[:, 1:] > pixels[:, :-1]).ravel()


@pytest.fixture
def photo(astronaut_path: Path) -> Bgr:
    return np.asarray(cv2.imread(str(astronaut_path)), np.uint8)


@pytest.mark.parametrize("seed", range(5))
def test_bits_are_those_of_the_published_definition(seed: int) -> None:
    random = np.random.default_rng(seed)
    square = cv2.GaussianBlur(random.integers(0, 256, (64, 64), np.uint8), (7, 7), 0)
    strip = random.integers(0, 256, (16, 17), np.uint8)
    assert np.array_equal(bits(phash(square)), imagehash_phash(square))
    assert np.array_equal(bits(dhash(strip)), imagehash_dhash(strip))


def test_a_real_photo_is_near_to_what_the_package_makes_of_it(astronaut_path: Path, photo: Bgr) -> None:
    grey = Image.open(astronaut_path).convert("L")
    p, d = view(image_hashes(photo), "plain")
    ours_p, ours_d = bits(p), bits(d)
    lanczos = [np.asarray(grey.resize(size, Image.Resampling.LANCZOS)) for size in ((64, 64), (17, 16))]
    assert np.count_nonzero(ours_p != imagehash_phash(lanczos[0])) <= 12
    assert np.count_nonzero(ours_d != imagehash_dhash(lanczos[1])) <= 30  # the black of its corners is noise


def test_a_ramp_by_hand() -> None:
    ramp = np.tile(np.arange(17, dtype=np.uint8), (16, 1))
    assert dhash(ramp) == b"\xff" * 32
    assert dhash(ramp[:, ::-1]) == b"\x00" * 32
    step = np.zeros((16, 17), np.uint8)
    step[0, 3:] = 9  # one rise, between the third and the fourth pixel of the first row
    assert dhash(step) == b"\x20" + b"\x00" * 31


def test_192_bytes_of_any_shape() -> None:
    random = np.random.default_rng(0)
    for height, width in ((1, 1), (1, 900), (900, 1), (17, 16), (64, 64), (700, 300)):
        bgr = random.integers(0, 256, (height, width, 3), np.uint8)
        assert len(image_hashes(bgr)) == HASH_BYTES == 64 * len(VIEWS)


def test_the_mirror_view_is_the_mirrored_photos_plain_view(photo: Bgr) -> None:
    one, other = image_hashes(photo), image_hashes(np.ascontiguousarray(photo[:, ::-1]))
    for mine, theirs in ((view(one, "mirror"), view(other, "plain")), (view(one, "plain"), view(other, "mirror"))):
        assert apart(mine[0], theirs[0]) <= 8
        assert apart(mine[1], theirs[1]) <= 8
    assert apart(view(one, "plain")[1], view(one, "mirror")[1]) > 36


def test_the_centre_view_is_the_cut_photos_plain_view(photo: Bgr) -> None:
    off = round(512 * (1 - CENTRE) / 2)
    one, other = image_hashes(photo), image_hashes(photo[off:-off, off:-off].copy())
    assert apart(view(one, "centre")[0], view(other, "plain")[0]) <= 24
    assert apart(view(one, "centre")[1], view(other, "plain")[1]) <= 24
    assert apart(view(one, "plain")[0], view(other, "plain")[0]) > 56


@pytest.mark.parametrize("change", [
    lambda bgr: cv2.resize(bgr, (200, 200), interpolation=cv2.INTER_AREA),
    lambda bgr: cv2.imdecode(cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, 40])[1], cv2.IMREAD_COLOR),
    lambda bgr: cv2.convertScaleAbs(bgr, alpha=0.8, beta=10),
], ids=["smaller", "re-encoded", "darker"])  # fmt: skip
def test_an_edited_photo_stays_near(photo: Bgr, change: Callable[[Bgr], Bgr]) -> None:
    one, other = image_hashes(photo), image_hashes(change(photo))
    assert apart(view(one, "plain")[0], view(other, "plain")[0]) <= 56
    assert apart(view(one, "plain")[1], view(other, "plain")[1]) <= 36


def test_different_photos_are_far(photo: Bgr, grace_hopper_path: Path, negatives: tuple[Path, ...]) -> None:
    mine = image_hashes(photo)
    for path in (grace_hopper_path, *negatives):
        theirs = image_hashes(np.asarray(cv2.imread(str(path)), np.uint8))
        assert apart(view(mine, "plain")[0], view(theirs, "plain")[0]) > 80


def test_pictures_without_structure_are_near_nothing() -> None:
    black, white = (np.full((80, 100, 3), level, np.uint8) for level in (0, 255))
    assert apart(view(image_hashes(black), "plain")[0], view(image_hashes(white), "plain")[0]) > 80
    assert image_hashes(black) == image_hashes(black.copy())
