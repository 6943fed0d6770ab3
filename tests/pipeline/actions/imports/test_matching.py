"""Whose label it is: boxes that were drawn on a copy of another size, and every label counted once."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from db.reads.imports import KnownFace
from pipeline.actions.imports.matching import Entry, chosen_face, part_in
from pipeline.core.geometry import BoundingBox
from pipeline.core.messages import Message
from pipeline.export.readers.labelled import LabelledPicture
from tests.pipeline.actions.imports.importing import rows, run, told

LEFT = KnownFace("left", BoundingBox(100, 100, 200, 220), BoundingBox(120, 170, 180, 230))
RIGHT = KnownFace("right", BoundingBox(400, 100, 500, 220), BoundingBox(420, 170, 480, 230))
SIZE = (640, 480)


def chosen(box: tuple[float, float, float, float], drawn_on: tuple[float, float] | None) -> str:
    picture = LabelledPicture(Path("a.jpg"), "smile", box=BoundingBox(*box), drawn_on=drawn_on)
    found = chosen_face(Entry(picture, "a.jpg", "0" * 64), [LEFT, RIGHT], SIZE)
    return found.code if isinstance(found, Message) else found.face_id


@pytest.mark.parametrize(
    ("box", "drawn_on", "expected"),
    [
        ((400, 100, 500, 220), None, "right"),
        ((400, 100, 500, 220), (640, 480), "right"),
        ((200, 50, 250, 110), (320, 240), "right"),  # half as large: as it stands it lies at the left face
        ((1600, 400, 2000, 880), (2560, 1920), "right"),
        ((107, 27, 133, 59), (171, 128), "right"),  # rounded to whole pixels
        ((100, 100, 200, 220), (480, 640), "import_other_size"),  # before a camera's note turned it
        ((100, 100, 200, 220), (640, 640), "import_other_size"),
    ],
)
def test_boxes_of_a_copy_of_another_size(
    box: tuple[float, float, float, float], drawn_on: tuple[float, float] | None, expected: str
) -> None:
    assert chosen(box, drawn_on) == expected


def test_a_crop_s_mouth_is_not_where_another_shape_says() -> None:
    picture = LabelledPicture(Path("a.jpg"), "smile", box=BoundingBox(10, 10, 40, 30), drawn_on=(100, 80))
    assert part_in(Entry(picture, "a.jpg", "0" * 64), (80, 100)) is None
    assert part_in(Entry(picture, "a.jpg", "0" * 64), (50, 40)) == BoundingBox(5, 5, 20, 15)


def sideways(data: bytes) -> bytes:
    """The same photo as a camera held upright stores it: lying, with the note that it is to be turned."""
    photo = Image.open(io.BytesIO(data))
    photo = photo.crop((0, 0, photo.width, photo.height * 9 // 10))  # one that is square tells nothing
    exif = Image.Exif()
    exif[0x0112] = 6
    stream = io.BytesIO()
    photo.transpose(Image.Transpose.ROTATE_90).save(stream, "JPEG", quality=95, exif=exif)
    return stream.getvalue()


def test_every_label_is_counted_once(
    tmp_path: Path, heads_of: Callable[[int], bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    """Of nine labels: one is new, one said again, two contradict each other, one is a crowd's, one an empty box, one
    where no face is, one drawn on the photo before it was turned, one of another person's mind."""
    root, workspace = tmp_path / "set", tmp_path / "w"
    (root / "images").mkdir(parents=True)
    images = []
    for number in range(5):
        data = sideways(heads_of(number)) if number == 4 else heads_of(number)
        (root / "images" / f"{number}.jpg").write_bytes(data)
        raw = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
        images.append({"id": number, "file_name": f"{number}.jpg", "width": raw.shape[1], "height": raw.shape[0]})
    (tmp_path / "first" / "pout").mkdir(parents=True)
    (tmp_path / "first" / "pout" / "3.jpg").write_bytes(heads_of(3))
    assert run(workspace, tmp_path / "first", annotator="Bob") == 0
    ((x1, y1, x2, y2),) = rows(workspace, "SELECT x1, y1, x2, y2 FROM faces")
    face = [float(v) for v in (x1, y1, x2 - x1, y2 - y1)]  # type: ignore[operator,arg-type]
    asked = [(0, 1, None, 0), (0, 1, None, 0), (1, 1, None, 0), (1, 2, None, 0), (2, 1, face, 1),
             (2, 1, [5, 5, 0, 9], 0), (2, 1, [0, 0, 3, 3], 0), (4, 1, face, 0), (3, 1, None, 0)]  # fmt: skip
    annotations = [
        {"id": n, "image_id": image, "category_id": kind, "iscrowd": crowd, **({} if box is None else {"bbox": box})}
        for n, (image, kind, box, crowd) in enumerate(asked)
    ]
    kinds = [{"id": 1, "name": "smile"}, {"id": 2, "name": "none"}]
    text = json.dumps({"images": images, "categories": kinds, "annotations": annotations})
    (root / "result.json").write_text(text)
    capsys.readouterr()
    assert run(workspace, root) == 1
    done = told(capsys)
    assert sorted(one["code"] for one in done["unmatched"]) == [  # type: ignore[attr-defined]
        "import_box_refused", "import_contradiction", "import_left", "import_left", "import_other_size",
    ]  # fmt: skip
    figures = {name: done[name] for name in ("labels", "saved", "repeats", "not_taken", "waiting", "left", "decided_n")}
    assert figures == {
        "labels": 9, "saved": 1, "repeats": 1, "not_taken": 6, "waiting": 0, "left": 0, "decided_n": 1,
    }  # fmt: skip
