"""Releases of faces, photos and mouths cut anew: their pixels, and what happens where a photo is not what it was."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from db.store.store import Store
from pipeline.actions.release import cutter as cutter_module
from pipeline.actions.release.accepted import read_accepted
from pipeline.actions.release.again import make_again
from pipeline.actions.release.cutter import cutter
from pipeline.actions.releases import write_folder
from pipeline.core.errors import ExportError, UnavailableError
from pipeline.core.geometry import CropBox
from pipeline.export.export import ExportPlan, plan
from pipeline.export.options import ExportOptions
from pipeline.export.pictures import cutting
from pipeline.export.pictures.cutting import Order, Piece
from pipeline.export.pictures.options import PictureOptions
from pipeline.export.pictures.shown import Shown
from pipeline.export.split import SplitPlan
from pipeline.run import programs
from tests.pipeline import commands as cli

HALF = SplitPlan(val=0.5, seed=0)


def export(store: Store, out: Path, options: ExportOptions) -> Path:
    accepted = read_accepted(store)
    planned = plan(accepted.items, accepted.class_names, HALF, options, accepted.agreed)
    return write_folder(store, planned, out, "data", "Ann", overwrite=False).path


def of(content: PictureOptions, size: int | None = None, *formats: str) -> ExportOptions:
    return ExportOptions(size, pictures=content, formats=formats)


def by_face(root: Path) -> dict[str, dict[str, str]]:
    with (root / "manifest.csv").open(newline="") as stream:
        return {row["face_id"]: row for row in csv.DictReader(stream)}


def pixels(path: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    with Image.open(path) as opened:
        return np.asarray(opened)


def test_a_margin_and_level_eyes_give_the_crops_that_a_workspace_of_them_has(
    store: Store, chosen: ExportPlan, tmp_path: Path
) -> None:
    options = of(PictureOptions(margin=2.5, level_eyes=True))
    made = export(store, tmp_path / "out", options)
    store.close()
    shutil.copytree(store.root, tmp_path / "other")
    done = cli.call("reprocess", "--margin", "2.5", "--upright", "--workspace", tmp_path / "other")
    assert done.returncode == 0, done.stderr
    rows = by_face(made)
    assert len(rows) == 12
    for face, row in rows.items():
        cut = tmp_path / "other" / "crops" / face[:2] / f"{face}.png"
        assert (made / row["file"]).read_bytes() == cut.read_bytes()
        assert cut.read_bytes() != (store.root / "crops" / face[:2] / f"{face}.png").read_bytes()


def test_a_face_is_the_square_around_its_box(store: Store, chosen: ExportPlan, tmp_path: Path) -> None:
    made = export(store, tmp_path / "out", of(PictureOptions("face", margin=1.0)))
    rows, checked = by_face(made), 0
    for one in chosen.rows:
        row = rows[one.item.face_id]
        x1, y1, x2, y2 = (float(row[f"box_{side}"]) for side in ("x1", "y1", "x2", "y2"))
        side = round(max(x2 - x1, y2 - y1))
        left, top = (int(np.floor((a + b) / 2 - side / 2 + 0.5)) for a, b in ((x1, x2), (y1, y2)))
        photo = pixels(store.root / one.item.original)
        shown = pixels(made / row["file"])
        assert shown.shape == (side, side, 3)
        if min(left, top) >= 0 and left + side <= photo.shape[1] and top + side <= photo.shape[0]:
            assert np.array_equal(shown, photo[top : top + side, left : left + side])
            assert row["filled"] == "0.0000"
            checked += 1
    assert checked > 0


def test_a_photo_is_whole_and_without_what_its_camera_noted(store: Store, chosen: ExportPlan, tmp_path: Path) -> None:
    made = export(store, tmp_path / "out", of(PictureOptions("photo"), None, "coco", "yolo"))
    (row, *_), rows = chosen.rows, by_face(made)
    for one in chosen.rows:
        file = made / rows[one.item.face_id]["file"]
        assert file.name == f"{one.item.image_sha256[:16]}.png"
        assert np.array_equal(pixels(file), pixels(store.root / one.item.original))
        with Image.open(file) as opened:
            assert not opened.getexif()
    images = [one for split in ("train", "val") for one in _annotations(made / "coco", split)["images"]]
    assert len(images) == len({one.item.image_sha256 for one in chosen.rows})
    small = export(store, tmp_path / "small", of(PictureOptions("photo"), 100, "coco"))
    with Image.open(small / by_face(small)[row.item.face_id]["file"]) as opened:
        assert max(opened.size) == 100
        (width, height), whole = opened.size, pixels(store.root / row.item.original)
    assert width / height == pytest.approx(whole.shape[1] / whole.shape[0], rel=0.02)


def _annotations(root: Path, split: str) -> dict[str, list[dict[str, object]]]:
    found: dict[str, list[dict[str, object]]] = json.loads((root / "annotations" / f"{split}.json").read_text())
    return found


@pytest.mark.parametrize("content", ["mouth", "face", "photo"])
def test_the_mouths_box_is_where_the_mouth_is_in_what_is_shown(
    store: Store, chosen: ExportPlan, tmp_path: Path, content: str
) -> None:
    """Held against the photo: the box's pixels in the picture are those of the same part of the photo."""
    options = PictureOptions(content)  # type: ignore[arg-type]
    made = export(store, tmp_path / "out", of(options, None, "coco"))
    for split in ("train", "val"):
        told = _annotations(made, split)
        files = {one["id"]: made / "images" / str(one["file_name"]) for one in told["images"]}
        for one in told["annotations"]:
            points = store.read(lambda db, f=one["face_id"]: _landmarks(db, f))
            x, y, width, height = one["bbox"]  # type: ignore[misc]
            (left, top), (right, bottom) = points[48:].min(axis=0), points[48:].max(axis=0)
            assert (width, height) == pytest.approx((right - left, bottom - top), abs=0.02)
            item = next(row.item for row in chosen.rows if row.item.face_id == one["face_id"])
            photo, shown = pixels(store.root / item.original), pixels(files[one["image_id"]])
            off_x, off_y = round(left - x), round(top - y)  # type: ignore[has-type]
            at_x, at_y, w, h = int(x), int(y), int(width), int(height)  # type: ignore[has-type]
            same = photo[at_y + off_y : at_y + off_y + h, at_x + off_x : at_x + off_x + w]
            assert np.array_equal(shown[at_y : at_y + h, at_x : at_x + w], same)


def _landmarks(db: object, face: str) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    (data,) = db.execute("SELECT landmarks FROM faces WHERE id = ?", [face]).fetchone()  # type: ignore[attr-defined]
    return np.frombuffer(data, "<f4").reshape(68, 2)


def test_grey_jpegs_of_one_size(store: Store, chosen: ExportPlan, tmp_path: Path) -> None:
    options = PictureOptions(grey=True, encoding="jpeg", jpeg_quality=60)
    made = export(store, tmp_path / "out", of(options, 64))
    files = list(made.rglob("*.jpg"))
    assert len(files) == 12
    assert not list(made.rglob("*.png"))
    coloured = export(store, tmp_path / "colour", of(PictureOptions(), 64))
    for face, row in by_face(made).items():
        with Image.open(made / row["file"]) as opened:
            assert (opened.format, opened.mode, opened.size) == ("JPEG", "L", (64, 64))
            grey = np.asarray(opened, float)
        with Image.open(coloured / by_face(coloured)[face]["file"]) as opened:
            assert np.abs(np.asarray(opened.convert("L"), float) - grey).mean() < 6
    said = json.loads((made / "release.json").read_text())["options"]
    assert {name: said[name] for name in ("grey", "encoding", "jpeg_quality")} == {
        "grey": True, "encoding": "jpeg", "jpeg_quality": 60,
    }  # fmt: skip
    assert "content" not in said


@pytest.mark.long
@pytest.mark.parametrize(
    "options",
    [
        of(PictureOptions("face", level_eyes=True, encoding="jpeg"), 48, "coco", "huggingface"),
        of(PictureOptions("photo", grey=True), 64),
        of(PictureOptions(margin=3.0)),
    ],
)
def test_it_is_made_again_byte_for_byte_in_another_process(
    store: Store, chosen: ExportPlan, tmp_path: Path, options: ExportOptions
) -> None:
    made = export(store, tmp_path / "first", options)
    store.close()
    out = tmp_path / "again"
    said = cli.call("release", "again", "data#1", "--out", out, "--workspace", store.root, PYTHONHASHSEED="7")
    assert said.returncode == 0, said.stderr
    assert {p.relative_to(out): p.read_bytes() for p in out.rglob("*") if p.is_file()} == {
        p.relative_to(made): p.read_bytes() for p in made.rglob("*") if p.is_file()
    }


def test_no_photo_is_decoded_in_this_process(
    store: Store, chosen: ExportPlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def here(*_: object) -> None:
        raise AssertionError("decoded here")

    monkeypatch.setattr(cutting, "load_checked", here)
    assert by_face(export(store, tmp_path / "out", of(PictureOptions("face"))))
    with pytest.raises(AssertionError, match="decoded here"):
        cutting.carry_out(order(tmp_path))


@pytest.mark.parametrize("harm", ["gone", "another", "damaged"])
def test_an_original_that_is_not_what_it_was_is_named(
    store: Store, chosen: ExportPlan, tmp_path: Path, harm: str
) -> None:
    one = chosen.rows[5].item
    original = store.root / one.original
    if harm == "gone":
        original.unlink()
    elif harm == "another":
        shutil.copyfile(store.root / chosen.rows[0].item.original, original)
    else:
        original.write_bytes(original.read_bytes()[:-200])
    first = export(store, tmp_path / "mouths" / "out", of(PictureOptions(grey=True)))  # its crops are there
    assert len(by_face(first)) == 12
    with pytest.raises(ExportError) as refused:
        export(store, tmp_path / "faces" / "out", of(PictureOptions("face")))
    assert refused.value.message.code == "export_photo_lost"
    assert refused.value.message.params["photo"] == one.location
    assert list((tmp_path / "faces").iterdir()) == []  # nothing half, nothing beside it


def order(folder: Path, **changed: object) -> Order:
    piece = Piece(Shown(CropBox(0, 0, 4, 4), 4, 4), str(folder / "out.png"))
    usual = Order(str(folder / "photo.png"), "0" * 64, "photo.png", "push", PictureOptions(), (piece,))
    return replace(usual, **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize("does", ["die", "hang"])
def test_a_photo_whose_process_dies_or_hangs_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, does: str
) -> None:
    started, start = [], programs._start

    def noted(_module: str) -> subprocess.Popen[bytes]:
        started.append(start("tests.pipeline.run.fake_program"))
        return started[-1]

    monkeypatch.setattr(programs, "_start", noted)
    monkeypatch.setattr(Order, "to_json", lambda _: {"do": does})
    with pytest.raises(ExportError) as refused:
        list(cutter(tmp_path, seconds=1.0 if does == "hang" else 60.0)(iter([order(tmp_path)])))
    assert refused.value.message.params["why"].code == "process_died"  # type: ignore[union-attr]
    assert [one.poll() is not None for one in started] == [True, True]  # tried twice, and none is left


def test_few_orders_are_taken_ahead_and_none_of_its_processes_outlives_it(tmp_path: Path) -> None:
    Image.new("RGB", (8, 8), (10, 20, 30)).save(tmp_path / "photo.png")
    sha = sha_of(tmp_path / "photo.png")
    asked: list[int] = []

    def orders() -> Iterator[Order]:
        for number in range(40):
            asked.append(number)
            piece = Piece(Shown(CropBox(2, 2, 4, 4), 4, 4), str(tmp_path / f"{number}.png"))
            yield order(tmp_path, sha256=sha, pieces=(piece,))

    cut: Callable[..., Iterator[Order]] = cutter(tmp_path)
    running = cut(orders())
    next(running)
    assert len(asked) <= 1 + 2 * cutter_module.MOST_PROCESSES
    assert sum(1 for _ in running) == 39
    assert np.array_equal(pixels(tmp_path / "39.png"), np.full((4, 4, 3), (10, 20, 30), np.uint8))


def sha_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_an_error_of_decoding_travels_with_its_code(tmp_path: Path) -> None:
    with pytest.raises(ExportError) as refused:
        list(cutter(tmp_path)(iter([order(tmp_path)])))
    assert refused.value.message.params["why"].code == "file_unreadable"  # type: ignore[union-attr]
    with pytest.raises(UnavailableError):
        cutting.carry_out(order(tmp_path))


def test_again_names_a_photo_that_is_gone(store: Store, chosen: ExportPlan, tmp_path: Path) -> None:
    export(store, tmp_path / "out", of(PictureOptions("photo")))
    (store.root / chosen.rows[3].item.original).unlink()
    with pytest.raises(ExportError) as refused:
        make_again(store, "data", tmp_path / "again")
    assert refused.value.message.params["photo"] == chosen.rows[3].item.location
