"""The pictures that pages show, made of a workspace's files. Runs in the programs of `processes`, never in a server."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from pipeline.actions.stored_pixels.read import unified_pixels
from pipeline.actions.stored_pixels.requests import StoredImage
from pipeline.core.errors import UnavailableError
from pipeline.core.geometry import Bgr
from pipeline.core.messages import message
from pipeline.core.records import Face, Settings
from pipeline.faces.overlay import draw_overlay
from pipeline.files.remote import original_location
from pipeline.pixels.decode import load_checked
from pipeline.pixels.encode import encode_jpeg
from pipeline.pixels.shrink import shrink


def photo(root: Path, image: StoredImage, longest: int, *, original: bool, quality: int) -> bytes:
    """A JPEG with a longest side of at most `longest` pixels. original: of the original, else of the unified JPEG where
    there is one. Raises DecodeError's children, UnavailableError where no file with these pixels is left."""
    return encode_jpeg(shrink(_pixels(root, image, original=original), longest)[0], quality)


def overlay(
    root: Path, image: StoredImage, longest: int, faces: Sequence[Face], emphasised: str | None, quality: int
) -> bytes:
    """The same with its faces drawn, see `draw_overlay`. Raises as `photo`."""
    drawn = draw_overlay(_pixels(root, image, original=False), faces, emphasised, longest)
    return encode_jpeg(drawn, quality)


def _pixels(root: Path, image: StoredImage, *, original: bool) -> Bgr:
    """Upright pixels; the unified JPEG is the quicker one where there is one, and stands in for a lost original."""
    if not original and (pixels := unified_pixels(root, image)) is not None:
        return pixels.bgr
    location = original_location(root, image.original)
    with suppress(UnavailableError):  # gone, or another photo lies at its place: its pixels are none of this image's
        return load_checked(location, image.sha256, Settings()).bgr
    if original and (pixels := unified_pixels(root, image)) is not None:
        return pixels.bgr
    raise UnavailableError(message("original_gone", file=location))
