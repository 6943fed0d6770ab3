"""Draws classes on a photo: box, class and probability of each face."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from typing import Final

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from pipeline.core.geometry import Bgr, BoundingBox

_INK: Final = (255, 255, 255)
_GROUND: Final = (32, 32, 32)
_LEAST_LETTER: Final = 12
_LATIN: Final = 0x250
"""What Pillow's own font has letters for lies below."""
_CHINESE_FONTS: Final = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/System/Library/Fonts/PingFang.ttc",
    "/System/Library/Fonts/STHeiti Light.ttc",
)


def draw_classes(bgr: Bgr, boxes: Sequence[BoundingBox], labels: Sequence[tuple[str, int]]) -> Bgr:
    """A copy of a photo, uint8 (height, width, 3), with a box and a line of text for each face.

    labels: of each box its text, and the number that stands for the class where this machine has no letters for it.
    """
    canvas: Bgr = np.ascontiguousarray(bgr).copy()
    height, width = canvas.shape[:2]
    line = max(1, round(max(height, width) / 400))
    for box in boxes:
        x1, y1, x2, y2 = box.rounded()
        for colour, thick in ((_GROUND, 3 * line), (_INK, line)):
            cv2.rectangle(canvas, (x1, y1), (x2 - 1, y2 - 1), colour, thick, cv2.LINE_AA)
    letter = max(_LEAST_LETTER, round(max(height, width) / 32))
    picture = Image.fromarray(np.ascontiguousarray(canvas[:, :, ::-1]))
    pen = ImageDraw.Draw(picture)
    for box, (text, number) in zip(boxes, labels, strict=True):
        _write(pen, box, text, number, letter, width, height)
    return np.ascontiguousarray(np.asarray(picture, np.uint8)[:, :, ::-1])


def _write(
    pen: ImageDraw.ImageDraw, box: BoundingBox, text: str, number: int, letter: int, width: int, height: int
) -> None:
    """Above the box where there is room, else inside it; pushed into the photo."""
    font = _font(letter, max(map(ord, text), default=0) >= _LATIN)
    if font is None:
        text, font = f"{number} {text.rpartition(' ')[2]}", _plain(letter)
    left, top, right, bottom = pen.textbbox((0, 0), text, font=font)
    wide, high = right - left + letter // 2, bottom - top + letter // 2
    x = min(max(0.0, box.x1), max(0.0, width - wide))
    y = box.y1 - high if box.y1 >= high else max(0.0, box.y1)
    y = min(y, max(0.0, height - high))
    pen.rectangle((x, y, x + wide, y + high), fill=_GROUND)
    pen.text((x + letter // 4 - left, y + letter // 4 - top), text, fill=_INK, font=font)


@cache
def _plain(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


@cache
def _font(size: int, chinese: bool) -> ImageFont.FreeTypeFont | ImageFont.ImageFont | None:
    if not chinese:
        return _plain(size)
    there = next((file for file in _CHINESE_FONTS if os.path.isfile(file)), None)
    return None if there is None else ImageFont.truetype(there, size)
