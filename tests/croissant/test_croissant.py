"""croissant.json as its own reader takes it: no error, every row and every picture, with class and split."""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.export.card.write import put_card
from pipeline.export.export import ExportPlan, plan
from pipeline.export.manifest import manifest_bytes
from pipeline.export.split import SplitPlan
from pipeline.pixels.encode import encode_png
from tests.pipeline.export_items import item

pytest.importorskip(
    "mlcroissant", reason="what its own reader says of croissant.json: pip install -r tests/croissant/requirements.txt"
)
NAMES = ["pout", "none", "微笑"]
PLANS = [SplitPlan(val=0.4, seed=3), SplitPlan.of(0.2, 0.2), SplitPlan.of(folds=3)]


def picture(number: int) -> bytes:
    return encode_png(np.full((8, 8, 3), number, np.uint8))


def a_plan(split_plan: SplitPlan) -> ExportPlan:
    return plan([item(10 * n + at, name) for n in range(8) for at, name in enumerate(NAMES)], NAMES, split_plan)


def written(root: Path, chosen: ExportPlan) -> list[dict[str, str]]:
    """The rows of the manifest of a release in `root`."""
    manifest = manifest_bytes(chosen)
    (root / "manifest.csv").write_bytes(manifest)
    for number, row in enumerate(chosen.rows):
        (root / row.file).parent.mkdir(parents=True, exist_ok=True)
        (root / row.file).write_bytes(picture(number))

    def put(name: str, data: bytes) -> None:
        (root / name).write_bytes(data)

    version = ("train_val_data", 3)
    put_card(chosen, version, manifest, lambda row: (root / row.file).read_bytes(), put, attribution=False)
    return list(csv.DictReader(io.StringIO(manifest.decode())))


def text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


@pytest.mark.parametrize("split_plan", PLANS, ids=lambda one: one.kind)
def test_the_reference_reader_finds_no_error_and_every_row(tmp_path: Path, split_plan: SplitPlan) -> None:
    import mlcroissant

    chosen = a_plan(split_plan)
    rows = written(tmp_path, chosen)
    found = mlcroissant.Dataset(str(tmp_path / "croissant.json"))
    assert not found.metadata.ctx.issues.errors
    assert {
        one for one in found.metadata.ctx.issues.warnings if "citeAs" not in one and "datePublished" not in one
    } == set()
    assert (found.metadata.name, str(found.metadata.version)) == ("train_val_data", "3.0.0")
    faces = list(found.records("faces"))
    assert [text(one["faces/file"]) for one in faces] == [row["file"] for row in rows]
    for name in ("split", "class", "face_id", "image_sha256"):
        assert [text(one[f"faces/{name}"]) for one in faces] == [row[name] for row in rows]
    assert [one["faces/box_x1"] for one in faces] == [float(row["box_x1"]) for row in rows]
    assert [one["faces/crop_x"] for one in faces] == [int(row["crop_x"]) for row in rows]


@pytest.mark.parametrize("split_plan", PLANS, ids=lambda one: one.kind)
def test_the_reference_reader_loads_every_picture_with_its_class(tmp_path: Path, split_plan: SplitPlan) -> None:
    import mlcroissant

    rows = written(tmp_path, a_plan(split_plan))
    images = list(mlcroissant.Dataset(str(tmp_path / "croissant.json")).records("images"))
    assert Counter((text(one["images/split"]), text(one["images/class"])) for one in images) == Counter(
        (row["split"], row["class"]) for row in rows
    )
    by_file = {text(one["images/file"]): np.asarray(one["images/image"]) for one in images}
    for number, row in enumerate(rows):
        assert (by_file[row["file"]] == number).all()
