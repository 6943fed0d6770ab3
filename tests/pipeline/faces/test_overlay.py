"""The drawing, checked at places worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.core.geometry import Bgr, BoundingBox, CropBox
from pipeline.core.records import Face
from pipeline.faces import overlay


def a_face(
    box: tuple[float, float, float, float], crop: tuple[int, int, int, int], name: str = "a", points: object = None
) -> Face:
    landmarks = np.full((68, 2), -50.0, np.float32) if points is None else np.asarray(points, np.float32)
    return Face(name * 32, "0" * 64, 0, BoundingBox(*box), "yunet", 0.9, landmarks, CropBox(*crop))


def plain(height: int, width: int, value: int) -> Bgr:
    return np.full((height, width, 3), value, np.uint8)


AWAY = (-400, -400, 10, 10)


def at(image: Bgr, x: int, y: int) -> tuple[int, ...]:
    return tuple(int(v) for v in image[y, x])


def near(found: tuple[int, ...], wanted: tuple[int, ...], tolerance: int = 90) -> bool:
    return max(abs(a - b) for a, b in zip(found, wanted, strict=True)) <= tolerance


def test_the_output_is_scaled_to_the_longest_side_and_never_enlarged() -> None:
    assert overlay.draw_overlay(plain(1000, 2000, 90), [], None, 500).shape == (250, 500, 3)
    assert overlay.draw_overlay(plain(100, 200, 90), [], None, 500).shape == (100, 200, 3)


def test_the_photo_itself_stays_untouched() -> None:
    photo = plain(200, 200, 90)
    drawn = overlay.draw_overlay(photo, [a_face((40, 40, 120, 120), AWAY)], None, 1600)
    assert (photo == 90).all()
    assert (drawn != 90).any()


def test_the_box_is_where_its_corners_say_after_scaling() -> None:
    # 1200 x 1200 to 300 x 300: a box of (400, 200)-(800, 1000) has its edges at x 100 and 200, y 50 and 250
    drawn = overlay.draw_overlay(plain(1200, 1200, 90), [a_face((400, 200, 800, 1000), AWAY)], None, 300)
    middle_row = np.abs(drawn[150].astype(int) - overlay.BOX).sum(axis=1)
    assert sorted(int(x) for x in np.argsort(middle_row)[:4]) == [99, 100, 199, 200]
    middle_column = np.abs(drawn[:, 150].astype(int) - overlay.BOX).sum(axis=1)
    assert sorted(int(y) for y in np.argsort(middle_column)[:4]) == [49, 50, 249, 250]
    assert at(drawn, 150, 150) == (90, 90, 90)
    assert at(drawn, 10, 10) == (90, 90, 90)


@pytest.mark.parametrize("ground", [0, 128, 255])
def test_each_line_stands_out_from_dark_and_from_light(ground: int) -> None:
    drawn = overlay.draw_overlay(plain(400, 400, ground), [a_face((100, 100, 300, 300), AWAY)], None, 400)
    across = drawn[200, 92:108].astype(int).sum(axis=1)
    assert across.max() - across.min() > 250
    assert (
        min(np.abs(drawn[200, 92:108].astype(int) - overlay.BOX).sum(axis=1)) < 150
    )  # on an edge between two pixels each has most of it


def test_the_crop_is_dashed_and_the_box_is_not() -> None:
    drawn = overlay.draw_overlay(plain(400, 400, 128), [a_face((20, 20, 380, 380), (100, 100, 200, 200))], None, 400)
    box_edge = [near(at(drawn, x, 20), overlay.BOX) or near(at(drawn, x, 19), overlay.BOX) for x in range(30, 370)]
    crop_edge = [near(at(drawn, x, 100), overlay.CROP) or near(at(drawn, x, 99), overlay.CROP) for x in range(105, 295)]
    assert all(box_edge)
    assert 0.3 < np.mean(crop_edge) < 0.7


def test_points_are_drawn_at_pixel_centres_and_the_mouth_has_its_own_colour() -> None:
    points = np.full((68, 2), -50.0)
    points[30] = (100, 60)
    points[57] = (140, 160)
    points[67] = (60, 160)
    drawn = overlay.draw_overlay(plain(400, 400, 128), [a_face((10, 10, 390, 390), AWAY, points=points)], None, 400)
    assert near(at(drawn, 100, 60), overlay.POINT, 20)
    assert near(at(drawn, 140, 160), overlay.MOUTH_POINT, 20)
    assert near(at(drawn, 60, 160), overlay.MOUTH_POINT, 20)
    assert at(drawn, 100, 160) == (128, 128, 128)


def test_edges_are_anti_aliased() -> None:
    points = np.full((68, 2), -50.0)
    points[57] = (200, 200)
    drawn = overlay.draw_overlay(plain(400, 400, 255), [a_face((-90, -90, 900, 900), AWAY, points=points)], None, 400)
    patch = drawn[185:216, 185:216].reshape(-1, 3)
    assert len({tuple(pixel) for pixel in patch.tolist()}) > 6  # ground, halo and dot alone would be three


def test_lines_grow_with_the_output_and_points_with_the_face() -> None:
    assert [overlay.line_width(*size) for size in ((100, 200), (600, 400), (900, 1600))] == [1, 1, 3]
    small, large = a_face((0, 0, 50, 60), AWAY), a_face((0, 0, 330, 300), AWAY)
    scale = np.array([1.0, 1.0])
    assert overlay.point_radius(small, scale, 3) < 0.6
    assert overlay.point_radius(large, scale, 3) == pytest.approx(3.0)


def test_the_emphasised_face_is_strong_and_the_others_fade() -> None:
    faces = [a_face((20, 20, 180, 180), AWAY, "a"), a_face((220, 20, 380, 180), AWAY, "b")]
    drawn = overlay.draw_overlay(plain(200, 400, 128), faces, "b" * 32, 400)
    alike = overlay.draw_overlay(plain(200, 400, 128), faces, None, 400)
    assert (drawn[:, 210:] == alike[:, 210:]).all()
    faded, full = drawn[100, 15:25].astype(int), alike[100, 15:25].astype(int)
    wanted = 128 + overlay.FADED * (full - 128)
    assert np.abs(faded - wanted).max() <= 1
    assert (overlay.draw_overlay(plain(200, 400, 128), faces, "c" * 32, 400) == alike).all()


def test_a_crop_and_points_outside_the_photo_are_cut_off() -> None:
    points = np.linspace(-5000, 9000, 136).reshape(68, 2)
    face = a_face((-30.5, -20.25, 500.75, 90.5), (-80, -80, 160, 160), points=points)
    drawn = overlay.draw_overlay(plain(100, 100, 128), [face], None, 100)
    assert drawn.shape == (100, 100, 3)
    assert (drawn[79:81, 20:60] != 128).any()  # the crop's lower edge
