"""Class folders as Keras and TensorFlow Datasets read them."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from tests.formats.conftest import Written
from tests.formats.lines import run
from tests.pipeline.export.formats.made import CLASSES, SPLITS, class_of, expected_counts, made_release

pytest.importorskip("tensorflow", reason="tensorflow is not installed: no class folder is read by Keras and TFDS")


def test_the_lines_of_the_page_for_keras(written: Written) -> None:
    written("imagefolder")
    assert run("keras")["train"].class_names == sorted(CLASSES)


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_counts_names_and_pixels_of_every_split(suffix: str, written: Written) -> None:
    import keras

    root = written("imagefolder", made_release(suffix=".png" if suffix == ".png" else ".jpg"))
    found: Counter[tuple[str, str]] = Counter()
    for split in SPLITS:
        data = keras.utils.image_dataset_from_directory(str(root / split), label_mode="int", image_size=(16, 16))
        for pictures, numbers in data:
            for picture, number in zip(np.asarray(pictures), np.asarray(numbers), strict=True):
                name = data.class_names[int(number)]
                assert class_of(picture.mean(axis=(0, 1))) == name
                found[split, name] += 1
    assert found == expected_counts()


def test_a_class_that_one_split_lacks_keeps_its_number_there(written: Written) -> None:
    import keras

    rows = [row for row in made_release().rows if (row.split, row.item.label) != ("val", "none")]
    root = written("imagefolder", made_release(rows=rows))
    assert keras.utils.image_dataset_from_directory(str(root / "val")).class_names == sorted(CLASSES)


def test_tfds_takes_the_splits_for_splits_and_nothing_else(written: Written) -> None:
    pytest.importorskip("tensorflow_datasets", reason="tensorflow_datasets is not installed: TFDS reads nothing")
    import tensorflow_datasets as tfds

    written("imagefolder")
    builder = run("tfds")["builder"]
    assert set(builder.info.splits) == set(SPLITS)
    names = builder.info.features["label"].names
    found: Counter[tuple[str, str]] = Counter()
    for split in SPLITS:
        for picture, number in tfds.as_numpy(builder.as_dataset(split=split, as_supervised=True)):
            assert class_of(picture.mean(axis=(0, 1))) == names[number]
            found[split, names[number]] += 1
    assert found == expected_counts()
