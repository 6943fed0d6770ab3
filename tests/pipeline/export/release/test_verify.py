from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.export.export import plan
from pipeline.export.release.verify import verify_release
from pipeline.export.split import SplitPlan
from pipeline.export.write import ReleaseName, write
from pipeline.export.zip_folder import zip_folder
from tests.faults.whole import tree
from tests.pipeline.export_items import NAMES, items


@pytest.fixture
def released(tmp_path: Path, crop_path: Callable[[str], Path]) -> Path:
    """A release of fifteen pictures."""
    chosen = plan(items(), NAMES, SplitPlan(val=0.4, seed=3))
    write(chosen, crop_path, tmp_path / "data", name=ReleaseName("data", 2))
    return tmp_path / "data"


def findings(place: Path) -> list[str]:
    return [str(one) for one in verify_release(place)[1]]


def test_a_whole_release_is_one_in_a_folder_and_in_a_zip(released: Path, tmp_path: Path) -> None:
    zip_folder(released, tmp_path / "data.zip")
    for place in (released, tmp_path / "data.zip"):
        said, found = verify_release(place)
        assert (said.line, said.number, found) == ("data", 2, ())
        written = {path.relative_to(released).as_posix() for path in released.rglob("*") if path.is_file()}
        assert set(said.files) == written - {"release.json"}


def change(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(bytes([data[0] ^ 1]) + data[1:])


def renumber(path: Path) -> None:
    path.write_text(path.read_text("utf-8").replace('"number": 2', '"number": 3'), "utf-8")


def a_picture(released: Path) -> Path:
    return sorted(released.glob("train/*/*.png"))[0]


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda root: change(a_picture(root)), "is not what it was when the release was made"),
        (lambda root: a_picture(root).write_bytes(b""), "is not what it was"),
        (lambda root: a_picture(root).unlink(), "is missing"),
        (lambda root: change(root / "manifest.csv"), "manifest.csv is not what it was"),
        (lambda root: change(root / "README.md"), "README.md is not what it was"),
        (lambda root: renumber(root / "release.json"), "release.json is not what it was"),
        (lambda root: (root / "train" / "new.png").write_bytes(b"x"), "train/new.png was not in the release"),
        (lambda root: (root / "link").symlink_to(root / "README.md"), "link was not in the release"),
        (lambda root: (root / ".hidden").write_bytes(b"x"), ".hidden was not in the release"),
    ],
)
def test_each_change_is_named(released: Path, damage: Callable[[Path], object], said: str) -> None:
    damage(released)
    (finding,) = findings(released)
    assert said in finding


def test_a_picture_that_changed_its_class_is_missing_here_and_strange_there(released: Path) -> None:
    moved = a_picture(released)
    other = next(one for one in NAMES if one != moved.parent.name)
    moved.rename(released / "train" / other / moved.name)
    missing, strange = f"train/{moved.parent.name}/{moved.name} is missing", f"train/{other}/{moved.name} was not in"
    assert findings(released) == [missing, f"{strange} the release"]


def test_a_damaged_zip_tells_which_file(released: Path, tmp_path: Path) -> None:
    file, picture = tmp_path / "data.zip", a_picture(released)
    zip_folder(released, file)
    data = bytearray(file.read_bytes())
    data[data.find(picture.read_bytes()) + 3] ^= 0x10
    file.write_bytes(bytes(data))
    name = picture.relative_to(released).as_posix()
    assert findings(file) == [f"{name} is not what it was when the release was made"]


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_so_does_one_that_was_packed_by_another_program(released: Path, tmp_path: Path, method: int) -> None:
    file, name = tmp_path / "data.zip", a_picture(released).relative_to(released).as_posix()
    with zipfile.ZipFile(file, "w", method) as archive:
        for path in sorted(one for one in released.rglob("*") if one.is_file()):
            archive.write(path, path.relative_to(tmp_path).as_posix())
        entry = archive.getinfo(f"data/{name}")
    assert findings(file) == []
    data = bytearray(file.read_bytes())
    start = entry.header_offset + 30 + len(entry.filename)
    data[start : start + entry.compress_size] = b"\xff" * entry.compress_size
    file.write_bytes(bytes(data))
    assert findings(file) == [f"{name} is not what it was when the release was made"]


def test_an_earlier_one_without_a_sum_is_whole_and_made_again_without(
    released: Path, tmp_path: Path, crop_path: Callable[[str], Path]
) -> None:
    said, _ = verify_release(released)
    earlier = replace(said, summed=False)
    (released / "release.json").write_bytes(earlier.to_bytes())
    assert verify_release(released) == (earlier, ())
    chosen = plan(items(), NAMES, SplitPlan(val=0.4, seed=3))
    write(chosen, crop_path, tmp_path / "again", name=ReleaseName("data", 2), like=earlier)
    assert tree(tmp_path / "again") == tree(released)
