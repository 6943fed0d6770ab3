"""Photos to make a workspace of: with a face, with one that every detector misses, without any, and broken."""

from __future__ import annotations

import hashlib
from pathlib import Path

import cv2
import numpy as np

from pipeline.core.geometry import Bgr, BoundingBox
from tests.pipeline.photos import astronaut, coffee

HEAD = BoundingBox(937, 1005, 976, 1051)
"""The head in `afar`: the astronaut's at (150, 20)-(305, 205), times 128 / 512, at (900, 1000)."""
LIPS = BoundingBox(900 + 197 * 128 / 512, 1000 + 134 * 128 / 512, 900 + 250 * 128 / 512, 1000 + 162 * 128 / 512)


def afar() -> Bgr:
    """2400 x 2000, the astronaut 128 pixels small on a plain ground: every detector misses her."""
    photo = np.full((2000, 2400, 3), (96, 110, 104), np.uint8)
    small = cv2.resize(cv2.imread(str(astronaut())), (128, 128), interpolation=cv2.INTER_AREA)
    photo[1000:1128, 900:1028] = small
    return photo


def write_photos(folder: Path) -> Path:
    """astronaut.png (a face), afar.png (a missed one), cup.png (none), notes.txt (not a photo), broken.jpg."""
    folder.mkdir(parents=True)
    (folder / "astronaut.png").write_bytes(astronaut().read_bytes())
    (folder / "cup.png").write_bytes(coffee().read_bytes())
    cv2.imwrite(str(folder / "afar.png"), afar())
    (folder / "notes.txt").write_text("not a photo\n")
    whole = cv2.imencode(".jpg", cv2.imread(str(astronaut())))[1].tobytes()
    (folder / "broken.jpg").write_bytes(whole[: len(whole) // 3])
    return folder


def sha_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
