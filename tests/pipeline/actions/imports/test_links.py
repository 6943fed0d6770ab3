"""Links in a data set: pictures behind them are named, annotations are read, none leads out of where pages may read."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.core.errors import UsageError
from pipeline.sources.folders import refuse_links_out
from tests.pipeline.export.readers.read import BOX, COCO, LINE, NAMES, coco, labels


@pytest.mark.parametrize(
    ("link", "kept"),
    [
        ("images", "labels"),
        ("images/train", "labels/train"),
        ("train/images", "train/labels"),
        ("train", "train/labels"),
    ],
)
def test_pictures_of_yolo_behind_a_folder_s_link_are_named(tmp_path: Path, link: str, kept: str) -> None:
    """Each class once, by the link: it was passed over in silence."""
    away = tmp_path / "elsewhere"
    (away / "labels").mkdir(parents=True)
    (away / "b.jpg").write_text("x")
    (tmp_path / "set" / link).parent.mkdir(parents=True)
    (tmp_path / "set" / link).symlink_to(away)
    files = {"data.yaml": NAMES, "more/images/a.jpg": "x", "more/labels/a.txt": LINE}
    files |= {f"{kept}/b.txt": f"{LINE}\n0 .5 .5 .1 .1\n{LINE}\n", f"{kept}/c.txt": "\n"}
    assert labels(tmp_path, files) == [
        ("more/images/a.jpg", "smile", BOX), (link, "none", "import_left_link"), (link, "smile", "import_left_link"),
    ]  # fmt: skip


def test_a_linked_folder_without_lines_is_nobody_s(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "set").mkdir()
    (tmp_path / "set/more").symlink_to(tmp_path / "elsewhere")
    assert labels(tmp_path, {"data.yaml": NAMES, "images/a.jpg": "x", "labels/a.txt": LINE}) == [
        ("images/a.jpg", "smile", BOX)
    ]


@pytest.mark.parametrize(
    ("name", "text", "others"),
    [
        ("labels/a.txt", LINE, {"data.yaml": NAMES, "images/a.jpg": "x"}),
        ("result.json", coco(), {"a.jpg": "x"}),
        (COCO, coco(), {"images/a.jpg": "x"}),
    ],
)
def test_annotations_behind_a_link_are_read(tmp_path: Path, name: str, text: str, others: dict[str, str]) -> None:
    """As in a cache of Hugging Face, where all files are links: their labels were left out."""
    (tmp_path / "blob").write_text(text)
    (tmp_path / "set" / name).parent.mkdir(parents=True)
    (tmp_path / "set" / name).symlink_to(tmp_path / "blob")
    assert [one[1] for one in labels(tmp_path, others)] == ["smile"]


def test_a_link_behind_a_link_leads_out_as_well(tmp_path: Path) -> None:
    for name in ("set", "allowed/inner", "secret"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "set/labels").symlink_to(tmp_path / "allowed")
    (tmp_path / "allowed/inner/round").symlink_to(tmp_path / "allowed")
    within = (str(tmp_path / "allowed"),)
    refuse_links_out(tmp_path / "set", within)
    (tmp_path / "allowed/inner/a.txt").symlink_to(tmp_path / "secret")
    with pytest.raises(UsageError) as told:
        refuse_links_out(tmp_path / "set", within)
    assert told.value.message.code == "import_link_outside"
