"""A stored crop at the size of a card. Runs in the programs of `processes`; imports little, since pages wait for it."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Final

from PIL import Image

from pipeline.core.errors import UnavailableError, UndecodableError
from pipeline.core.messages import damage, message
from pipeline.core.system.regular import read_regular

_QUALITY: Final = 92


def crop_picture(file: Path, side: int | None) -> bytes:
    """A JPEG, shrunk or enlarged to `side` pixels (its longer edge); None: a PNG as it is.

    Raises UnavailableError where the crop's file is gone, UndecodableError where it is no PNG.
    """
    try:
        data = read_regular(file)
    except OSError as e:
        raise UnavailableError(message("crop_not_here")) from e
    try:
        with Image.open(BytesIO(data), formats=("PNG",)) as opened:
            crop = opened.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as e:
        raise UndecodableError(message("image_damaged", why=damage(e))) from e
    out = BytesIO()
    if side is None:
        crop.save(out, "PNG", compress_level=1)
        return out.getvalue()
    factor = side / max(crop.size)
    size = (max(1, round(crop.width * factor)), max(1, round(crop.height * factor)))
    method = Image.Resampling.LANCZOS if factor < 1 else Image.Resampling.BICUBIC
    crop.resize(size, method).save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()
