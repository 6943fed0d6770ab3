"""Video clips made by hand with PyAV: each frame carries its number, so that a wrong one is seen."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from pipeline.core.geometry import Bgr

SIDE = 16
MOST = 64


def numbered(number: int, width: int = 160, height: int = 96) -> Bgr:
    """RGB, grey; the six squares along the top are the binary digits of `number`, the lowest first."""
    rgb = np.full((height, width, 3), 100, np.uint8)
    for bit in range(6):
        rgb[:SIDE, bit * SIDE : (bit + 1) * SIDE] = 235 if number >> bit & 1 else 20
    return rgb


def number_in(bgr: Bgr) -> int:
    """The number that an upright frame carries."""
    middle = SIDE // 2
    return sum(int(bgr[middle, bit * SIDE + middle].mean() > 128) << bit for bit in range(6))


def write_clip(
    path: Path,
    frames: Sequence[Bgr],
    milliseconds: Sequence[int],
    *,
    codec: str = "libx264",
    matrix: Sequence[int] | None = None,
    options: dict[str, str] | None = None,
    gop: int = 12,
    pixel: tuple[int, int] = (1, 1),
) -> Path:
    """RGB frames, or the planes of a yuv420p as one array, at these times.

    matrix: a b c d of the display matrix, each -1, 0 or 1. pixel: its width and height, in any unit.
    """
    height, width = frames[0].shape[:2]
    flat = frames[0].ndim == 2
    height = height * 2 // 3 if flat else height
    with av.open(str(path), "w", options=options or {}) as container:
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt, stream.gop_size = width, height, "yuv420p", gop
        stream.codec_context.time_base = Fraction(1, 1000)
        stream.codec_context.sample_aspect_ratio = Fraction(*pixel)
        if codec == "libx264":
            stream.options = {"crf": "10", "preset": "veryfast"}
        if matrix is not None:
            a, b, c, d = (v * 65536 for v in matrix)
            stream.set_display_matrix((a, b, 0, c, d, 0, 0, 0, 1 << 30))
        for rgb, at in zip(frames, milliseconds, strict=True):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), "yuv420p" if flat else "rgb24")
            frame.pts, frame.time_base = at, Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def cut(path: Path, share: float) -> Path:
    """The first part of a file beside it."""
    data = path.read_bytes()
    short = path.with_name(f"cut-{path.name}")
    short.write_bytes(data[: int(len(data) * share)])
    return short
