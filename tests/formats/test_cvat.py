"""CVAT for images 1.1 as Datumaro reads it, which CVAT's own server uses for most of its formats."""

from __future__ import annotations

from collections import Counter
from importlib.util import find_spec

import numpy as np
import pytest
from PIL import Image

from tests.formats.conftest import Written
from tests.formats.lines import run
from tests.pipeline.export.formats.made import BOX, SPLITS, class_of, expected_counts, made_photo, made_release

pytestmark = pytest.mark.skipif(
    find_spec("datumaro") is None, reason="datumaro is not installed: CVAT's XML is not read"
)


def test_the_lines_of_the_page(written: Written) -> None:
    written("cvat")
    release = run("cvat")["release"]
    assert set(release.subsets()) == set(SPLITS)
    assert len(release) == expected_counts().total()


def test_counts_names_boxes_points_and_pixels_of_every_split(written: Written) -> None:
    from datumaro.components.annotation import AnnotationType
    from datumaro.components.dataset import Dataset

    root = written("cvat")
    read = Dataset.import_from(str(root), "cvat")
    names = [one.name for one in read.categories()[AnnotationType.label]]
    found: Counter[tuple[str, str]] = Counter()
    for item in read:
        box = next(one for one in item.annotations if one.type == AnnotationType.bbox)
        points = next(one for one in item.annotations if one.type == AnnotationType.points)
        with Image.open(item.media.path) as picture:
            assert class_of(np.asarray(picture.convert("RGB")).mean(axis=(0, 1))) == names[box.label]
        assert [box.x, box.y, box.w, box.h] == pytest.approx([BOX.x1, BOX.y1, BOX.width, BOX.height])
        assert names[points.label] == "landmarks"
        assert len(points.points) == 60
        found[item.subset, names[box.label]] += 1
    assert found == expected_counts()


def test_names_that_xml_would_take_for_its_own(written: Written) -> None:
    from datumaro.components.annotation import AnnotationType
    from datumaro.components.dataset import Dataset

    names = ('a "b"', "<c>", "d & e", "张嘴")
    read = Dataset.import_from(str(written("cvat", made_release(names))), "cvat")
    assert {one.name for one in read.categories()[AnnotationType.label]} == {*names, "landmarks"}


def test_a_whole_photo_comes_once_with_all_its_mouths(written: Written) -> None:
    from datumaro.components.annotation import AnnotationType
    from datumaro.components.dataset import Dataset

    (item,) = Dataset.import_from(str(written("cvat", made_photo())), "cvat")
    assert len([one for one in item.annotations if one.type == AnnotationType.bbox]) == 3
