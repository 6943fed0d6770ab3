"""A small network really learns mouths from the class folders of an export: better than chance on faces that it has not
seen."""

from __future__ import annotations

import csv
import os
from importlib.util import find_spec
from math import comb
from pathlib import Path

import pytest

from tests.formats.exported.actual import exported, label_by_file, labelled_samples
from tests.pipeline import commands as cli

pytestmark = pytest.mark.skipif(
    find_spec("torchvision") is None, reason="torchvision is not installed: no network learns from class folders"
)
REAL = os.environ.get("MOUE_TEST_FACES", "")
SIDE = 32
ROUNDS = 60
SURE = 0.001


def chance_of(right: int, n: int, share: float) -> float:
    """The probability that guessing, right in this share, is right so often or more."""
    return sum(comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(right, n + 1))


def learned(train: list[Path], val: Path, seed: int) -> tuple[int, int]:
    """Train on the class folders of `train`; how many of those in `val` are right, and how many there are."""
    import torch
    from torchvision import transforms
    from torchvision.datasets import ImageFolder

    torch.manual_seed(seed)
    torch.set_num_threads(1)
    plain = transforms.Compose([
        transforms.Grayscale(), transforms.Resize((SIDE, SIDE)), transforms.ToTensor(), transforms.Normalize(0.5, 0.25),
    ])  # fmt: skip
    moved = transforms.Compose([transforms.RandomHorizontalFlip(), transforms.RandomAffine(8, (0.06, 0.06)), plain])
    seen = [ImageFolder(str(folder), moved) for folder in train]
    classes = len(seen[0].classes)
    network = torch.nn.Sequential(
        torch.nn.Conv2d(1, 12, 5), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
        torch.nn.Conv2d(12, 24, 3), torch.nn.ReLU(), torch.nn.MaxPool2d(2), torch.nn.Flatten(),
        torch.nn.Dropout(0.3), torch.nn.Linear(24 * 6 * 6, classes),
    )  # fmt: skip
    rate = torch.optim.Adam(network.parameters(), 0.002)
    batches = torch.utils.data.DataLoader(torch.utils.data.ConcatDataset(seen), 8, shuffle=True)
    for _ in range(ROUNDS):
        for pictures, numbers in batches:
            rate.zero_grad()
            torch.nn.functional.cross_entropy(network(pictures), numbers).backward()
            rate.step()
    network.eval()
    unseen = ImageFolder(str(val), plain)
    with torch.no_grad():
        found = [(int(network(picture[None]).argmax()), number) for picture, number in unseen]
    return sum(said == number for said, number in found), len(found)


def cross_validated(release: Path, folds: int) -> tuple[int, int]:
    """Each fold once as what is not seen."""
    parts = [release / f"fold{number}" for number in range(1, folds + 1)]
    each = [learned([one for one in parts if one != part], part, seed) for seed, part in enumerate(parts)]
    return sum(right for right, _ in each), sum(n for _, n in each)


def test_a_small_network_learns_the_four_mouths_of_the_sample_faces(tmp_path: Path) -> None:
    counts = exported(labelled_samples(tmp_path), tmp_path / "release", "--folds", "4")
    right, n = cross_validated(tmp_path / "release", 4)
    assert n == sum(counts.values())
    most = max(sum(k for (_, name), k in counts.items() if name == one) for _, one in counts)
    assert chance_of(right, n, most / n) < SURE, f"{right} of {n} right"


@pytest.mark.skipif(not REAL, reason="MOUE_TEST_FACES is not set: no network learns from photos of real people")
def test_a_small_network_tells_smiles_of_real_people(tmp_path: Path) -> None:
    with (Path(REAL) / "truth.csv").open(encoding="utf-8", newline="") as file:
        told = {Path(row["path"]).name: row["expression"] for row in csv.DictReader(file)}
    named = {name: "smile" if said == "happiness" else "none" for name, said in told.items() if said}
    cli.ingest(tmp_path / "workspace", Path(REAL) / "closeups")
    label_by_file(tmp_path / "workspace", named)
    counts = exported(tmp_path / "workspace", tmp_path / "release", "--folds", "4", "--balance")
    right, n = cross_validated(tmp_path / "release", 4)
    assert n == sum(counts.values())
    assert chance_of(right, n, 0.5) < SURE, f"{right} of {n} right"
