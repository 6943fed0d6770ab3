"""FiftyOne's own importers, without the MongoDB that its data sets live in."""

from __future__ import annotations

from collections import Counter
from importlib.util import find_spec

import numpy as np
import pytest
from PIL import Image

from tests.formats.conftest import Written
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
    find_spec("fiftyone") is None, reason="fiftyone is not installed: its directory trees and JSON are not read"
)


def test_directory_trees(written: Written) -> None:
    from fiftyone.utils.data.importers import ImageClassificationDirectoryTreeImporter

    root = written("imagefolder")
    found: Counter[tuple[str, str]] = Counter()
    for split in SPLITS:
        importer = ImageClassificationDirectoryTreeImporter(str(root / split))
        importer.setup()
        assert importer.get_dataset_info()["classes"] == sorted(CLASSES)
        for _, _, label in importer:
            found[split, label.label] += 1
    assert found == expected_counts()


def test_dataset_json_with_boxes_points_and_the_split_as_tag(written: Written) -> None:
    from fiftyone.utils.data.importers import FiftyOneDatasetImporter, _handle_legacy_formats

    root = written("fiftyone", made_release())
    importer = _handle_legacy_formats(FiftyOneDatasetImporter(str(root)))
    importer.setup()
    assert importer.get_dataset_info()["classes"]["ground_truth"] == sorted(CLASSES)
    found: Counter[tuple[str, str]] = Counter()
    for sample in importer:
        (split,) = sample.tags
        with Image.open(sample.filepath) as picture:
            assert class_of(np.asarray(picture.convert("RGB")).mean(axis=(0, 1))) == sample.ground_truth.label
        (mouth,) = sample.mouths.detections
        assert mouth.label == sample.ground_truth.label
        shares = [BOX.x1 / WIDTH, BOX.y1 / HEIGHT, BOX.width / WIDTH, BOX.height / HEIGHT]
        assert mouth.bounding_box == pytest.approx(shares, abs=1e-6)
        assert len(sample.landmarks.keypoints[0].points) == 30
        found[split, sample.ground_truth.label] += 1
    assert found == expected_counts()
