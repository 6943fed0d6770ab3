"""CVAT for images 1.1: `annotations.xml` of a project with a task a split, and the pictures in `images/split/`.

Source: "CVAT for image" under "XML annotation format", docs.cvat.ai. The split is the subset of task and image.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from pipeline.export.formats.content import ReleaseContent
from pipeline.export.formats.frames import Frame, Mouth, frame_name, visible, write_images

LANDMARKS: Final = "landmarks"
"""The label of the 68 points, where they are known."""


def write(release: ReleaseContent, root: Path) -> None:
    """Raises OSError."""
    with (root / "annotations.xml").open("w", encoding="utf-8") as out:
        out.write('<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n  <version>1.1</version>\n')
        out.writelines(_meta(release))
        for _, found in write_images(release, root):
            for frame in found:
                out.writelines(_image(frame))
        out.write("</annotations>\n")


def _meta(release: ReleaseContent) -> Iterator[str]:
    pictures = {split: len({frame_name(release, row) for row in release.of_split(split)}) for split in release.splits}
    yield "  <meta>\n    <project>\n      <id>1</id>\n      <name>Mouth expressions</name>\n"
    yield f"      <size>{sum(pictures.values())}</size>\n      <tasks>\n"
    for number, (split, size) in enumerate(pictures.items(), start=1):
        yield (
            f"        <task>\n          <id>{number}</id>\n          <name>{escape(split)}</name>\n"
            f"          <size>{size}</size>\n          <mode>annotation</mode>\n"
            f"          <subset>{escape(split)}</subset>\n        </task>\n"
        )
    yield "      </tasks>\n      <labels>\n"
    for name in (*release.numbered, LANDMARKS):
        kind = "points" if name == LANDMARKS else "rectangle"
        yield f"        <label>\n          <name>{escape(name)}</name>\n          <type>{kind}</type>\n"
        yield "          <attributes>\n"
        if name != LANDMARKS:
            yield (
                "            <attribute>\n              <name>face_id</name>\n              <mutable>False</mutable>\n"
                "              <input_type>text</input_type>\n              <default_value></default_value>\n"
                "              <values></values>\n            </attribute>\n"
            )
        yield "          </attributes>\n        </label>\n"
    yield "      </labels>\n    </project>\n  </meta>\n"


def _image(frame: Frame) -> Iterator[str]:
    """Images are numbered from 0 on."""
    yield (
        f'  <image id="{frame.number - 1}" name={quoteattr(frame.name)} subset={quoteattr(frame.split)} '
        f'width="{frame.picture.width}" height="{frame.picture.height}">\n'
    )
    for group, mouth in enumerate(frame.mouths, start=1):
        yield from _mouth(frame, mouth, group)
    yield "  </image>\n"


def _mouth(frame: Frame, mouth: Mouth, group: int) -> Iterator[str]:
    box = mouth.box
    yield (
        f'    <box label={quoteattr(mouth.name)} source="manual" occluded="0" xtl="{box.x1:.2f}" ytl="{box.y1:.2f}" '
        f'xbr="{box.x2:.2f}" ybr="{box.y2:.2f}" z_order="0" group_id="{group}">\n'
        f'      <attribute name="face_id">{mouth.row.item.face_id}</attribute>\n    </box>\n'
    )
    if mouth.landmarks is None:
        return
    seen = visible(mouth.landmarks, frame.picture)
    points = [f"{x:.2f},{y:.2f}" for (x, y), there in zip(mouth.landmarks.tolist(), seen, strict=True) if there]
    if points:
        yield (
            f'    <points label="{LANDMARKS}" source="manual" occluded="0" points="{";".join(points)}" z_order="0" '
            f'group_id="{group}">\n    </points>\n'
        )
