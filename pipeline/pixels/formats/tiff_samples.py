"""TIFFs whose samples Pillow does not read, or reads as other colours: odd depths, signed, 32 bits, floats, planes.

Which photo a sample belongs to is worked out here (TIFF 6.0; Adobe's Photoshop TIFF Technical Note 3 for floats);
the compressed bytes themselves are unpacked by Pillow and libtiff, which are shown them as a picture of 8-bit bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from io import BytesIO
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PIL import Image
from PIL.TiffImagePlugin import COMPRESSION_INFO, TiffImageFile

from pipeline.core.geometry import Rgb
from pipeline.pixels.formats.tiff_layout import (
    ABSENT,
    BITS,
    BLACK_IS_ZERO,
    COMPRESSION,
    FILL_ORDER,
    FLOAT,
    HEIGHT,
    PHOTOMETRIC,
    PLANAR,
    ROWS_A_STRIP,
    SAMPLES,
    SIGNED,
    STRIP_SIZES,
    STRIPS,
    TILE_HEIGHT,
    TILE_SIZES,
    TILE_WIDTH,
    TILES,
    UNSIGNED,
    WIDTH,
    Layout,
)

Bytes = npt.NDArray[np.uint8]
Values = npt.NDArray[Any]

_ROWS: Final = 256
"""Rows that are turned into 8 bits at once: numbers of 8 bytes a sample would need too much for a whole photo."""
_HDR_TOP: Final = 16.0
"""Floats that go no higher have their white at 1, and highlights above it; else they are counted up to 255 or 65535."""


def rgb_of(data: bytes, layout: Layout) -> Rgb:
    """The page as uint8 RGB (height, width, 3), as it lies in the file; alpha over white.

    What is white is told by the declared depth, never by the brightest sample. Two kinds declare none: floats (1, 255
    or 65535, whichever they reach) and integers of 32 bits or more that hold nothing above 16 bits, as Pillow and
    ImageJ write them. Raises OSError or ValueError on damage, MemoryError.
    """
    planes = [_plane(data, layout, n) for n in range(layout.planes)]

    def rows() -> Iterator[Values]:  # anew each time: those of odd depths take more room than the page
        return (_samples(planes, layout, y) for y in range(0, layout.height, _ROWS))

    if layout.alpha and not any(some[..., layout.colours].any() for some in rows()):
        layout = replace(layout, alpha=0)  # not a picture of nothing: nobody wrote it
    to_share = _shares(rows, layout)
    table = _table(to_share, layout)
    rgb = np.empty((layout.height, layout.width, 3), np.uint8)
    for y, some in zip(range(0, layout.height, _ROWS), rows(), strict=True):
        rgb[y : y + _ROWS] = _to_8_bits(to_share(some), layout) if table is None else table[some[..., : layout.colours]]
    return rgb


def _table(to_share: Callable[[Values], npt.NDArray[np.float64]], layout: Layout) -> Bytes | None:
    """What each number becomes, where there are few and each is looked at by itself: a tenth of the arithmetic."""
    if layout.kind != UNSIGNED or layout.bits > 16 or layout.alpha or layout.colours == 4:
        return None
    every = np.arange(1 << layout.bits, dtype=np.uint16).reshape(1, -1, 1)
    return np.ascontiguousarray(_to_8_bits(to_share(every), replace(layout, colours=1))[0, :, 0])


def _plane(data: bytes, layout: Layout, plane: int) -> Bytes:
    """The unpacked bytes of one plane, (height, bytes of all tiles across): shown to Pillow as a grey picture."""
    in_plane = len(layout.offsets) // layout.planes
    where = slice(plane * in_plane, (plane + 1) * in_plane)
    bytes_across = _bytes_a_row(layout) * layout.across
    fields: dict[int, Sequence[int]] = {
        WIDTH: [bytes_across], HEIGHT: [layout.height], BITS: [8], COMPRESSION: [layout.compression],
        PHOTOMETRIC: [BLACK_IS_ZERO], FILL_ORDER: [layout.fill_order], SAMPLES: [1], PLANAR: [1],
    }  # fmt: skip
    if layout.tiled:
        fields |= {TILE_WIDTH: [_bytes_a_row(layout)], TILE_HEIGHT: [layout.blocks[1]]}
    else:
        fields[ROWS_A_STRIP] = [layout.blocks[1]]
    if len(layout.sizes) == len(layout.offsets):
        fields[TILE_SIZES if layout.tiled else STRIP_SIZES] = layout.sizes[where]
    place, sizes = (TILES, TILE_SIZES) if layout.tiled else (STRIPS, STRIP_SIZES)
    starts, zeros = layout.offsets[where], b""
    if sizes in fields and ABSENT in zip(starts, fields[sizes], strict=True):
        zeros = _zeros(layout)
        fields[sizes] = [size or len(zeros) for size in fields[sizes]]
    before = 8 + len(_directory(fields | {place: starts}))
    moved = before + len(zeros)
    fields[place] = [start + moved if start or not zeros else before for start in starts]
    head = b"II*\0" + struct.pack("<I", 8) + _directory(fields) + zeros
    with _ByteTiff(BytesIO(head + data)) as image:  # the data stays last: nothing follows a cut
        return np.asarray(image)


def _zeros(layout: Layout) -> bytes:
    """A block of one plane that is zeros alone, compressed as the others are."""
    blank, stream = Image.new("L", (_bytes_a_row(layout), layout.blocks[1])), BytesIO()
    blank.save(stream, "TIFF", compression=COMPRESSION_INFO[layout.compression], strip_size=blank.width * blank.height)
    with Image.open(stream) as stored:
        (start,), (size,) = (stored.tag_v2[tag] for tag in (STRIPS, STRIP_SIZES))  # type: ignore[attr-defined]
    return stream.getvalue()[start : start + size]


class _ByteTiff(TiffImageFile):
    def load_prepare(self) -> None:
        """Without Pillow's own cap on pixels: here each byte is one, and the photo's were counted before."""
        if self._im is None:
            self.im = Image.new(self.mode, self._tile_size).im


def _directory(fields: dict[int, Sequence[int]]) -> bytes:
    """One little-endian IFD of LONGs, which will lie behind the 8 bytes of the header; longer values lie behind it."""
    entries, behind = b"", b""
    after = 8 + 2 + 12 * len(fields) + 4
    for tag, values in sorted(fields.items()):
        packed = struct.pack(f"<{len(values)}I", *values)
        entries += struct.pack("<HHI", tag, 4, len(values))
        entries += packed if len(values) == 1 else struct.pack("<I", after + len(behind))
        behind += packed if len(values) != 1 else b""
    return struct.pack("<H", len(fields)) + entries + bytes(4) + behind


def _bytes_a_row(layout: Layout) -> int:
    """Of one block of one plane."""
    return -(-layout.blocks[0] * _in_plane(layout) * layout.bits // 8)


def _in_plane(layout: Layout) -> int:
    """Samples of a pixel that lie beside each other."""
    return layout.channels if layout.planes == 1 else 1


def _samples(planes: Sequence[Bytes], layout: Layout, y: int) -> Values:
    """The numbers of _ROWS rows from `y`, (rows, width, channels), in the type of the file."""
    found = [_numbers(plane[y : y + _ROWS], layout) for plane in planes]
    return found[0] if len(found) == 1 else np.concatenate(found, axis=2)


def _numbers(rows: Bytes, layout: Layout) -> Values:
    height = rows.shape[0]
    n = layout.blocks[0] * _in_plane(layout)
    blocks = rows.reshape(height * layout.across, -1)
    values = _float_differences(blocks, n, layout) if layout.predictor == 3 else _unpacked(blocks, n, layout)
    if layout.predictor == 2 and layout.kind != FLOAT:
        values = _summed(values, layout)
    if layout.kind == SIGNED:
        values = _with_sign(values, layout.bits)
    values = values.reshape(height, layout.across * layout.blocks[0], _in_plane(layout))
    return values[:, : layout.width]


def _unpacked(blocks: Bytes, n: int, layout: Layout) -> Values:
    """The first `n` samples of each row. Whole bytes are in the file's order; odd depths are one stream of bits."""
    order, bits = "<" if layout.little else ">", layout.bits
    if layout.kind == FLOAT or bits in (8, 16, 32, 64):
        kind = "f" if layout.kind == FLOAT else "u"
        return np.ascontiguousarray(blocks[:, : n * bits // 8]).view(f"{order}{kind}{bits // 8}")
    if bits == 24:
        three = blocks[:, : n * 3].reshape(len(blocks), n, 3).astype(np.uint32)
        low, high = (0, 2) if layout.little else (2, 0)
        return three[..., high] << 16 | three[..., 1] << 8 | three[..., low]
    wide = 8 if bits < 8 else 16 if bits < 16 else 32
    padded = np.zeros((len(blocks), n, wide), np.uint8)
    padded[..., wide - bits :] = np.unpackbits(blocks, axis=1)[:, : n * bits].reshape(len(blocks), n, bits)
    return np.packbits(padded.reshape(len(blocks), -1), axis=1).view(f">u{wide // 8}")


def _summed(values: Values, layout: Layout) -> Values:
    """Each sample is the difference to the one of the pixel before it, within a block (TIFF 6.0, section 14)."""
    of_pixels = values.reshape(len(values), -1, _in_plane(layout))
    total = np.cumsum(of_pixels, axis=1, dtype=np.uint64) & np.uint64((1 << layout.bits) - 1)
    return total.reshape(values.shape)


def _float_differences(blocks: Bytes, n: int, layout: Layout) -> Values:
    """Differences of bytes, of which the highest of all samples come first, then the next (Technical Note 3)."""
    stride, size = _in_plane(layout), layout.bits // 8
    total = np.cumsum(blocks.reshape(len(blocks), -1, stride), axis=1, dtype=np.uint8)
    by_sample = total.reshape(len(blocks), size, n).transpose(0, 2, 1)
    kind = "f" if layout.kind == FLOAT else "u"
    return np.ascontiguousarray(by_sample).reshape(len(blocks), -1).view(f">{kind}{size}")


def _with_sign(values: Values, bits: int) -> Values:
    unused = np.int64(64 - bits)
    return (values.astype(np.uint64).view(np.int64) << unused) >> unused


def _shares(rows: Callable[[], Iterable[Values]], layout: Layout) -> Callable[[Values], npt.NDArray[np.float64]]:
    """What turns samples into shares of white, 0 to 1."""
    black, white = 0.0, float((1 << layout.bits) - 1)
    if layout.kind == SIGNED:
        black, white = -float(1 << (layout.bits - 1)), float((1 << (layout.bits - 1)) - 1)
    if layout.top and max(int(r.max()) for r in rows()) <= layout.top:
        white = float(layout.top)
    if layout.kind == FLOAT or layout.bits >= 32:
        ends = [(_end(some, np.min), _end(some, np.max)) for some in rows()]
        least, top = min(one for one, _ in ends), max(one for _, one in ends)
        if layout.kind == FLOAT:
            white = white_of_floats(top)
        elif least >= 0 and top <= 65535:
            black, white = 0.0, 255.0 if top <= 255 else 65535.0

    def shares(values: Values) -> npt.NDArray[np.float64]:
        wide = np.nan_to_num(
            values[..., : layout.colours + bool(layout.alpha)].astype(np.float64), nan=black, posinf=white, neginf=black
        )
        return np.clip((wide - black) / (white - black), 0.0, 1.0)

    return shares


def white_of_floats(top: float) -> float:
    """What is white where the brightest sample is `top`: floats declare no depth."""
    return 1.0 if top <= _HDR_TOP else 255.0 if top <= 256 else 65535.0


def _end(values: Values, which: Callable[[Values], Any]) -> float:
    """The least or the greatest number that is one."""
    finite = values[np.isfinite(values)]
    return float(which(finite)) if finite.size else 0.0


def _to_8_bits(shares: npt.NDArray[np.float64], layout: Layout) -> Bytes:
    colour = shares[..., : layout.colours]
    if layout.white_is_zero:
        colour = 1.0 - colour
    if layout.colours == 4:  # the inks of CMYK, each a share of the light that it lets through
        colour = colour[..., :3] * colour[..., 3:]
    if layout.alpha:
        alpha = shares[..., layout.colours : layout.colours + 1]
        colour = np.clip(colour if layout.alpha == 1 else colour * alpha, 0, 1) + (1 - alpha)
    grey_or_rgb = np.clip(np.rint(colour * 255.0), 0, 255).astype(np.uint8)
    return np.repeat(grey_or_rgb, 3, axis=2) if layout.colours == 1 else grey_or_rgb
