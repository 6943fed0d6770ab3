"""TIFF for the decode gate: Pillow's reader, with the samples that it lacks or misreads made by `tiff_samples`."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from io import BytesIO
from typing import Any, Literal

from PIL import Image, ImageFile, ImagePalette, UnidentifiedImageError
from PIL.TiffImagePlugin import COMPRESSION_INFO, TiffImageFile

from pipeline.core.errors import UnsupportedError
from pipeline.core.messages import message
from pipeline.pixels.formats.big_endian import as_classic
from pipeline.pixels.formats.libtiff import silence
from pipeline.pixels.formats.tiff_layout import (
    ABSENT,
    BITS,
    COLOUR_MAP,
    COMPRESSION,
    DNG_VERSION,
    NEW_SUBFILE,
    ORIENTATION,
    PHOTOMETRIC,
    SUB_IFDS,
    SUBSAMPLING,
    YCBCR,
    blocks_of,
    layout_of,
)
from pipeline.pixels.formats.tiff_samples import rgb_of

_DECODER = "moue_tiff_samples"
_UNKNOWN_MODE = "unknown pixel mode"
_EIGHT_BITS = ("jpeg", "tiff_jpeg")
_LZW = 5
_RAW_COLOURS = (32803, 34892)
"""What a sensor saw, pixel by pixel under its mosaic of colours, or linear."""
_NAMES = {
    22610: "JPEG XR", 33003: "JPEG 2000", 33005: "JPEG 2000", 34712: "JPEG 2000", 34887: "LERC", 34892: "lossy JPEG",
    34933: "PNG", 34934: "JPEG XR", 50001: "WebP", 50002: "JPEG XL", 52546: "JPEG XL",
}  # fmt: skip
"""Compressions that Pillow's libtiff lacks."""
_BIG = 43
_MOST_PAGES = 1000
_MOST_COPIES = 64
"""Smaller copies before the picture. Each that is read costs a millisecond; a pyramid has no twenty levels."""
_MOST_TAGS = 4096
"""Of a page. No photo has as many; Pillow reads a directory several times, and 65,535 take it a second."""


class SampledTiff(TiffImageFile):
    """Pillow's TIFF; a page that it would not read, or as another brightness, is RGB here."""

    def _setup(self) -> None:
        layout = layout_of(self.tag_v2)
        if layout is None:
            self._setup_as_pillow()
            return
        turned = self.tag_v2.get(ORIENTATION) in (5, 6, 7, 8)
        self._tile_size = layout.width, layout.height
        self._size = (layout.height, layout.width) if turned else (layout.width, layout.height)
        self._mode, self.palette, self.use_load_libtiff = "RGB", None, False
        self.info["compression"] = COMPRESSION_INFO[layout.compression]
        self.tile = [ImageFile._Tile(_DECODER, (0, 0, *self._tile_size), 0, (layout,))]

    def _setup_as_pillow(self) -> None:
        compression, bits = self.tag_v2.get(COMPRESSION, 1), self.tag_v2.get(BITS, (1,))
        name = None if compression in _NAMES else COMPRESSION_INFO.get(compression)
        called = name or _NAMES.get(compression, compression)
        kind = message("tiff_bits", n=len(bits), bits=max(bits), compression=called)
        of_sensor = DNG_VERSION in self.tag_v2 or self.tag_v2.get(PHOTOMETRIC) in _RAW_COLOURS
        odd = UnsupportedError(message("camera_raw") if of_sensor else message("tiff_kind", kind=kind))
        if name is None or (name in _EIGHT_BITS and max(bits) > 8):
            raise odd
        if self._is_subsampled(compression):
            self.tag_v2[COMPRESSION] = _LZW  # so that libtiff reads it, which looks for itself
        try:
            super()._setup()
        except SyntaxError as e:
            if str(e) != _UNKNOWN_MODE:
                raise
            raise odd from e
        if not self.use_load_libtiff and ABSENT in blocks_of(self.tag_v2):
            self.tile = [tile for tile in self.tile if tile.offset]  # what lies at 0 is the file's head
        colours = self.tag_v2.get(COLOUR_MAP, ())
        if self.mode == "P" and colours and max(colours) < 256:  # written as 8 bits by mistake, as libtiff guesses, too
            self.palette = ImagePalette.raw("RGB;L", bytes(colours))

    def _is_subsampled(self, compression: int) -> bool:
        """Whether fewer samples of colour than of brightness lie there as they are, which Pillow's own reader lacks."""
        if compression != 1 or self.tag_v2.get(PHOTOMETRIC) != YCBCR:
            return False
        return bool(self.tag_v2.get(SUBSAMPLING, (2, 2)) != (1, 1))


class _Decoder(ImageFile.PyDecoder):
    _pulls_fd = True

    def decode(self, buffer: Any) -> tuple[int, int]:
        (layout,) = self.args
        assert self.fd is not None
        self.fd.seek(0)
        self.set_as_raw(memoryview(rgb_of(self.fd.read(), layout)).cast("B"), "RGB")  # type: ignore[arg-type]
        return -1, 0


Image.register_decoder(_DECODER, _Decoder)


def is_tiff(data: bytes) -> bool:
    """By the first four bytes: TIFF or BigTIFF, of either byte order."""
    return data[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def open_tiff(data: bytes) -> Image.Image:
    """As `Image.open` does, nothing decoded. Raises UnidentifiedImageError for a header that cannot be read.

    Raises UnsupportedError for samples that nobody here reads.
    """
    silence()
    try:
        if any(tags > _MOST_TAGS for tags in _tags_of_pages(data)):
            raise ValueError("more tags than a page has")
        return SampledTiff(BytesIO(as_classic(data)))
    except (SyntaxError, IndexError, TypeError, KeyError, OverflowError, struct.error, ValueError) as e:
        raise UnidentifiedImageError(str(e)) from e


def _tags_of_pages(data: bytes) -> Iterator[int]:
    """How many tags each of the first pages says it has (TIFF 6.0, section 2; BigTIFF), as far as the file goes."""
    order: Literal["little", "big"] = "little" if data[:2] == b"II" else "big"
    is_big = int.from_bytes(data[2:4], order) == _BIG
    count, entry, link = (8, 20, 8) if is_big else (2, 12, 4)
    at = int.from_bytes(data[8:16] if is_big else data[4:8], order)
    for _ in range(_MOST_PAGES):
        if not at or at + count > len(data):
            return
        tags = int.from_bytes(data[at : at + count], order)
        yield tags
        at += count + entry * tags
        at = int.from_bytes(data[at : at + link], order)


def is_reduced(image: Any) -> bool:
    """Whether the page that a Pillow TIFF stands at is a smaller copy of another one (a preview, a pyramid's level)."""
    kind = image.tag_v2.get(NEW_SUBFILE, 0)
    return isinstance(kind, int) and bool(kind & 1)


def is_raw(image: Any) -> bool:
    """Whether an opened Pillow TIFF is a camera's RAW file, whose first picture is but a thumbnail."""
    return DNG_VERSION in image.tag_v2 or (is_reduced(image) and SUB_IFDS in image.tag_v2)


def seek_first_picture(image: Any) -> None:
    """Go to the first page that is no smaller copy of another one, where fewer than _MOST_COPIES are before it; nothing
    is decoded."""
    try:
        for page in range(1, _MOST_COPIES + 1):
            if not is_reduced(image):
                return
            image.seek(page % _MOST_COPIES)
    except (EOFError, OSError, SyntaxError, KeyError, TypeError):  # no other, or a damaged one
        image.seek(0)
