from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest

from pipeline.core.geometry import BoundingBox, CropBox
from pipeline.core.records import ExportItem, Provenance
from pipeline.export.attribution import attribution_bytes, licence_of

OWN = ExportItem(
    "f" * 32,
    "a" * 64,
    "a" * 64,
    "smile",
    "Ann",
    "yunet",
    BoundingBox(0, 0, 9, 9),
    CropBox(1, 1, 4, 4),
    "",
    "/photos/a.jpg",
)
TOLD = Provenance(
    "https://img.example/1.jpg", "https://page.example/", "A\nface", "=cmd()", "CC BY 4.0", "https://cc.example/by",
    "openverse", "pout",
)  # fmt: skip


def test_without_the_web_there_is_no_file() -> None:
    assert attribution_bytes([("train/smile/a.png", OWN)]) is None
    assert attribution_bytes([]) is None


def test_each_place_is_a_row_on_one_line_and_no_formula() -> None:
    twice = replace(OWN, provenance=(TOLD, Provenance("https://other.example/1.jpg")))
    data = attribution_bytes([("train/smile/a.png", twice), ("val/smile/b.png", OWN)])
    assert data is not None
    rows = list(csv.DictReader(io.StringIO(data.decode())))
    assert [row["file"] for row in rows] == ["train/smile/a.png"] * 2
    assert [row["image_url"] for row in rows] == ["https://img.example/1.jpg", "https://other.example/1.jpg"]
    first = rows[0]
    assert (first["title"], first["author"], first["licence"], first["query"]) == (
        "A face",
        "'=cmd()",
        "CC BY 4.0",
        "pout",
    )


@pytest.mark.parametrize(
    ("told", "licence"),
    [
        ([], "unknown"),
        ([""], "unknown"),
        (["unknown", ""], "unknown"),
        (["", "unknown", "CC0 1.0", "CC BY 4.0"], "CC0 1.0"),
        (["CC BY 4.0", "CC0 1.0"], "CC BY 4.0"),
    ],
)
def test_the_licence_is_what_the_first_place_told_that_told_one(told: list[str], licence: str) -> None:
    places = tuple(Provenance(f"https://img.example/{n}", licence=one) for n, one in enumerate(told))
    assert licence_of(replace(OWN, provenance=places)) == licence
