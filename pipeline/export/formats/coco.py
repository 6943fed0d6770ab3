"""COCO: `images/split/`, and one `annotations/split.json` a split with the mouths' boxes and the face's 68 points.

Source: "Data format", cocodataset.org. Ids are whole numbers from 1 on, unique in the whole release.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import IO, Any, Final

from pipeline.core.durable import make_below
from pipeline.export.formats.content import ReleaseContent
from pipeline.export.formats.frames import Frame, Mouth, visible, write_images
from pipeline.export.formats.json_stream import dump, write_list

POINTS: Final = 68
_INFO: Final = {"description": "Mouth expressions"}
_LINES: Final = (
    (0, 17), (17, 22), (22, 27), (27, 31), (31, 36), (36, 42), (42, 48), (48, 60), (60, 68),
)  # fmt: skip
"""First and last + 1 of each line of iBUG's 68 points: jaw, brows, nose, eyes, lips."""
_CLOSED: Final = frozenset({36, 42, 48, 60})


def skeleton() -> list[list[int]]:
    """The pairs of points that are joined, counted from 1 on as COCO does."""
    pairs = []
    for first, end in _LINES:
        pairs += [[at + 1, at + 2] for at in range(first, end - 1)]
        if first in _CLOSED:
            pairs.append([end, first + 1])
    return pairs


def write(release: ReleaseContent, root: Path) -> None:
    """Raises OSError."""
    make_below(root, root / "annotations")
    mouths = count(1)
    for split, found in write_images(release, root):
        with (
            (root / "annotations" / f"{split}.json").open("w", encoding="utf-8") as out,
            TemporaryFile("w+", encoding="utf-8", dir=root) as aside,
        ):
            out.write(f'{{"info": {dump(_INFO)},\n"licenses": [],\n"categories": {dump(categories(release))},\n')
            out.write('"images": ')
            write_list(out, _images(found, mouths, aside))
            out.write(',\n"annotations": [')
            aside.seek(0)
            copyfileobj(aside, out)
            out.write("]}\n")


def categories(release: ReleaseContent) -> list[dict[str, Any]]:
    """Numbered from 1 on: 0 is the background in many a trainer."""
    points = [f"point_{number}" for number in range(1, POINTS + 1)]
    return [
        {"id": number, "name": name, "supercategory": "mouth", "keypoints": points, "skeleton": skeleton()}
        for number, name in enumerate(release.numbered, start=1)
    ]


def _images(found: Iterator[Frame], mouths: Iterator[int], aside: IO[str]) -> Iterator[dict[str, Any]]:
    """Each image; its annotations are written aside, since COCO has them in a list of their own."""
    separator = "\n"
    for frame in found:
        for mouth in frame.mouths:
            aside.write(f"{separator}{dump(_annotation(next(mouths), frame, mouth))}")
            separator = ",\n"
        size = {"width": frame.picture.width, "height": frame.picture.height}
        yield {"id": frame.number, "file_name": f"{frame.split}/{frame.name}", **size}


def _annotation(number: int, frame: Frame, mouth: Mouth) -> dict[str, Any]:
    box = mouth.box
    x1, y1, x2, y2 = (round(v, 2) for v in (box.x1, box.y1, box.x2, box.y2))  # landmarks come back in this precision
    found = {
        "id": number,
        "image_id": frame.number,
        "category_id": mouth.number + 1,
        "bbox": [x1, y1, round(x2 - x1, 2), round(y2 - y1, 2)],
        "area": round((x2 - x1) * (y2 - y1), 2),
        "iscrowd": 0,
        "segmentation": [],
        "face_id": mouth.row.item.face_id,
        "image_sha256": mouth.row.item.image_sha256,
    }
    return found | keypoints(mouth, frame)


def keypoints(mouth: Mouth, frame: Frame) -> dict[str, Any]:
    """x, y, 2 of each of the 68 points that lies in the picture, 0, 0, 0 of the others, as COCO writes what is not
    labelled; nothing where no landmarks are known."""
    if mouth.landmarks is None:
        return {}
    flat: list[float] = []
    seen = visible(mouth.landmarks, frame.picture)
    for (x, y), there in zip(mouth.landmarks.tolist(), seen, strict=True):
        flat += [round(x, 2), round(y, 2), 2] if there else [0, 0, 0]
    return {"keypoints": flat, "num_keypoints": sum(seen)}
