"""The manifest says each crop's border, and the share of its file that is not photo; it is held once when made."""

from __future__ import annotations

import csv
import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.core.geometry import BoundingBox, CropBox
from pipeline.core.records import ExportItem
from pipeline.export.export import plan
from pipeline.export.manifest import KNOWN_HEADERS, is_manifest, manifest_bytes
from pipeline.export.options import ExportOptions
from pipeline.export.split import SplitPlan
from pipeline.export.target import is_export

SHA = "0123456789abcdef" * 4
ONE = ExportItem(
    SHA[:32], SHA, SHA, "smile", "Ann", "yunet", BoundingBox(0, 0, 9, 9), CropBox(-5, 0, 20, 20), "v", "/x",
    border="black", filled=0.25,
)  # fmt: skip


@pytest.mark.parametrize(
    ("item", "size", "expected"),
    [
        (ONE, None, ("black", "0.2500")),
        (ONE, 64, ("black", "0.2500")),
        (replace(ONE, border="push", filled=0.0), 64, ("push", "0.0000")),
        # 20 x 40, as the course may cut: 600 of its 800 pixels are photo, and of the square's 1,600
        (replace(ONE, crop=CropBox(0, 0, 20, 40)), None, ("black", "0.2500")),
        (replace(ONE, crop=CropBox(0, 0, 20, 40)), 64, ("black", "0.6250")),
    ],
)
def test_border_and_filled_are_those_of_the_file(item: ExportItem, size: int | None, expected: tuple[str, str]) -> None:
    text = manifest_bytes(plan([item], ["smile"], SplitPlan(val=0.2, seed=0), ExportOptions(size=size))).decode()
    (row,) = csv.DictReader(text.splitlines())
    assert (row["border"], row["filled"]) == expected


@pytest.mark.parametrize("header", KNOWN_HEADERS)
def test_exports_of_earlier_versions_are_known(header: str, tmp_path: Path) -> None:
    (tmp_path / "manifest.csv").write_text(header)
    (tmp_path / "README.md").write_text("<!-- written by Moue: a mouth-expression data set -->\n")
    assert is_export(tmp_path)
    assert is_manifest(header.encode())
    assert len(set(KNOWN_HEADERS)) == 7


def test_the_manifest_is_held_once_while_it_is_made() -> None:
    """A manifest of 100,000 faces has 29 MB; as a text that grew it took 64 more."""
    rows = [replace(ONE, face_id=f"{n:032x}", image_sha256=f"{n:064x}", group=f"{n:064x}") for n in range(3000)]
    chosen = plan(rows, ["smile"], SplitPlan(val=0.2, seed=0))
    manifest_bytes(chosen)  # what is made once
    tracemalloc.start()
    try:
        data = manifest_bytes(chosen)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert data.count(b"\n") == 3001
    assert most < 1.5 * len(data)
