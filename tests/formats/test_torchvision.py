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


def test_a_small_network_learns_the_classes(written: Written) -> None:
    """Colours are easy: a network that learns nothing from the folders gets a quarter right."""
    import torch
    from torchvision import transforms
    from torchvision.datasets import ImageFolder

    root = written("imagefolder")
    shrink = transforms.Compose([transforms.Resize((16, 16)), transforms.ToTensor()])
    torch.manual_seed(0)
    network = torch.nn.Sequential(
        torch.nn.Conv2d(3, 8, 3), torch.nn.ReLU(), torch.nn.AdaptiveAvgPool2d(4), torch.nn.Flatten(),
        torch.nn.Linear(128, 4),
    )  # fmt: skip
    rate = torch.optim.Adam(network.parameters(), 0.01)
    train = torch.utils.data.DataLoader(ImageFolder(str(root / "train"), shrink), 8, shuffle=True)
    for _ in range(20):
        for pictures, numbers in train:
            rate.zero_grad()
            torch.nn.functional.cross_entropy(network(pictures), numbers).backward()
            rate.step()
    val = torch.utils.data.DataLoader(ImageFolder(str(root / "val"), shrink), 64)
    right = sum(int((network(pictures).argmax(1) == numbers).sum()) for pictures, numbers in val)
    assert right == len(val.dataset)


def test_no_file_lies_where_class_folders_are_sought(written: Written) -> None:
    root = written("imagefolder")
    assert [p.name for p in root.iterdir() if p.is_dir() and p.name not in SPLITS] == []
    assert not [p for split in SPLITS for p in Path(root / split).iterdir() if not p.is_dir()]
