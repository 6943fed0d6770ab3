"""YOLO boxes of mouths: `images/split/`, `labels/split/` with a line a mouth, and `data.yaml`.

Source: "Object Detection Datasets Overview", docs.ultralytics.com. `data.yaml` has no `path`: its own folder counts,
wherever it lies; with a relative one Ultralytics looks in its own data sets' folder.
"""

from __future__ import annotations

from pathlib import Path

from pipeline.core.durable import make_below
from pipeline.export.formats.content import ReleaseContent
from pipeline.export.formats.frames import Frame, write_images
from pipeline.export.formats.json_stream import dump


def write(release: ReleaseContent, root: Path) -> None:
    """Raises OSError."""
    for split, found in write_images(release, root):
        labels = root / "labels" / split
        make_below(root, labels)
        for frame in found:
            (labels / f"{Path(frame.name).stem}.txt").write_text(_lines(frame), encoding="utf-8")
    # Text in quotes is the same in YAML as in JSON.
    splits = "".join(f"{split}: images/{split}\n" for split in release.splits)
    names = "".join(f"  {number}: {dump(name)}\n" for number, name in enumerate(release.numbered))
    (root / "data.yaml").write_text(f"{splits}names:\n{names}", encoding="utf-8")


def _lines(frame: Frame) -> str:
    """Class, then the box's middle and size as shares of the picture's, 0 to 1."""
    width, height = frame.picture.width, frame.picture.height
    lines = []
    for mouth in frame.mouths:
        box = mouth.box
        centre = ((box.x1 + box.x2) / 2 / width, (box.y1 + box.y2) / 2 / height)
        shares = (*centre, box.width / width, box.height / height)
        lines.append(" ".join([str(mouth.number), *(f"{share:.6f}" for share in shares)]) + "\n")
    return "".join(lines)
