from __future__ import annotations

from pathlib import Path

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
