"""Each pair of what an export may be asked for, in thirteen exports: each proves itself and is what was asked for."""

from __future__ import annotations

import csv
import io
import tarfile
from collections import Counter
from hashlib import sha256
from itertools import combinations, product
from pathlib import Path
from typing import Final

import pytest
from PIL import Image

from tests.pipeline.commands import inside
from tests.pipeline.photos import write_heads

CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "content": ("mouth", "face", "photo"), "turned": ("", "level", "margin"), "encoding": ("png", "jpeg"),
    "grey": ("", "grey"), "size": ("", "64"), "split": ("val", "test", "folds"),
    "format": ("imagefolder", "coco", "webdataset"), "names": ("plain", "course"), "which": ("", "most", "balance"),
}  # fmt: skip
NEVER: Final = {("photo", "level"), ("photo", "margin")}
"""A whole photo has no margin and is not turned."""
TABLE: Final = (
    ("face", "level", "png", "grey", "", "folds", "coco", "plain", ""),
    ("mouth", "", "jpeg", "", "", "test", "webdataset", "course", "most"),
    ("face", "margin", "jpeg", "", "64", "val", "imagefolder", "plain", "balance"),
    ("photo", "", "png", "grey", "64", "test", "webdataset", "course", "balance"),
    ("mouth", "margin", "png", "", "64", "folds", "coco", "course", "most"),
    ("mouth", "level", "jpeg", "grey", "", "val", "imagefolder", "plain", "most"),
    ("photo", "", "jpeg", "", "64", "val", "coco", "plain", ""),
    ("face", "level", "png", "", "64", "test", "imagefolder", "course", ""),
    ("mouth", "margin", "png", "grey", "", "test", "coco", "plain", "balance"),
    ("photo", "", "jpeg", "grey", "", "folds", "imagefolder", "course", "most"),
    ("mouth", "margin", "png", "", "64", "val", "webdataset", "course", ""),
    ("face", "level", "jpeg", "", "64", "folds", "webdataset", "plain", "balance"),
    ("face", "", "png", "", "", "val", "imagefolder", "plain", "most"),
)
WORDS: Final[dict[str, tuple[str, ...]]] = {
    "level": ("--level-eyes",), "margin": ("--margin", "1.6"), "grey": ("--grey",), "64": ("--size", "64"),
    "val": ("--val", ".3"), "test": ("--val", ".25", "--test", ".25"), "folds": ("--folds", "2"),
    "most": ("--at-most", "4"), "balance": ("--balance",),
}  # fmt: skip
LABELS: Final = {"none": 8, "openmouth": 6, "pout": 5, "smile": 5}
OF_COURSE: Final = {"none": "0none", "pout": "1pouting", "smile": "2smile", "openmouth": "3openmouth"}
LEFT: Final = {"": LABELS, "most": dict.fromkeys(LABELS, 4), "balance": dict.fromkeys(LABELS, 5)}
SPLITS: Final = {"val": {"train", "val"}, "test": {"train", "val", "test"}, "folds": {"fold1", "fold2"}}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """24 photos with a face each."""
    root = tmp_path_factory.mktemp("pairs")
    photos = write_heads(root / "photos", 24)
    assert inside("ingest", root / "photos", "--workspace", root / "w", "--executor", "serial").returncode == 0
    labels = [label for label, n in LABELS.items() for _ in range(n)]
    lines = [
        f"{sha256(photo.read_bytes()).hexdigest()},accept,{label}" for photo, label in zip(photos, labels, strict=True)
    ]
    (root / "said.csv").write_text("\n".join(["sha256,verdict,label", *lines]))
    done = inside("decide", root / "said.csv", "--annotator", "Ann", "--workspace", root / "w")
    assert done.returncode == 0, done.stderr
    return root / "w"


def test_the_table_has_each_pair_once_at_least() -> None:
    for (one, its), (other, others) in combinations(enumerate(CHOICES.values()), 2):
        wanted = set(product(its, others)) - NEVER
        assert {(row[one], row[other]) for row in TABLE} == wanted


def pictures(out: Path) -> list[tuple[str, bytes]]:
    """Also those within shards; without the card's."""
    found = []
    for path in sorted(out.rglob("*")):
        if path.suffix == ".tar":
            with tarfile.open(path) as shard:
                found += [(m.name, shard.extractfile(m).read()) for m in shard if m.name.endswith((".png", ".jpg"))]  # type: ignore[union-attr]
        elif path.suffix in (".png", ".jpg") and path.parent.name != "card":
            found.append((path.name, path.read_bytes()))
    return found


@pytest.mark.long_but(4)
@pytest.mark.parametrize("row", TABLE, ids="-".join)
def test_each_is_what_was_asked_for(row: tuple[str, ...], workspace: Path, tmp_path: Path) -> None:
    content, _, encoding, grey, size, split, form, names, which = row
    words = [word for choice in row for word in WORDS.get(choice, ())]
    asked = ("--content", content, "--encoding", encoding, "--format", form, "--class-names", names, "--name", "pairs")
    out = tmp_path / "out"
    done = inside("export", "--out", out, *asked, *words, "--anew", "--workspace", workspace)
    assert done.returncode == 0, done.stderr
    proof = inside("release", "verify", out)
    assert proof.returncode == 0, proof.stdout + proof.stderr
    told = list(csv.DictReader((out / "manifest.csv").open(encoding="utf-8")))
    assert Counter(one["class"] for one in told) == LEFT[which]
    assert {one["split"] for one in told} == SPLITS[split]
    expected = sorted(OF_COURSE[name] if names == "course" else name for name in LABELS)
    assert (out / "classes.txt").read_text().split() == expected
    found = pictures(out)
    assert len(found) == len(told)
    for name, data in found:
        with Image.open(io.BytesIO(data)) as picture:
            assert picture.format == encoding.upper(), name
            assert picture.mode == ("L" if grey else "RGB"), name
            assert not size or max(picture.size) == int(size), name
