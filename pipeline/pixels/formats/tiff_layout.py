"""Where the samples of a TIFF's page lie, by its tags; and whether Pillow reads them right by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from PIL.TiffImagePlugin import OPEN_INFO

UNSIGNED, SIGNED, FLOAT, UNDEFINED = 1, 2, 3, 4
WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC, FILL_ORDER = 256, 257, 258, 259, 262, 266
STRIPS, SAMPLES, ROWS_A_STRIP, STRIP_SIZES, PLANAR, PREDICTOR = 273, 277, 278, 279, 284, 317
TILE_WIDTH, TILE_HEIGHT, TILES, TILE_SIZES, EXTRA, FORMAT = 322, 323, 324, 325, 338, 339
NEW_SUBFILE, ORIENTATION, COLOUR_MAP, SUB_IFDS, SUBSAMPLING, DNG_VERSION = 254, 274, 320, 330, 530, 50706
"""Tags of TIFF 6.0, DNG 1.7 and TIFF/EP."""
WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, INKS, YCBCR = 0, 1, 2, 5, 6
"""Photometric interpretations."""
_MOST, _INK_SET = 281, 332
_COLOURS: Final = {WHITE_IS_ZERO: 1, BLACK_IS_ZERO: 1, RGB: 3, INKS: 4}
"""Photometric interpretation -> samples of a pixel that are colour."""
ABSENT: Final = (0, 0)
"""Start and size of a block that nobody wrote: GDAL leaves out those that hold zeros alone (`SPARSE_OK`)."""
_OF_BYTES: Final = (1, 5, 8, 32773, 32946, 34925, 50000)
"""None, LZW, Deflate, PackBits, old Deflate, LZMA, Zstandard: what they unpack to is bytes, whatever these mean."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the samples of one page are. bits: of one sample. kind: TIFF's SampleFormat. channels: samples a pixel.

    colours: how many of them are colour (1, 3, or 4 inks). alpha: 0 where there is none, 1 multiplied in, 2 not.
    top: the sample that is white where fewer bits are used than there are, else 0.
    blocks: width and height of one strip or tile. planes: 1, or one a channel, whose blocks follow each other.
    """

    width: int
    height: int
    bits: int
    kind: int
    channels: int
    colours: int
    alpha: int
    white_is_zero: bool
    top: int
    little: bool
    blocks: tuple[int, int]
    tiled: bool
    offsets: tuple[int, ...]
    sizes: tuple[int, ...]
    compression: int
    fill_order: int
    predictor: int
    planes: int

    @property
    def across(self) -> int:
        """Tiles beside each other; strips are as wide as the photo."""
        return -(-self.width // self.blocks[0])


def layout_of(tags: Any) -> Layout | None:
    """Where the samples of a page with these tags (Pillow's `tag_v2`) are; None where Pillow reads the page right."""
    photometric = tags.get(PHOTOMETRIC, WHITE_IS_ZERO)
    channels = int(tags.get(SAMPLES, 1))
    every_bits, every_kind = set(_tuple(tags.get(BITS, 1))), set(_tuple(tags.get(FORMAT, UNSIGNED)))
    colours = _COLOURS.get(photometric, 0)
    if not colours or not colours <= channels <= 8 or (photometric == INKS and tags.get(_INK_SET, 1) != 1):
        return None
    if len(every_bits) != 1 or len(every_kind) != 1 or tags.get(COMPRESSION, 1) not in _OF_BYTES:
        return None
    (bits,), (kind,) = every_bits, every_kind
    top = _top_of(tags, bits, kind)
    if not _is_readable(bits, kind) or (not top and _is_pillows(tags, photometric, kind, bits, channels)):
        return None
    width, height = int(tags[WIDTH]), int(tags[HEIGHT])
    tiled = TILES in tags
    rows = min(int(tags.get(ROWS_A_STRIP, height)), height)
    extra = _tuple(tags.get(EXTRA, ()))
    return Layout(
        width, height, bits, UNSIGNED if kind == UNDEFINED else kind, channels, colours,
        alpha=extra[0] if channels > colours and extra and extra[0] in (1, 2) else 0,
        white_is_zero=photometric in (WHITE_IS_ZERO, INKS), top=top, little=tags.prefix[:2] == b"II",
        blocks=(int(tags[TILE_WIDTH]), int(tags[TILE_HEIGHT])) if tiled else (width, rows),
        tiled=tiled,
        offsets=_tuple(tags[TILES if tiled else STRIPS]),
        sizes=_tuple(tags.get(TILE_SIZES if tiled else STRIP_SIZES, ())),
        compression=tags.get(COMPRESSION, 1), fill_order=tags.get(FILL_ORDER, 1),
        predictor=tags.get(PREDICTOR, 1) if tags.get(COMPRESSION, 1) != 1 else 1,
        planes=channels if tags.get(PLANAR, 1) == 2 else 1,
    )  # fmt: skip


def blocks_of(tags: Any) -> list[tuple[int, int]]:
    """Where each strip or tile begins and how many bytes it has: 0 where the page does not tell."""
    places, lengths = (TILES, TILE_SIZES) if TILES in tags else (STRIPS, STRIP_SIZES)
    starts, sizes = _tuple(tags.get(places, ())), _tuple(tags.get(lengths, ()))
    if len(starts) != len(sizes):
        return [(start, 0) for start in starts if start]
    return list(zip(starts, sizes, strict=True))


def _tuple(value: Any) -> tuple[int, ...]:
    return tuple(value) if isinstance(value, tuple) else (value,)


def _top_of(tags: Any, bits: int, kind: int) -> int:
    """What a camera's 10, 12 or 14 bits in samples of 16 reach, where the page says so; 0 where all bits are used.

    TIFF 6.0 has MaxSampleValue for statistics; one that no photo reaches by chance is 2 to some power, less 1.
    """
    most = set(_tuple(tags.get(_MOST, 0)))
    top = most.pop() if len(most) == 1 else 0
    is_full = isinstance(top, int) and top >= 255 and not top & (top + 1)
    return top if is_full and kind == UNSIGNED and 8 < bits <= 16 and top < (1 << bits) - 1 else 0


def _is_readable(bits: int, kind: int) -> bool:
    if kind == FLOAT:
        return bits in (16, 32, 64)
    return kind in (UNSIGNED, SIGNED, UNDEFINED) and (1 <= bits <= 32 or bits == 64)


def _is_pillows(tags: Any, photometric: int, kind: int, bits: int, channels: int) -> bool:
    """Whether Pillow makes 8 bits of each sample by itself, as it is declared; its `I` and `F` are left to others."""
    key = (
        tags.prefix,
        photometric,
        (kind,),
        tags.get(FILL_ORDER, 1),
        (bits,) * channels,
        _tuple(tags.get(EXTRA, ())),
    )
    mode = OPEN_INFO.get(key, ("I",))[0]
    differences = tags.get(PREDICTOR, 1) == 2 and bits < 8 and tags.get(COMPRESSION, 1) != 1
    turned = tags.get(FILL_ORDER, 1) == 2 and bits > 1
    wide_planes = bits > 8 and tags.get(PLANAR, 1) == 2  # which it takes for planes of 8 bits
    multiplied = _tuple(tags.get(EXTRA, ()))[:1] == (1,)  # which it takes out again, and loses where alpha is 0
    more_planes = tags.get(PLANAR, 1) == 2 and channels > _COLOURS[photometric]
    sparse = tags.get(COMPRESSION, 1) != 1 and ABSENT in blocks_of(tags)  # which libtiff takes for damage
    odd = differences or turned or wide_planes or more_planes or multiplied or sparse
    return kind == UNSIGNED and mode[0] not in "IF" and mode != "La" and not odd
