"""Every picture of an animation or of a file of several pages: GIF, APNG, WebP, AVIF, TIFF, MPO, HEIF.

Each frame goes through the gate of `pipeline.pixels.decode`, with its own size and its own orientation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from PIL import Image

from pipeline.core.errors import DecodeError, TooLargeError
from pipeline.core.geometry import Bgr
from pipeline.core.messages import message
from pipeline.core.records import ImageRef, Settings
from pipeline.frames.spool import SpooledFrame, frame_refs, spool_frame
from pipeline.pixels.decode import check_size, decode, gate, open_checked, read_capped
from pipeline.pixels.first_picture import ANIMATED, MOST_OF_ANIMATED
from pipeline.pixels.formats.fewest_bytes import most_of_frames
from pipeline.pixels.formats.png_chunks import SIGNATURE, pixels_only
from pipeline.pixels.formats.tiff import is_reduced
from pipeline.pixels.upright import upright_bgr

MOST_FRAMES: Final = 10_000
MOST_PIXELS: Final = 4_000_000_000
"""Of all frames of one file together: about 80 of the largest photos, or half an hour of a small GIF. A small file may
have fewer (`most_of_frames`)."""
_KINDS: Final = ("GIF", "PNG", "WEBP", "AVIF", "TIFF", "MPO", "HEIF")
_MP_ENTRIES: Final = 0xB002  # CIPA DC-007


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """number: 1 for the first of `count`. bgr: upright uint8 (height, width, 3)."""

    number: int
    count: int
    bgr: Bgr


def frame_count(data: bytes, name: str, settings: Settings) -> int:
    """How many frames `iter_frames` will give; nothing is decoded. Raises what `decode` raises of a bad header."""
    data = _readable(data, settings)
    with gate(data, name, settings), open_checked(data, name, settings) as image:
        return max(1, len(_checked_pages(image)))


def iter_frames(data: bytes, name: str, settings: Settings) -> Iterator[Frame]:
    """Every frame in order, decoded one at a time.

    data, name, settings: as for `decode`. Raises what `decode` raises, naming the frame; those before it were given.
    """
    data = _readable(data, settings)
    with gate(data, name, settings), open_checked(data, name, settings) as image:
        kept = _checked_pages(image)
        most = most_of_frames(image.format, len(data))
        if len(kept) < 2:
            yield Frame(1, 1, decode(data, name, settings).bgr)
        elif image.format == "MPO":
            yield from _numbered(kept, lambda i: _jpeg_at(data, image, i, name, settings), most)
        else:
            yield from _numbered(kept, lambda i: _frame_at(image, i, name, settings), most)


def _readable(data: bytes, settings: Settings) -> bytes:
    """A PNG without the texts and checksums that have nothing to do with its frames; anything else as it is."""
    return pixels_only(data, settings.max_pixels)[0] if data.startswith(SIGNATURE) else data


def _checked_pages(image: Image.Image) -> Sequence[int]:
    """Raises TooLargeError for an animation of large frames."""
    kept = _pages(image)
    if len(kept) > 1:
        _check_animated(image)
    return kept


def _check_animated(image: Image.Image) -> None:
    if image.format in ANIMATED and image.width * image.height > MOST_OF_ANIMATED:
        what = message("picture_too_large", width=image.width, height=image.height, most=MOST_OF_ANIMATED)
        raise TooLargeError(what)


def _pages(image: Any) -> Sequence[int]:
    """The frames that are pictures of their own; smaller copies of another one (previews, pyramids) are not."""
    count = int(getattr(image, "n_frames", 1)) if image.format in _KINDS else 1
    if image.format == "MPO":
        kinds = [entry["Attribute"]["MPType"] for entry in image.mpinfo[_MP_ENTRIES]]
        return [i for i, kind in enumerate(kinds) if not kind.startswith("Large Thumbnail")]
    return [i for i in range(count) if not _reduced(image, i)] if image.format == "TIFF" else range(count)


def _reduced(image: Any, index: int) -> bool:
    image.seek(index)
    return is_reduced(image)


def _frame_at(image: Image.Image, index: int, name: str, settings: Settings) -> Bgr:
    with gate(b"-", name, settings):
        image.seek(index)
        check_size(*image.size, settings)
        _check_animated(image)  # a GIF's frame may be larger than the first, and then all that follow are
        return upright_bgr(image)


def _jpeg_at(data: bytes, image: Any, index: int, name: str, settings: Settings) -> Bgr:
    """One of the JPEGs in an MPO (CIPA DC-007): each goes through the whole gate, its strict decoder included."""
    with gate(b"-", name, settings):
        image.seek(index)
        page = data[image.offset : image.offset + image.mpinfo[_MP_ENTRIES][index]["Size"]]
    return decode(page, name, settings).bgr


def _numbered(kept: Sequence[int], frame_at: Callable[[int], Bgr], most: int) -> Iterator[Frame]:
    """most: pixels that so small a file may have in all."""
    pixels = 0
    for done, index in enumerate(kept):
        try:
            if done >= MOST_FRAMES or pixels > MOST_PIXELS:
                raise TooLargeError(message("too_many_animation_frames"))
            if pixels > most:
                raise TooLargeError(message("too_many_frames_of_bytes"))
            bgr = frame_at(index)
        except DecodeError as e:
            raise type(e)(message("frame_refused", n=index + 1, total=len(kept), why=e)) from e
        pixels += bgr.shape[0] * bgr.shape[1]
        yield Frame(index + 1, len(kept), bgr)


def all_frames(ref: ImageRef, spool: Path, settings: Settings) -> Iterator[ImageRef]:
    """One ref a frame, at `<location>#<number>`, as a PNG of the spool; `ref` itself where it holds one picture.

    They share the file's SHA-256 as their `group`. Damage is one more ref, with its reason.
    """
    return frame_refs(ref, spool, spool_frames, ref.location, settings)


def spool_frames(
    heartbeat: Callable[[], None], path: str, spool: str, name: str, settings: Settings
) -> Iterator[SpooledFrame]:
    """Write each frame as a PNG into `spool`, none where there is but one. Runs in a process of its own."""
    from pipeline.pixels.encode import encode_png

    data = read_capped(path, settings.max_bytes)
    if frame_count(data, name, settings) < 2:
        return  # a worker will decode it
    for frame in iter_frames(data, name, settings):
        heartbeat()
        yield spool_frame(encode_png(frame.bgr), spool, ".png", f"#{frame.number}")
