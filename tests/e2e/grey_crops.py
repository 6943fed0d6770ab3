"""Crops for faces that were made up without photos."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from pipeline.files.blobs import BlobStore


def put_grey_crops(workspace: Path, faces: Sequence[str]) -> None:
    """A plain grey one for each face, every one of another grey. At most 13 faces."""
    blobs = BlobStore(workspace)
    for number, face in enumerate(faces):
        grey = np.full((40, 40, 3), 20 * number, np.uint8)
        blobs.put("crops", face, "png", cv2.imencode(".png", grey)[1].tobytes())
