"""Tables as they are met in the wild: boxes by other columns, and cells that are not under their names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.pipeline.export.readers.read import BOX, pictures, refusal


@pytest.mark.parametrize(
    ("header", "row", "box", "drawn_on"),
    [
        ("filename,width,height,class,xmin,ymin,xmax,ymax", "a.jpg,640,480,smile,1,2,4,6", (1, 2, 4, 6), (640, 480)),
        ("file,class,x,y,width,height", "a.jpg,smile,1,2,3,4", (1, 2, 4, 6), None),
        ("file,class,left,top,w,h", "a.jpg,smile,1,2,3,4", (1, 2, 4, 6), None),
        ("file,class,x1,y1,x2,y2", "a.jpg,smile,,,,", None, None),
        ("file,class,x,y", "a.jpg,smile,1,2", None, None),  # a point
        ("file,class,width,height", "a.jpg,smile,640,480", None, None),
        ("file,class,xmin,ymin,xmax,ymax", "a.jpg,smile,.1,.2,.4,.6", BOX, None),
    ],
)
def test_tables_with_boxes(tmp_path: Path, header: str, row: str, box: Any, drawn_on: Any) -> None:
    (one,) = pictures(tmp_path, {"a.jpg": "x", "t.csv": f"{header}\n{row}\n"})
    found = one.box and (one.box.x1, one.box.y1, one.box.x2, one.box.y2)
    assert (one.label, found, one.drawn_on, one.in_shares) == ("smile", box, drawn_on, box == BOX)


@pytest.mark.parametrize(
    "text", ["file,class,x1,y1,x2,y2\na.jpg,smile,1,2,4,\n", "file,class,x,y,w,h\na.jpg,smile,1,,3,4\n",
             "file;class;x1;y1;x2;y2\na.jpg;smile;1,5,;2;4;6\n"],
)  # fmt: skip
def test_a_box_that_is_told_in_part_is_no_whole_picture(tmp_path: Path, text: str) -> None:
    assert refusal(tmp_path, {"a.jpg": "x", "t.csv": text}) == "import_row"


@pytest.mark.parametrize(
    ("text", "code"),
    [("file_name,title,label\na.jpg,sun, sea,smile\n", "table_cells"),
     ("file_name,label,label\na.jpg,smile,none\n", "table_column_twice")],
)  # fmt: skip
def test_metadata_whose_cells_are_not_under_their_names(tmp_path: Path, text: str, code: str) -> None:
    assert refusal(tmp_path, {"a.jpg": "x", "metadata.csv": text}) == code
