"""HEIC files made by hand: one HEVC still from libx265, wrapped as ISO/IEC 23008-12 says. pi-heif cannot write any."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence

import av
import numpy as np

from pipeline.core.geometry import Bgr


def heic(
    rgbs: Sequence[Bgr] | Bgr, *, turns: int = 0, mirror: int | None = None, exif: bytes | None = None,
    brand: bytes = b"heic", size: tuple[int, int] | None = None, coding: bytes = b"hvc1",
) -> bytes:  # fmt: skip
    """A HEIC of one or several pictures (even sides), the first one primary.

    turns: `irot`, quarter turns anticlockwise; mirror: `imir` after that, 0 top and bottom change places, 1 left and
    right. exif: TIFF bytes. size: what `ispe` claims, width and height, where it is not the truth. coding: what the
    list of items claims.
    """
    pictures = [rgbs] if isinstance(rgbs, np.ndarray) else list(rgbs)
    coded = [_hevc(rgb) for rgb in pictures]
    extras = [struct.pack(">I", 0) + exif] if exif else []
    properties = b""
    ipma = b""
    numbers: list[int] = []
    count = 0
    for config, _, (width, height) in coded:
        mine = [config, _full(b"ispe", struct.pack(">II", *(size or (width, height))))]
        mine += [_box(b"irot", bytes([turns]))] if turns else []
        mine += [_box(b"imir", bytes([mirror]))] if mirror is not None else []
        properties += b"".join(mine)
        numbers.append(len(numbers) + 1)
        indices = bytes(count + 1 + i | (0x80 if i != 1 else 0) for i in range(len(mine)))
        ipma += struct.pack(">HB", numbers[-1], len(mine)) + indices
        count += len(mine)
    iprp = _box(b"iprp", _box(b"ipco", properties) + _full(b"ipma", struct.pack(">I", len(coded)) + ipma))
    entries = [_item(n, coding) for n in numbers] + [_item(len(numbers) + 1, b"Exif")] * len(extras)
    iinf = _full(b"iinf", struct.pack(">H", len(entries)) + b"".join(entries))
    iref = _full(b"iref", _box(b"cdsc", struct.pack(">HHH", len(numbers) + 1, 1, 1))) if extras else b""
    bodies = [body for _, body, _ in coded] + extras
    head = _box(b"ftyp", brand + struct.pack(">I", 0) + b"mif1heic")
    handler = _full(b"hdlr", struct.pack(">I4s12x", 0, b"pict") + b"\0")
    rest = handler + _full(b"pitm", struct.pack(">H", 1)) + iinf + iref + iprp
    start = len(head) + 12 + len(rest) + len(_iloc(bodies, 0)) + 8
    return head + _full(b"meta", rest + _iloc(bodies, start)) + _box(b"mdat", b"".join(bodies))


def _hevc(rgb: Bgr) -> tuple[bytes, bytes, tuple[int, int]]:
    """The `hvcC` box, the sample (NAL units with their lengths), and its width and height."""
    height, width = rgb.shape[:2]
    stream = io.BytesIO()
    with av.open(stream, "w", "mp4") as container:
        video = container.add_stream("libx265", rate=1)
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        video.options = {
            "x265-params": "log-level=none:qp=4:keyint=1:pools=1:frame-threads=1:range=full:colormatrix=bt709"
        }
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), "rgb24")
        frame = frame.reformat(format="yuv420p", dst_colorspace="ITU709", dst_color_range="JPEG")
        container.mux(video.encode(frame))
        container.mux(video.encode(None))
    data = stream.getvalue()
    return _named(data, b"hvcC"), _named(data, b"mdat")[8:], (width, height)


def _named(data: bytes, name: bytes) -> bytes:
    at = data.index(name) - 4
    return data[at : at + int.from_bytes(data[at : at + 4], "big")]


def _iloc(bodies: Sequence[bytes], start: int) -> bytes:
    rows = b""
    for number, body in enumerate(bodies, 1):
        rows += struct.pack(">HHHII", number, 0, 1, start, len(body))
        start += len(body)
    return _full(b"iloc", struct.pack(">HH", 0x4400, len(bodies)) + rows)


def _item(number: int, kind: bytes) -> bytes:
    return _full(b"infe", struct.pack(">HH4s", number, 0, kind) + b"\0", version=2)


def _box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + name + body


def _full(name: bytes, body: bytes, version: int = 0) -> bytes:
    return _box(name, struct.pack(">I", version << 24) + body)
