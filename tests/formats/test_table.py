"""The manifest in CSV and Parquet as pandas reads it."""

from __future__ import annotations

import json
from collections import Counter

import numpy as np
import pandas as pd
from PIL import Image

from pipeline.core.metrics import METRICS
from tests.formats.conftest import Written
from tests.formats.lines import run
from tests.pipeline.export.formats.made import class_of, expected_counts, made_release, points_of, votes_of


def test_the_lines_of_the_page(written: Written) -> None:
    written("table")
    faces = run("table")["faces"]
    assert Counter(zip(faces["split"], faces["class"], strict=True)) == expected_counts()


def test_files_are_where_the_table_says(written: Written) -> None:
    root = written("table")
    faces = pd.read_csv(root / "faces.csv")
    for file, name in zip(faces["file"], faces["class"], strict=True):
        with Image.open(root / file) as picture:
            assert class_of(np.asarray(picture.convert("RGB")).mean(axis=(0, 1))) == name


def test_csv_and_parquet_say_the_same(written: Written) -> None:
    root = written("table")
    csv, parquet = pd.read_csv(root / "faces.csv"), pd.read_parquet(root / "faces.parquet")
    assert list(csv) == list(parquet)
    csv["landmarks"] = [json.loads(one) for one in csv["landmarks"]]
    for name in csv:
        for a, b in zip(csv[name], parquet[name], strict=True):
            if name == "landmarks":
                assert np.allclose(a, b, atol=0.005)
            else:
                assert a == b or (pd.isna(a) and (pd.isna(b) or b == "")), name


def test_boxes_points_quality_votes_and_agreement(written: Written) -> None:
    release = made_release()
    faces = pd.read_parquet(written("table", release) / "faces.parquet").set_index("face_id")
    row = release.rows[0]
    told = faces.loc[row.item.face_id]
    assert (told["box_x1"], told["box_y2"], told["crop_x"], told["crop_width"]) == (1.0, 40.0, -3, 20)
    assert np.allclose(np.reshape(told["landmarks"], (68, 2)), points_of(row), atol=0.01)
    assert told["quality_sharpness"] == 12.5
    assert pd.isna(told["quality_score"])
    assert json.loads(told["votes"]) == dict(votes_of(row))
    assert abs(told["agreement"] - 2 / 3) < 1e-9
    assert {f"quality_{metric.name}" for metric in METRICS} <= set(faces)
