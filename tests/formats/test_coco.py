"""COCO as pycocotools reads it."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from PIL import Image

from tests.formats.conftest import Written
from tests.formats.lines import run
from tests.pipeline.export.formats.made import (
    BOX,
    CLASSES,
    HEIGHT,
    SPLITS,
    WIDTH,
    class_of,
    expected_counts,
    made_release,
    points_of,
)  # fmt: skip

pytest.importorskip("pycocotools", reason="pycocotools is not installed: COCO is not read")


def test_the_lines_of_the_page(written: Written) -> None:
    written("coco")
    train = run("coco")["train"]
    assert [one["name"] for one in train.loadCats(train.getCatIds())] == sorted(CLASSES)


def test_counts_names_boxes_and_pixels_of_every_split(written: Written) -> None:
    from pycocotools.coco import COCO

    root = written("coco")
    found: Counter[tuple[str, str]] = Counter()
    ids: list[int] = []
    for split in SPLITS:
        coco = COCO(str(root / "annotations" / f"{split}.json"))
        for mouth in coco.loadAnns(coco.getAnnIds()):
            (image,) = coco.loadImgs(mouth["image_id"])
            name = coco.loadCats(mouth["category_id"])[0]["name"]
            with Image.open(root / "images" / image["file_name"]) as picture:
                assert picture.size == (image["width"], image["height"]) == (WIDTH, HEIGHT)
                assert class_of(np.asarray(picture.convert("RGB")).mean(axis=(0, 1))) == name
            assert mouth["bbox"] == [BOX.x1, BOX.y1, BOX.width, BOX.height]
            assert mouth["area"] == BOX.width * BOX.height
            found[split, name] += 1
            ids.append(mouth["id"])
    assert found == expected_counts()
    assert all(type(one) is int for one in ids)
    assert len(set(ids)) == len(ids)


def test_points_in_the_picture_are_labelled_and_the_others_are_not(written: Written) -> None:
    from pycocotools.coco import COCO

    release = made_release()
    coco = COCO(str(written("coco", release) / "annotations" / "train.json"))
    (category,) = coco.loadCats(1)
    assert len(category["keypoints"]) == 68
    assert {end for pair in category["skeleton"] for end in pair} == set(range(1, 69))
    mouth = coco.loadAnns(coco.getAnnIds())[0]
    points = np.array(mouth["keypoints"]).reshape(68, 3)
    inside = points_of(release.rows[0])[:, 0] < WIDTH
    assert mouth["num_keypoints"] == inside.sum() == 30
    assert np.allclose(points[inside, :2], points_of(release.rows[0])[inside], atol=0.01)
    assert (points[~inside] == 0).all()


def test_pycocotools_scores_the_boxes_it_reads_as_perfect(written: Written) -> None:
    """Its own evaluation needs area, iscrowd and whole ids: what lacks one of them fails there, not when it is read."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    coco = COCO(str(written("coco") / "annotations" / "val.json"))
    said = [
        {"image_id": one["image_id"], "category_id": one["category_id"], "bbox": one["bbox"], "score": 1.0}
        for one in coco.loadAnns(coco.getAnnIds())
    ]
    scored = COCOeval(coco, coco.loadRes(said), "bbox")
    scored.evaluate()
    scored.accumulate()
    scored.summarize()
    assert scored.stats[0] == pytest.approx(1.0)


def test_a_whole_photo_comes_once_with_all_its_mouths(written: Written) -> None:
    from pycocotools.coco import COCO

    from tests.pipeline.export.formats.made import made_photo

    coco = COCO(str(written("coco", made_photo()) / "annotations" / "train.json"))
    assert len(coco.getImgIds()) == 1
    assert Counter(coco.loadCats(one["category_id"])[0]["name"] for one in coco.loadAnns(coco.getAnnIds())) == Counter(
        {"none": 1, "smile": 2}
    )
