"""What the command wrote, with its README, contact sheets, Croissant and tables beside, as the real readers load it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.formats.exported.actual import exported, labelled_samples
from tests.formats.lines import run

Counts = Counter[tuple[str, str]]
_SIDE_FILES = {"README.md", "manifest.csv", "release.json", "croissant.json"}


def _of_train(counts: Counter[str]) -> Counts:
    return Counter({("train", name): n for name, n in counts.items()})


def _torchvision(found: dict[str, Any]) -> Counts:
    train = found["train"]
    return _of_train(Counter(train.classes[number] for number in train.targets))


def _datasets(found: dict[str, Any]) -> Counts:
    splits = found["release"].items()
    names = {split: rows.features["label"].names for split, rows in splits}
    ours = {"validation": "val"}
    return Counter((ours.get(s, s), names[s][n]) for s, rows in splits for n in rows["label"])


def _keras(found: dict[str, Any]) -> Counts:
    train = found["train"]
    return _of_train(Counter(train.class_names[int(n)] for _, numbers in train for n in numbers))


def _tfds(found: dict[str, Any]) -> Counts:
    names = found["builder"].info.features["label"].names
    assert set(found["builder"].info.splits) == {"train", "val"}
    return _of_train(Counter(names[int(n)] for _, n in found["train"]))


def _ultralytics(found: dict[str, Any]) -> Counts:
    names = found["found"]["names"]
    files = Path(found["found"]["train"]).rglob("*.png")
    return _of_train(Counter(file.parent.name for file in files if file.parent.name in names.values()))


def _table(found: dict[str, Any]) -> Counts:
    return Counter(zip(found["faces"]["split"], found["faces"]["class"], strict=True))


def _webdataset(found: dict[str, Any]) -> Counts:
    names = ("none", "openmouth", "pout", "smile")
    return _of_train(Counter(names[number] for _, number, _ in found["train"]))


def _coco(found: dict[str, Any]) -> Counts:
    train = found["train"]
    names = {one["id"]: one["name"] for one in train.loadCats(train.getCatIds())}
    return _of_train(Counter(names[one["category_id"]] for one in train.loadAnns(train.getAnnIds())))


READERS: dict[str, tuple[str, str, Callable[[dict[str, Any]], Counts]]] = {
    "torchvision": ("imagefolder", "torchvision", _torchvision),
    "datasets": ("imagefolder", "datasets", _datasets),
    "keras": ("imagefolder", "tensorflow", _keras),
    "tfds": ("imagefolder", "tensorflow_datasets", _tfds),
    "ultralytics-classify": ("imagefolder", "ultralytics", _ultralytics),
    "table": ("table", "pandas", _table),
    "huggingface": ("huggingface", "datasets", _datasets),
    "webdataset": ("webdataset", "webdataset", _webdataset),
    "coco": ("coco", "pycocotools", _coco),
}
"""By the block of docs/formats.md: the format, the package, and what it counts by split and class."""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return labelled_samples(tmp_path_factory.mktemp("actual"))


@pytest.fixture(scope="module")
def releases(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[Path, Counts]]:
    """A folder that holds `release`, of one format, and what its manifest counts; each is written once."""
    made: dict[str, tuple[Path, Counts]] = {}

    def of(name: str) -> tuple[Path, Counts]:
        if name not in made:
            folder = tmp_path_factory.mktemp(name)
            made[name] = folder, exported(workspace, folder / "release", "--val", "0.25", "--format", name)
        return made[name]

    return of


@pytest.mark.parametrize("lines", READERS)
def test_the_lines_of_the_page_load_what_the_command_wrote(
    lines: str, releases: Callable[[str], tuple[Path, Counts]], monkeypatch: pytest.MonkeyPatch
) -> None:
    name, package, count = READERS[lines]
    if find_spec(package) is None:
        pytest.skip(f"{package} is not installed: an actual export is not read by it")
    folder, manifest = releases(name)
    beside = {path.name for path in (folder / "release").iterdir()}
    assert beside >= _SIDE_FILES
    assert any("contact" in path.name for path in (folder / "release").rglob("*"))
    assert {split for split, _ in manifest} == {"train", "val"}
    monkeypatch.chdir(folder)
    found = count(run(lines))
    splits = {split for split, _ in found}
    assert found == Counter({key: n for key, n in manifest.items() if key[0] in splits})
    assert "train" in splits
