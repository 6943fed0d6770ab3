"""The picture of a row that shows the reviewed crop, made of its own file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from pipeline.core.errors import ExportError
from pipeline.core.messages import message
from pipeline.core.records import ExportItem, crop_version
from pipeline.core.system.regular import read_regular
from pipeline.export.pictures.options import AS_REVIEWED, PictureOptions
from pipeline.export.pictures.pixels import from_cut
from pipeline.export.pictures.shown import Shown


def crop_of(item: ExportItem, crop_path: Callable[[str], Path]) -> bytes:
    """The very bytes that were reviewed. Raises ExportError: a file that was cut short or exchanged never leaves."""
    source = crop_path(item.face_id)
    try:
        png = read_regular(source)
    except FileNotFoundError as e:
        raise ExportError(message("crop_missing", file=source)) from e
    except OSError as e:
        raise ExportError(message("blob_unreadable", file=source, why=e.strerror or e)) from e
    if crop_version(png) != item.crop_version:
        raise ExportError(message("crop_changed", file=source))
    return png


def reviewed_bytes(
    item: ExportItem, shown: Shown, crop_path: Callable[[str], Path], options: PictureOptions = AS_REVIEWED
) -> bytes:
    """Of the crop as it is the very bytes, else those that are made of it. Raises ExportError."""
    png = crop_of(item, crop_path)
    if not (shown.squares or options.grey or options.encoding != "png"):
        return png
    bgr = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)  # it has the hash of one that Moue wrote
    return from_cut(np.asarray(bgr, np.uint8), shown, options)
