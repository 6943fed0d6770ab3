"""A release in other formats than class folders: whole, hashed, replaceable, the same bytes."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.core.errors import ExportError
from pipeline.export.export import plan
from pipeline.export.formats.registry import FORMATS
from pipeline.export.options import ExportOptions
from pipeline.export.release.verify import verify_release
from pipeline.export.split import SplitPlan
from pipeline.export.write import write
from tests.pipeline.export_items import FORTY, NAMES, items, tree


def of(*formats: str, order: tuple[str, ...] = ()) -> ExportOptions:
    return ExportOptions(formats=formats, course_order=order)


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_each_proves_itself_and_may_be_replaced(name: str, tmp_path: Path, crop_path: Callable[[str], Path]) -> None:
    chosen = plan(items(), NAMES, FORTY, of(name))
    write(chosen, crop_path, tmp_path / "out")
    first = tree(tmp_path / "out")
    said, wrong = verify_release(tmp_path / "out")
    assert wrong == ()
    assert set(said.files) == set(first) - {"release.json"}
    write(chosen, crop_path, tmp_path / "out", overwrite=True)
    assert tree(tmp_path / "out") == first


@pytest.mark.parametrize("name", sorted(set(FORMATS) - {"huggingface", "webdataset"}))
def test_the_manifest_says_where_pictures_lie(name: str, tmp_path: Path, crop_path: Callable[[str], Path]) -> None:
    write(plan(items(), NAMES, FORTY, of(name)), crop_path, tmp_path / "out")
    rows = list(csv.DictReader((tmp_path / "out" / "manifest.csv").open()))
    assert len(rows) == 15
    assert all((tmp_path / "out" / row["file"]).read_text() == f"pixels of {row['face_id']}" for row in rows)


def test_a_stray_file_is_not_replaced_with_the_release(tmp_path: Path, crop_path: Callable[[str], Path]) -> None:
    chosen = plan(items(), NAMES, FORTY, of("coco"))
    write(chosen, crop_path, tmp_path / "out")
    (tmp_path / "out" / "annotations" / "mine.json").write_text("{}")
    with pytest.raises(ExportError, match=r"mine\.json"):
        write(chosen, crop_path, tmp_path / "out", overwrite=True)


def test_several_formats_lie_in_folders_of_their_names(tmp_path: Path, crop_path: Callable[[str], Path]) -> None:
    write(plan(items(), NAMES, FORTY, of("imagefolder", "coco")), crop_path, tmp_path / "out")
    assert sorted(p.name for p in (tmp_path / "out").iterdir() if p.is_dir()) == ["coco", "imagefolder"]
    rows = list(csv.DictReader((tmp_path / "out" / "manifest.csv").open()))
    assert all((tmp_path / "out" / row["file"]).is_file() for row in rows)
    assert {row["file"].split("/")[0] for row in rows} == {"imagefolder"}


def test_course_names_are_in_folders_and_classes_txt_and_not_in_the_manifest(
    tmp_path: Path, crop_path: Callable[[str], Path]
) -> None:
    write(plan(items(), NAMES, FORTY, of(order=("none", "pout", "smile"))), crop_path, tmp_path / "out")
    assert sorted(p.name for p in (tmp_path / "out" / "train").iterdir()) == ["0none", "1pouting", "2smile"]
    assert (tmp_path / "out" / "classes.txt").read_text() == "0none\n1pouting\n2smile\n"
    rows = list(csv.DictReader((tmp_path / "out" / "manifest.csv").open()))
    assert {row["class"] for row in rows} == {"none", "pout", "smile"}


def test_folds_are_refused_for_yolo_before_anything_is_written(crop_path: Callable[[str], Path]) -> None:
    with pytest.raises(ExportError, match="yolo"):
        plan(items(9), NAMES, SplitPlan.of(folds=3), of("yolo"))


def test_options_come_back_from_what_the_release_says() -> None:
    asked = of("coco", "yolo", order=("none", "pout"))
    assert ExportOptions.from_params(asked.params) == asked
    assert "formats" not in ExportOptions().params
