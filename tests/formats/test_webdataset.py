"""Shards as WebDataset reads them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from pipeline.export.formats import webdataset as ours
from tests.formats.conftest import Written
from tests.formats.lines import run
from tests.pipeline.export.formats.made import CLASSES, SPLITS, class_of, expected_counts, made_release

wds = pytest.importorskip("webdataset", reason="webdataset is not installed: no shard is read")


def test_the_lines_of_the_page(written: Written) -> None:
    written("webdataset")
    found = Counter(sorted(CLASSES)[number] for _, number, _ in run("webdataset")["train"])
    assert found == Counter({name: n for (split, name), n in expected_counts().items() if split == "train"})


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_counts_names_and_pixels_of_every_split(suffix: str, written: Written) -> None:
    root = written("webdataset", made_release(suffix=".png" if suffix == ".png" else ".jpg"))
    found: Counter[tuple[str, str]] = Counter()
    for split in SPLITS:
        shard = wds.WebDataset(str(root / f"{split}-000000.tar"), shardshuffle=False).decode("pil")
        for image, number, told in shard.to_tuple("png;jpg", "cls", "json"):
            name = sorted(CLASSES)[number]
            assert (told["split"], told["class"]) == (split, name)
            assert class_of(np.asarray(image).mean(axis=(0, 1))) == name
            found[split, name] += 1
    assert found == expected_counts()


def test_a_file_s_dots_do_not_cut_the_key(written: Written) -> None:
    """Two names that are alike up to their first dot would be one sample to WebDataset."""
    release = made_release()
    rows = [replace(row, file=f"train/none/photo.v{n}.png", split="train") for n, row in enumerate(release.rows[:5])]
    root = written("webdataset", made_release(rows=rows))
    keys = [one["__key__"] for one in wds.WebDataset(str(root / "train-000000.tar"), shardshuffle=False)]
    assert keys == [f"{row.item.image_sha256[:16]}_{row.item.face_id[:8]}" for row in rows]


def test_several_shards(written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ours, "SHARD_SAMPLES", 7)
    root = written("webdataset")
    shards = sorted(str(p) for p in root.glob("train-*.tar"))
    wanted = sum(n for (split, _), n in expected_counts().items() if split == "train")
    assert len(shards) == -(-wanted // 7)
    assert sum(1 for _ in wds.WebDataset(shards, shardshuffle=False)) == wanted
