"""Class folders and Parquet as Hugging Face's `datasets` reads them."""

from __future__ import annotations

import io
import json
from collections import Counter
from typing import Any

import numpy as np
import pytest

from tests.formats.conftest import Written
from tests.formats.lines import run
from tests.pipeline.export.formats.made import CLASSES, class_of, expected_counts, made_release, votes_of

datasets = pytest.importorskip("datasets", reason="datasets is not installed: nothing is read by Hugging Face")
OURS = {"train": "train", "validation": "val", "val": "val", "test": "test"}


def counted(release: Any) -> Counter[tuple[str, str]]:
    """By split and class; each picture is held against its label."""
    found: Counter[tuple[str, str]] = Counter()
    for split, rows in release.items():
        names = rows.features["label"].names
        assert names == sorted(CLASSES)
        for row in rows:
            assert class_of(np.asarray(row["image"].convert("RGB")).mean(axis=(0, 1))) == names[row["label"]]
            found[OURS[split], names[row["label"]]] += 1
    return found


@pytest.mark.parametrize(("name", "lines"), [("imagefolder", "datasets"), ("huggingface", "huggingface")])
@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_the_lines_of_the_page(name: str, lines: str, suffix: str, written: Written) -> None:
    written(name, made_release(suffix=".png" if suffix == ".png" else ".jpg"))
    assert counted(run(lines)["release"]) == expected_counts()


def test_metadata_beside_class_folders_would_take_the_labels(written: Written) -> None:
    """Why no format has such a file: this is what `datasets` does with one."""
    root = written("imagefolder")
    files = [p.relative_to(root / "train").as_posix() for p in (root / "train").rglob("*.png")]
    (root / "train" / "metadata.csv").write_text("".join(["file_name,note\n", *(f"{file},x\n" for file in files)]))
    train = datasets.load_dataset("imagefolder", data_dir=str(root / "train"), split="train")
    assert set(train.features) == {"image", "note"}


def test_parquet_tells_what_is_known_of_each_face(written: Written) -> None:
    release = made_release()
    root = written("huggingface", release)
    rows = datasets.load_dataset("parquet", data_files={"train": str(root / "data" / "train-*.parquet")})["train"]
    by_face = {row["face_id"]: row for row in rows}
    wanted = [row for row in release.rows if row.split == "train"]
    assert set(by_face) == {row.item.face_id for row in wanted}
    told = by_face[wanted[0].item.face_id]
    assert told["image_sha256"] == wanted[0].item.image_sha256
    assert told["crop_width"] == 20
    assert told["agreement"] == pytest.approx(2 / 3)
    assert json.loads(told["votes"]) == dict(votes_of(wanted[0]))


def test_folds_are_splits_of_parquet(written: Written) -> None:
    splits = ("fold1", "fold2", "fold3")
    written("huggingface", made_release(splits=splits))
    release = datasets.load_dataset("release")
    wanted = Counter(
        {s: sum(n for (split, _), n in expected_counts(splits=splits).items() if split == s) for s in splits}
    )
    assert Counter({split: len(rows) for split, rows in release.items()}) == wanted


def test_pictures_in_parquet_are_the_very_bytes(written: Written) -> None:
    release = made_release()
    root = written("huggingface", release)
    rows = datasets.load_dataset("parquet", data_files={"val": str(root / "data" / "val-*.parquet")})["val"]
    undecoded = rows.cast_column("image", datasets.Image(decode=False))
    first = next(row for row in release.rows if row.item.face_id == undecoded[0]["face_id"])
    assert io.BytesIO(undecoded[0]["image"]["bytes"]).read() == release.picture(first).data
