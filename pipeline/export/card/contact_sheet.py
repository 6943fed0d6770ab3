"""A contact sheet of a class: a few of its pictures on one page, as SVG.

SVG, because no reader of image folders takes one for data (a PNG or JPEG at the root is one more picture to `datasets`
where the splits are folds), and because its caption shows a class name of any script without a font of ours.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable
from typing import Final
from urllib.parse import quote
from xml.sax.saxutils import escape

import cv2
import numpy as np

from pipeline.core.geometry import Bgr
from pipeline.pixels.encode import encode_jpeg

COLUMNS, ROWS = 10, 4
TILE: Final = 96
"""Pixels of a picture's longer side on the sheet."""
_GAP: Final = 4
_HEAD: Final = 34
_QUALITY: Final = 85


def sheet_name(class_name: str) -> str:
    """The file's name at the root of a release."""
    return f"contact_sheet_{class_name}.svg"


def sheet_link(class_name: str) -> str:
    """The same as Markdown and HTML link to it."""
    return quote(sheet_name(class_name))


def sheet_faces(face_ids: Iterable[str]) -> list[str]:
    """Which of a class's faces its sheet shows, in its order: by their hash, so that most stay when others come."""
    return sorted(face_ids, key=lambda one: hashlib.sha256(one.encode()).digest())[: COLUMNS * ROWS]


def contact_sheet(class_name: str, of: int, pictures: Iterable[Callable[[], bytes]]) -> bytes | None:
    """UTF-8 SVG of the first pictures of a class; None where none of them can be shown.

    of: how many the class has. pictures: each gives the bytes of a PNG or JPEG, and is asked one after another.
    """
    tiles: list[str] = []
    for picture in pictures:
        if len(tiles) == COLUMNS * ROWS:
            break
        if (tile := _tile(picture(), len(tiles))) is not None:
            tiles.append(tile)
    if not tiles:
        return None
    columns, rows = min(COLUMNS, len(tiles)), -(-len(tiles) // COLUMNS)
    width = max(columns, 4) * (TILE + _GAP) + _GAP
    height = _HEAD + rows * (TILE + _GAP)
    caption = f"{class_name} · {len(tiles)} of {of:,}"
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">\n'
        f'<title>{escape(caption)}</title>\n<rect width="{width}" height="{height}" fill="#fff"/>\n'
        f'<text x="{_GAP}" y="23" font-family="sans-serif" font-size="16" fill="#222">{escape(caption)}</text>\n'
    )
    return f"{head}{''.join(tiles)}</svg>\n".encode()


def _tile(data: bytes, at: int) -> str | None:
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
    if image is None:
        return None
    small = _fitted(np.asarray(image, np.uint8))
    height, width = small.shape[:2]
    x = _GAP + at % COLUMNS * (TILE + _GAP) + (TILE - width) // 2
    y = _HEAD + at // COLUMNS * (TILE + _GAP) + (TILE - height) // 2
    jpeg = base64.b64encode(encode_jpeg(small, _QUALITY)).decode()
    return f'<image x="{x}" y="{y}" width="{width}" height="{height}" href="data:image/jpeg;base64,{jpeg}"/>\n'


def _fitted(image: Bgr) -> Bgr:
    """Its longer side at TILE pixels."""
    height, width = image.shape[:2]
    factor = TILE / max(height, width)
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, size, interpolation=method), np.uint8)
