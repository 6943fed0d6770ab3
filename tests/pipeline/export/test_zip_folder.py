from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from pipeline.export.zip_folder import zip_folder


def test_a_zip_has_the_same_bytes_at_any_time(tmp_path: Path) -> None:
    made = []
    for number in range(2):
        folder = tmp_path / str(number) / "data"
        (folder / "train").mkdir(parents=True)
        for name in ("train/b.png", "README.md")[:: 1 - 2 * number]:
            (folder / name).write_text(name)
        zip_folder(folder, tmp_path / f"{number}.zip")
        made.append((tmp_path / f"{number}.zip").read_bytes())
    assert made[0] == made[1]


def test_each_entry_tells_no_clock_and_may_be_read_by_all(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.png").write_bytes(bytes(5_000_000))
    (tmp_path / "data" / "a.png").chmod(0o600)
    zip_folder(tmp_path / "data", tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        (entry,) = archive.infolist()
        assert archive.read(entry) == bytes(5_000_000)
    assert (entry.filename, entry.date_time) == ("data/a.png", (1980, 1, 1, 0, 0, 0))
    assert (entry.external_attr >> 16, entry.compress_type) == (0o644, zipfile.ZIP_STORED)


def test_how_far_it_is_is_told_after_each_file(tmp_path: Path) -> None:
    (tmp_path / "data" / "train").mkdir(parents=True)
    for name in ("a.png", "train/b.png", "README.md"):
        (tmp_path / "data" / name).write_text(name)
    told: list[tuple[int, int]] = []
    zip_folder(tmp_path / "data", tmp_path / "a.zip", lambda done, of: told.append((done, of)))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_what_the_callback_raises_ends_it(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    for name in ("a.png", "b.png", "c.png"):
        (tmp_path / "data" / name).write_text(name)

    def stop(done: int, _of: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        zip_folder(tmp_path / "data", tmp_path / "a.zip", stop)
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.namelist() == ["data/a.png", "data/b.png"]
