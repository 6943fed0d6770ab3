"""HEIC and HEIF for Pillow, by pi-heif: imported when the first such file comes: most runs have none."""

from __future__ import annotations

from functools import cache
from typing import Final

from pipeline.core.errors import UnsupportedError
from pipeline.core.messages import message

_BRANDS: Final = frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"))
_AV1: Final = frozenset((b"avif", b"avis"))


def is_heif(data: bytes) -> bool:
    """Whether the bytes are HEIF with HEVC inside, known by the brands in their `ftyp` box; AVIF is Pillow's own."""
    if data[4:8] != b"ftyp" or data[8:12] not in _BRANDS:
        return False
    end = min(int.from_bytes(data[:4], "big"), 256)
    return not _AV1 & {data[at : at + 4] for at in range(8, end, 4)}


@cache
def use_heif() -> None:
    """Let Pillow open `HEIF`. libheif's own limits stay on; one thread, since the workers share the cores.

    Raises UnsupportedError that names the package where it is not installed.
    """
    try:
        from pi_heif import register_heif_opener  # type: ignore[import-untyped]
    except ImportError as e:
        raise UnsupportedError(message("heic_needs_package")) from e
    register_heif_opener(decode_threads=1, thumbnails=False, depth_images=False, aux_images=False)
