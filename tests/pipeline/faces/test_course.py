"""The `course` preset against an independent transcription of the course's recipe, pixel for pixel."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.core.geometry import Bgr, BoundingBox
from pipeline.core.outcome import Outcome
from pipeline.core.records import Detection, ImageRef, Settings
from pipeline.faces.crop import course_crop, cut
from pipeline.faces.detect import DetectorInfo
from pipeline.run.process_image import process_image
from tests import course_recipe
from tests.examples import examples
from tests.pipeline.photos import astronaut, bgr_of

cascade = cache(course_recipe.load_cascade)
predictor = cache(course_recipe.load_predictor)
COURSE = Settings(detector="course")

pytestmark = pytest.mark.usefixtures("one_opencv_thread")


def moue_crop(path: Path) -> Bgr | None:
    """The decoded PNG that Moue would store, or None where it has no face."""
    outcome = process_image(ImageRef(str(path), str(path), path.stat().st_size), COURSE)
    if outcome.outcome is not Outcome.ADDED:
        assert not outcome.crops
        return None
    (png,) = outcome.crops
    return np.asarray(cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR), np.uint8)


def same(ours: Bgr | None, theirs: Bgr | None) -> bool:
    if ours is None or theirs is None:
        return ours is theirs
    return ours.shape == theirs.shape and bool((ours == theirs).all())


def recipe_crop(path: Path) -> Bgr | None:
    return course_recipe.mouth_of(str(path), cascade(), predictor())


def test_the_portraits_have_equal_pixels(astronaut_path: Path, grace_hopper_path: Path) -> None:
    for path in (astronaut_path, grace_hopper_path):
        theirs = recipe_crop(path)
        assert theirs is not None
        assert same(moue_crop(path), theirs)


def test_what_the_course_misses_is_missed(negatives: tuple[Path, ...]) -> None:
    for path in negatives:
        assert same(moue_crop(path), recipe_crop(path)), path.name


@pytest.mark.parametrize("rows", [190, 196, 202, 208, 220])
def test_a_photo_that_ends_below_the_mouth(rows: int, tmp_path: Path) -> None:
    """With the course's own detector; its crop is pushed up, or it finds no face any more."""
    path = tmp_path / "short.png"
    cv2.imwrite(str(path), bgr_of(astronaut())[:rows])
    assert same(moue_crop(path), recipe_crop(path))


# The mouth of the astronaut lies at about x 198..251, y 137..161; each piece ends within its crop's margin.
PIECES = {
    "left": (slice(0, 400), slice(192, 512)),
    "right": (slice(0, 400), slice(0, 257)),
    "top": (slice(128, 512), slice(0, 512)),
    "bottom": (slice(0, 168), slice(0, 512)),
    "left and bottom": (slice(0, 168), slice(192, 512)),
    "right and top": (slice(128, 512), slice(0, 257)),
    "narrower than the crop": (slice(0, 400), slice(196, 256)),
    "lower than the crop": (slice(132, 166), slice(0, 512)),
}


@pytest.mark.parametrize("name", PIECES)
def test_a_mouth_at_a_border(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Haar finds no half face, so both are told the box that it finds in the whole photo."""
    whole = bgr_of(astronaut())
    rows, columns = PIECES[name]
    piece = np.ascontiguousarray(whole[rows, columns])
    box = course_recipe.first_box(whole, cascade())
    assert box is not None
    x, y, w, h = box[0] - columns.start, box[1] - rows.start, box[2], box[3]
    path = tmp_path / "piece.png"
    cv2.imwrite(str(path), piece)
    found = Detection(BoundingBox(x, y, x + w, y + h), None)
    monkeypatch.setattr(DetectorInfo, "find", lambda _, _bgr, **_options: [found])
    theirs = course_recipe.cut_mouth(piece, course_recipe.landmarks(piece, (x, y, w, h), predictor()))
    assert theirs.size
    ours = moue_crop(path)
    assert same(ours, theirs)
    assert not same(ours, course_recipe.cut_mouth(whole, course_recipe.landmarks(whole, box, predictor())))


@example(size=(24, 24), corner=(1, 1), extent=(4, 4))  # a margin of 1 just fits
@settings(max_examples=examples(200))
@given(
    size=st.tuples(st.integers(1, 24), st.integers(1, 24)),
    corner=st.tuples(st.integers(-8, 30), st.integers(-8, 30)),
    extent=st.tuples(st.integers(0, 16), st.integers(0, 16)),
)
def test_any_mouth_in_any_image(size: tuple[int, int], corner: tuple[int, int], extent: tuple[int, int]) -> None:
    width, height = size
    image = np.arange(width * height * 3, dtype=np.uint32).astype(np.uint8).reshape(height, width, 3)
    points = [corner] * 48 + [(corner[0] + extent[0], corner[1]), (corner[0], corner[1] + extent[1])] + [corner] * 17
    points += [(500, 500)]  # point 67, which range(48, 67) leaves out
    theirs = course_recipe.cut_mouth(image, points)
    box = course_crop(np.array(points, np.float32), width, height)
    assert same(None if box is None else cut(image, box, "push"), theirs if theirs.size else None)


@pytest.mark.long
@pytest.mark.timeout(900)  # Haar on whole photos, one thread, twice
def test_shared_photos_have_equal_pixels(shared_faces: Path) -> None:
    every = "MOUE_EVERY_PHOTO" in os.environ  # a minute more
    photos = [p for p in sorted(shared_faces.rglob("*")) if p.suffix in (".jpg", ".jpeg", ".png")][:: 1 if every else 5]
    found = [recipe_crop(p) for p in photos]
    different = [p.name for p, theirs in zip(photos, found, strict=True) if not same(moue_crop(p), theirs)]
    assert different == []
    closeups = sum(c is not None for p, c in zip(photos, found, strict=True) if p.parent.name == "closeups")
    assert closeups == (67 if every else 12)  # what the course keeps of the 125, or of every fifth photo
