"""Label Studio: `tasks.json` with an annotation each, `label-config.xml`, and the pictures in `images/split/`.

Source: "Label Studio JSON format of annotated tasks" and "Local storage", labelstud.io. The pictures' addresses are
those of Label Studio's local files, from the format's own folder as the document root.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

from pipeline.export.formats.content import ReleaseContent
from pipeline.export.formats.frames import IMAGES, Frame, Mouth, write_images
from pipeline.export.formats.json_stream import write_list


def write(release: ReleaseContent, root: Path) -> None:
    """Raises OSError."""
    with (root / "tasks.json").open("w", encoding="utf-8") as out:
        write_list(out, _tasks(release, root))
        out.write("\n")
    (root / "label-config.xml").write_text(_config(release), encoding="utf-8")


def _tasks(release: ReleaseContent, root: Path) -> Iterator[dict[str, Any]]:
    for split, found in write_images(release, root):
        for frame in found:
            data = {
                "image": f"/data/local-files/?d={quote(f'{IMAGES}/{split}/{frame.name}')}",
                "split": split,
                "image_sha256": frame.mouths[0].row.item.image_sha256,
            }
            if release.shows != "photo":
                data["face_id"] = frame.mouths[0].row.item.face_id
            result = [one for mouth in frame.mouths for one in _result(release, frame, mouth)]
            yield {"id": frame.number, "data": data, "annotations": [{"id": frame.number, "result": result}]}


def _result(release: ReleaseContent, frame: Frame, mouth: Mouth) -> Iterator[dict[str, Any]]:
    """The box in per cent of the picture, and the class of a picture that shows one face."""
    size = {"original_width": frame.picture.width, "original_height": frame.picture.height, "image_rotation": 0}
    face = mouth.row.item.face_id
    box = mouth.box
    value = {
        "x": round(100 * box.x1 / frame.picture.width, 4),
        "y": round(100 * box.y1 / frame.picture.height, 4),
        "width": round(100 * box.width / frame.picture.width, 4),
        "height": round(100 * box.height / frame.picture.height, 4),
        "rotation": 0,
    }
    common = {"to_name": "image", **size}
    yield {
        **common, "id": f"{face}-box", "from_name": "mouth", "type": "rectanglelabels",
        "value": {**value, "rectanglelabels": [mouth.name]},
    }  # fmt: skip
    if release.shows != "photo":
        yield {
            **common, "id": f"{face}-class", "from_name": "class", "type": "choices",
            "value": {"choices": [mouth.name]},
        }  # fmt: skip


def _config(release: ReleaseContent) -> str:
    labels = "".join(f"    <Label value={quoteattr(name)}/>\n" for name in release.numbered)
    choices = "".join(f"    <Choice value={quoteattr(name)}/>\n" for name in release.numbered)
    of_picture = "" if release.shows == "photo" else f'  <Choices name="class" toName="image">\n{choices}  </Choices>\n'
    return (
        '<View>\n  <Image name="image" value="$image"/>\n'
        f'  <RectangleLabels name="mouth" toName="image">\n{labels}  </RectangleLabels>\n{of_picture}</View>\n'
    )
