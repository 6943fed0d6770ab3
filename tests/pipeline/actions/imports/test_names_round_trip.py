"""Classes may be called what formats and languages of tables have words of their own for: they come back so."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import cv2
import numpy as np
import pytest

from db.store.store import Store
from db.tables import classes
from pipeline.__main__ import main
from tests.pipeline.actions.imports.importing import rows, run

NAMES: Final = (
    "train",  # a split's
    "null",  # nothing, in YAML and JSON
    "=1+1, {a}; [x]",  # a formula, and what parts cells
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 d'\u00e9t\u00e9 & b",  # joiners, quotes, signs of XML
)
"""Instead of the four that a workspace begins with."""
FORMATS: Final = (
    "imagefolder", "table", "huggingface", "webdataset", "coco", "yolo", "cvat", "label-studio", "fiftyone",
)  # fmt: skip
COUNTS: Final = "SELECT c.name, count(*) FROM decisions d JOIN classes c ON c.id = d.class_id GROUP BY 1"


def renamed(workspace: Path) -> Path:
    with Store.open(workspace) as store:
        for number, name in enumerate(NAMES, start=1):
            store.write(lambda db, number=number, name=name: classes.rename_class(db, number, name))
    return workspace


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight crops, two of each class, in each format; the workspace beside them."""
    root = tmp_path_factory.mktemp("crops")
    rng = np.random.default_rng(3)
    for number in range(8):
        folder = root / "set" / ("val" if number % 2 else "train") / NAMES[number // 2]
        folder.mkdir(parents=True, exist_ok=True)
        picture = cv2.resize(rng.integers(0, 255, (6, 6, 3)).astype(np.uint8), (72 + number, 72 + number))
        (folder / f"{number}.png").write_bytes(cv2.imencode(".png", picture)[1].tobytes())
    renamed(root / "w")
    assert run(root / "w", root / "set", "--mouths", annotator="Ada") == 0
    words = ["--workspace", str(root / "w"), "--out", str(root / "all"), "--name", "set", "--val", "0.5"]
    assert main(["export", *words, *(word for name in FORMATS for word in ("--format", name))]) == 0
    return root


@pytest.mark.long_but(1)
@pytest.mark.parametrize("name", FORMATS)
def test_names_that_mean_something_elsewhere_come_back(name: str, exported: Path, tmp_path: Path) -> None:
    assert run(renamed(tmp_path / "other"), exported / "all" / name, "--line", "set", annotator="Bob") == 0
    assert dict(rows(tmp_path / "other", COUNTS)) == dict.fromkeys(NAMES, 2)
