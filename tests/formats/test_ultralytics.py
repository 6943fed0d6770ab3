"""YOLO boxes and class folders as Ultralytics reads them."""

from __future__ import annotations

from collections import Counter
from importlib.util import find_spec

import numpy as np
import pytest

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
)  # fmt: skip

pytestmark = pytest.mark.skipif(
    find_spec("ultralytics") is None, reason="ultralytics is not installed: no YOLO labels are read"
)


def test_the_lines_of_the_page(written: Written) -> None:
    written("yolo")
    assert run("yolo")["found"]["names"] == dict(enumerate(sorted(CLASSES)))


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_counts_names_boxes_and_pixels_of_every_split(suffix: str, written: Written) -> None:
    from ultralytics.data.dataset import YOLODataset
    from ultralytics.data.utils import check_det_dataset

    root = written("yolo", made_release(suffix=".png" if suffix == ".png" else ".jpg"))
    data = check_det_dataset(str(root / "data.yaml"))
    found: Counter[tuple[str, str]] = Counter()
    for split in SPLITS:
        read = YOLODataset(data[split], data=data, task="detect", augment=False, imgsz=32)
        for at, label in enumerate(read.labels):
            for number, box in zip(label["cls"][:, 0], label["bboxes"], strict=True):
                name = data["names"][int(number)]
                middle = ((BOX.x1 + BOX.x2) / 2 / WIDTH, (BOX.y1 + BOX.y2) / 2 / HEIGHT)
                wanted = [*middle, BOX.width / WIDTH, BOX.height / HEIGHT]
                assert np.allclose(box, wanted, atol=1e-5)
                assert class_of(read.load_image(at)[0].mean(axis=(0, 1))[::-1]) == name
                found[split, name] += 1
    assert found == expected_counts()


def test_the_release_may_be_moved(written: Written) -> None:
    from ultralytics.data.utils import check_det_dataset

    root = written("yolo")
    moved = root.rename(root.parent / "moved away")
    assert check_det_dataset(str(moved / "data.yaml"))["val"] == str(moved / "images" / "val")


def test_class_folders_for_its_classifiers(written: Written) -> None:
    from types import SimpleNamespace

    from ultralytics.data.dataset import ClassificationDataset

    root = written("imagefolder")
    said = run("ultralytics-classify")["found"]
    assert said["names"] == dict(enumerate(sorted(CLASSES)))
    found: Counter[tuple[str, str]] = Counter()
    none = SimpleNamespace(
        imgsz=32, fraction=1.0, cache=False, scale=0.5, fliplr=0, flipud=0, erasing=0, auto_augment=None, hsv_h=0,
        hsv_s=0, hsv_v=0, crop_fraction=1.0, single_cls=False,
    )  # fmt: skip
    for split in SPLITS:
        for sample in ClassificationDataset(str(root / split), none).samples:
            found[split, said["names"][sample[1]]] += 1
    assert found == expected_counts()
