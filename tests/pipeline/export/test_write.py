"""A release on the disk: whole or not at all, and nothing of anybody else touched."""

from __future__ import annotations

import csv
import errno
import hashlib
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.core.errors import ExportError, StorageError
from pipeline.core.records import Provenance
from pipeline.export import place
from pipeline.export.export import ExportPlan, plan
from pipeline.export.options import ExportOptions
from pipeline.export.split import SplitPlan
from pipeline.export.target import check_target
from pipeline.export.write import write
from pipeline.files.exchange import exchange
from pipeline.pixels.encode import encode_png
from tests.pipeline.export_items import FORTY, NAMES, items, tree, version_of


def test_what_is_written(tmp_path: Path, crop_path: Callable[[str], Path]) -> None:
    out = tmp_path / "not" / "yet" / "there"
    report = write(plan(items(), NAMES, FORTY), crop_path, out)
    files = tree(out)
    assert report.files == 15
    assert report.out == out
    assert report.digest == hashlib.sha256(files["manifest.csv"]).hexdigest()
    assert sorted(p.name for p in out.iterdir()) == [
        "README.md",
        "classes.txt",
        "croissant.json",
        "manifest.csv",
        "release.json",
        "train",
        "val",
    ]
    assert files["classes.txt"] == b"none\npout\nsmile\n"
    for split in ("train", "val"):
        assert sorted(p.name for p in (out / split).iterdir()) == sorted(NAMES)
        assert all(any(p.iterdir()) for p in (out / split).iterdir())
    for one in items():
        name = f"{one.image_sha256[:16]}_{one.face_id[:8]}.png"
        (place,) = [f for f in files if f.endswith(name)]
        assert place in (f"train/{one.label}/{name}", f"val/{one.label}/{name}")
        assert files[place] == f"pixels of {one.face_id}".encode()
    table = list(csv.DictReader((out / "manifest.csv").open(newline="")))
    assert [row["file"] for row in table] == sorted(f for f in files if f.endswith(".png"))
    assert all(row["file"] == f"{row['split']}/{row['class']}/{Path(row['file']).name}" for row in table)
    assert (table[0]["box_x1"], table[0]["crop_x"], table[0]["crop_width"]) == ("1.00", "-3", "20")
    for split in ("train", "val"):
        for name in NAMES:
            assert report.counts[split][name] == len(list((out / split / name).iterdir()))
    assert not list(out.parent.glob(".*"))  # nothing temporary stays beside it


def test_no_name_place_or_clock_leaves(tmp_path: Path, crop_path: Callable[[str], Path]) -> None:
    write(plan(items(), NAMES, SplitPlan(val=0.2, seed=0)), crop_path, tmp_path / "out")
    everything = b"".join(tree(tmp_path / "out").values())
    for secret in (b"Ann", b"secret", b"/home", str(tmp_path).encode(), time.strftime("%Y-%m").encode()):
        assert secret not in everything


def test_the_same_decisions_give_the_same_bytes(tmp_path: Path, crop_path: Callable[[str], Path]) -> None:
    write(plan(items(), NAMES, SplitPlan(val=0.2, seed=0)), crop_path, tmp_path / "one")
    write(plan(items()[::-1], NAMES[::-1], SplitPlan(val=0.2, seed=0)), crop_path, tmp_path / "other")
    write(plan(items(), NAMES, SplitPlan(val=0.2, seed=1)), crop_path, tmp_path / "seeded")
    assert tree(tmp_path / "one") == tree(tmp_path / "other")
    assert tree(tmp_path / "one") != tree(tmp_path / "seeded")


@pytest.fixture
def exported(tmp_path: Path, crop_path: Callable[[str], Path]) -> tuple[Path, ExportPlan, Callable[[str], Path]]:
    chosen = plan(items(), NAMES, SplitPlan(val=0.2, seed=0))
    write(chosen, crop_path, tmp_path / "out")
    return tmp_path / "out", chosen, crop_path


Exported = tuple[Path, ExportPlan, Callable[[str], Path]]


def test_an_earlier_export_is_replaced_only_on_request(exported: Exported) -> None:
    out, _, crop_path = exported
    before = tree(out)
    with pytest.raises(ExportError, match="--overwrite"):
        write(plan(items(6), NAMES, SplitPlan(val=0.2, seed=0)), crop_path, out)
    assert tree(out) == before
    write(plan(items(6), NAMES, SplitPlan(val=0.2, seed=0)), crop_path, out, overwrite=True)
    assert len(tree(out)) == 18 + 5
    assert [p.name for p in out.parent.iterdir() if p.name.startswith(".")] == []


@pytest.mark.parametrize("place", ["notes.txt", "train/smile/mine.png", "val/other/x", ".hidden"])
def test_a_strangers_file_in_an_export_is_kept(exported: Exported, place: str) -> None:
    out, chosen, crop_path = exported
    (out / place).parent.mkdir(parents=True, exist_ok=True)
    (out / place).write_text("mine")
    with pytest.raises(ExportError, match="did not write"):
        write(chosen, crop_path, out, overwrite=True)
    assert (out / place).read_text() == "mine"


def test_what_stands_in_the_way_is_kept(tmp_path: Path, crop_path: Callable[[str], Path]) -> None:
    chosen = plan(items(), NAMES, SplitPlan(val=0.2, seed=0))
    file, folder, link, empty = (tmp_path / n for n in ("file", "folder", "link", "empty"))
    file.write_text("mine")
    folder.mkdir()
    (folder / "README.md").write_text("mine")
    empty.mkdir()
    link.symlink_to(empty)
    for target in (file, folder, link):
        for overwrite in (False, True):
            with pytest.raises(ExportError):
                write(chosen, crop_path, target, overwrite=overwrite)
    assert file.read_text() == "mine"
    assert (folder / "README.md").read_text() == "mine"
    assert not any(empty.iterdir())
    write(chosen, crop_path, empty)
    assert (empty / "manifest.csv").is_file()
    check_target(tmp_path / "free", overwrite=False)


def test_a_missing_crop_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="verify"):
        write(plan(items(), NAMES, SplitPlan(val=0.2, seed=0)), lambda face: tmp_path / face, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_the_earlier_export(exported: Exported, monkeypatch: pytest.MonkeyPatch) -> None:
    out, chosen, crop_path = exported
    before = tree(out)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(place, "sync_file", full)
    with pytest.raises(StorageError, match="disk is full"):
        write(chosen, crop_path, out, overwrite=True)
    assert tree(out) == before
    assert [p.name for p in out.parent.iterdir() if p.name.startswith(".out")] == []


def test_anyone_may_read_an_export(exported: Exported) -> None:
    assert exported[0].stat().st_mode & 0o555 == 0o555


def test_an_earlier_export_comes_back_where_the_new_one_cannot_take_its_place(
    tmp_path: Path, crop_path: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "data"
    write(plan(items(), NAMES, FORTY), crop_path, out)
    before = tree(out)

    def fail(source: Path, target: Path) -> None:
        assert not target.exists()  # the earlier one was moved away
        raise OSError(errno.EIO, "no")

    monkeypatch.setattr(place, "exchange", lambda one, other: False)  # a file system that cannot
    monkeypatch.setattr(place, "rename_new", fail)
    with pytest.raises(StorageError):
        write(plan(items(6), NAMES, FORTY), crop_path, out, overwrite=True)
    assert tree(out) == before
    assert {p.name for p in tmp_path.iterdir()} == {"crops", "data"}


def test_crops_leave_at_the_size_asked_for(tmp_path: Path) -> None:
    crop = tmp_path / "crop.png"
    crop.write_bytes(encode_png(np.full((20, 20, 3), 77, np.uint8)))
    all_alike = [replace(one, crop_version=version_of(crop.read_bytes())) for one in items()]
    write(plan(all_alike, NAMES, FORTY, ExportOptions(size=32)), lambda _: crop, tmp_path / "out")
    written = sorted((tmp_path / "out").rglob("*.png"))
    assert len(written) == 15
    for file in written:
        pixels = np.asarray(Image.open(file))
        assert pixels.shape == (32, 32, 3)
        assert set(pixels.ravel()) == {77}
    assert "32 x 32 pixels" in (tmp_path / "out" / "README.md").read_text()


def test_photos_from_the_web_bring_their_attribution(tmp_path: Path, crop_path: Callable[[str], Path]) -> None:
    told = Provenance("https://img.example/1.jpg", licence="CC BY 4.0")
    chosen = [replace(one, provenance=(told,)) if n % 2 else one for n, one in enumerate(items())]
    write(plan(chosen, NAMES, FORTY), crop_path, tmp_path / "out")
    rows = list(csv.DictReader((tmp_path / "out" / "attribution.csv").open(newline="")))
    assert len(rows) == 7
    assert {row["licence"] for row in rows} == {"CC BY 4.0"}
    assert all((tmp_path / "out" / row["file"]).is_file() for row in rows)
    assert "attribution.csv" in (tmp_path / "out" / "README.md").read_text()
    write(plan(items(), NAMES, FORTY), crop_path, tmp_path / "out", overwrite=True)  # it counts as Moue's own
    assert not (tmp_path / "out" / "attribution.csv").exists()


@pytest.mark.parametrize("size", [None, 32])
@pytest.mark.parametrize("cut", [0, 20, None])
def test_a_crop_that_was_cut_short_or_exchanged_never_leaves(tmp_path: Path, size: int | None, cut: int | None) -> None:
    pngs = {one.face_id: encode_png(np.full((20, 20, 3), n, np.uint8)) for n, one in enumerate(items())}
    made = [replace(one, crop_version=version_of(pngs[one.face_id])) for one in items()]
    (tmp_path / "crops").mkdir()
    for face_id, png in pngs.items():
        (tmp_path / "crops" / face_id).write_bytes(png)
    bad = made[7].face_id
    (tmp_path / "crops" / bad).write_bytes(pngs[made[8].face_id] if cut is None else pngs[bad][:cut])
    chosen = plan(made, NAMES, FORTY, ExportOptions(size=size))
    with pytest.raises(ExportError, match=bad) as refused:
        write(chosen, lambda face_id: tmp_path / "crops" / face_id, tmp_path / "out")
    assert refused.value.message.code == "crop_changed"
    assert [path.name for path in tmp_path.iterdir()] == ["crops"]
    (tmp_path / "crops" / bad).write_bytes(pngs[bad])
    assert write(chosen, lambda face_id: tmp_path / "crops" / face_id, tmp_path / "out").files == 15


def test_an_earlier_export_is_at_its_place_until_the_new_one_is(
    tmp_path: Path, crop_path: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kill at any rename: `out` is never missing."""
    _two_folders(tmp_path)
    if not exchange(tmp_path / "a", tmp_path / "b"):
        pytest.skip("this file system cannot exchange names")
    write(plan(items(), NAMES, FORTY), crop_path, tmp_path / "out")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(place.os, "rename", killed)
    write(plan(items(6), NAMES, FORTY), crop_path, tmp_path / "out", overwrite=True)
    assert len(list((tmp_path / "out").rglob("*.png"))) == 18
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".out")] == []


def _two_folders(root: Path) -> None:
    (root / "a").mkdir()
    (root / "b").mkdir()
