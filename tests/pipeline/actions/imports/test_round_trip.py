"""What an export wrote, imported into an empty workspace and exported again, is the same: pictures, classes, splits and
the mouths' boxes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import pytest

from pipeline.__main__ import main
from tests.pipeline.actions.imports.exported import READ, Told
from tests.pipeline.actions.imports.importing import CLASSES, run

FORMATS: Final = (
    "imagefolder", "table", "huggingface", "webdataset", "coco", "yolo", "cvat", "label-studio", "fiftyone",
)  # fmt: skip


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixteen crops of no photo, no two alike; a quarter of each class in val."""
    root = tmp_path_factory.mktemp("crops")
    rng = np.random.default_rng(0)
    for number in range(16):
        folder = root / "set" / ("val" if number % 4 == 3 else "train") / CLASSES[number // 4]
        folder.mkdir(parents=True, exist_ok=True)
        small = rng.integers(0, 255, (6, 6, 3)).astype(np.uint8)
        side = 72 + number
        picture = cv2.resize(small, (side, side), interpolation=cv2.INTER_CUBIC)
        (folder / f"{number}.png").write_bytes(cv2.imencode(".png", picture)[1].tobytes())
    assert run(root / "w", root / "set", "--mouths", annotator="Ada") == 0
    return root / "w"


def export(workspace: Path, out: Path, *formats: str) -> None:
    words = ["--workspace", str(workspace), "--out", str(out), "--name", "set", "--val", "0.25"]
    assert main(["export", *words, *(word for name in formats for word in ("--format", name))]) == 0


@pytest.fixture(scope="module")
def exported(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Each format in a folder of its name."""
    root = tmp_path_factory.mktemp("exported") / "all"
    export(workspace, root, *FORMATS)
    return root


@pytest.mark.long_but(2)
@pytest.mark.parametrize("name", FORMATS)
def test_what_an_export_wrote_is_the_same_after_an_import(name: str, exported: Path, tmp_path: Path) -> None:
    before = sorted(READ[name](exported / name))
    assert len({sha for sha, *_ in before}) == 16
    assert [split for _, split, *_ in before].count("val") == 4
    assert run(tmp_path / "other", exported / name, "--line", "set", annotator="Bob") == 0
    export(tmp_path / "other", tmp_path / "again", name)
    assert boxes(name, sorted(READ[name](tmp_path / "again"))) == boxes(name, before)


def boxes(name: str, told: Sequence[Told]) -> list[Told]:
    """Of CVAT and FiftyOne boxes alone: of a face that leaves its picture they do not tell which points they have."""
    box = {"cvat": slice(4), "fiftyone": slice(1)}.get(name)
    return [one if box is None else (*one[:3], one[3][box]) for one in told]
