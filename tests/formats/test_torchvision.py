"""Class folders as PyTorch reads them; a small network learns from them."""

from __future__ import annotations

from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from tests.formats.conftest import Written
from tests.formats.lines import run
from tests.pipeline.export.formats.made import CLASSES, SPLITS, class_of, expected_counts, made_release

pytestmark = pytest.mark.skipif(
    find_spec("torchvision") is None, reason="torchvision is not installed: no class folder is read by PyTorch"
)


def test_the_lines_of_the_page(written: Written) -> None:
    written("imagefolder")
    train = run("torchvision")["train"]
    assert train.classes == sorted(CLASSES)
    assert len(train) == sum(n for (split, _), n in expected_counts().items() if split == "train")


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_counts_names_and_pixels_of_every_split(suffix: str, written: Written) -> None:
    from torchvision.datasets import ImageFolder

    root = written("imagefolder", made_release(suffix=".png" if suffix == ".png" else ".jpg"))
    found: Counter[tuple[str, str]] = Counter()
    for split in SPLITS:
        folder = ImageFolder(str(root / split))
        for image, number in folder:
            name = folder.classes[number]
            assert class_of(np.asarray(image).mean(axis=(0, 1))) == name
            found[split, name] += 1
    assert found == expected_counts()


def test_a_class_that_one_split_lacks_keeps_its_number_there(written: Written) -> None:
    from torchvision.datasets import ImageFolder

    rows = [row for row in made_release().rows if (row.split, row.item.label) != ("val", "none")]
    root = written("imagefolder", made_release(rows=rows))
    with pytest.raises(FileNotFoundError, match="none"):
        ImageFolder(str(root / "val"))
    val = ImageFolder(str(root / "val"), allow_empty=True)
    assert val.class_to_idx == ImageFolder(str(root / "train")).class_to_idx


def test_course_names_are_numbered_as_the_course_does(written: Written) -> None:
    from torchvision.datasets import ImageFolder

    root = written("imagefolder", made_release(course_names=True))
    assert ImageFolder(str(root / "train")).class_to_idx == {"0none": 0, "1pouting": 1, "2smile": 2, "3openmouth": 3}


def test_no_file_lies_where_class_folders_are_sought(written: Written) -> None:
    root = written("imagefolder")
    assert [p.name for p in root.iterdir() if p.is_dir() and p.name not in SPLITS] == []
    assert not [p for split in SPLITS for p in Path(root / split).iterdir() if not p.is_dir()]
