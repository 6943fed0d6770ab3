"""What is cut from one photo for a release: an order that another process carries out, in JSON, and its doing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipeline.core.border import Border
from pipeline.core.geometry import CropBox
from pipeline.core.records import Settings
from pipeline.export.pictures.options import PictureOptions
from pipeline.export.pictures.pixels import from_photo
from pipeline.export.pictures.shown import Shown
from pipeline.pixels.decode import load_checked


@dataclass(frozen=True, slots=True)
class Piece:
    """One picture. target: the file to be written."""

    shown: Shown
    target: str


@dataclass(frozen=True, slots=True)
class Order:
    """photo: where the original lies, a path or URL. sha256: of its bytes. name: by which a person knows it."""

    photo: str
    sha256: str
    name: str
    border: Border
    options: PictureOptions
    pieces: tuple[Piece, ...]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Order:
        pieces = tuple(
            Piece(Shown(**{**one["shown"], "crop": CropBox(**one["shown"]["crop"])}), one["target"])
            for one in said["pieces"]
        )
        return cls(**{**said, "options": PictureOptions(**said["options"]), "pieces": pieces})


CutAll = Callable[[Iterable[Order]], Iterator[Order]]
"""Carries orders out, a bounded number of them at once; gives each when it is done, in any order. Raises ExportError
where one cannot be."""


def carry_out(order: Order) -> None:
    """Decode the photo once and write its pictures. Raises DecodeError where it is gone, or not the one that was
    reviewed, or damaged; OSError."""
    bgr = load_checked(order.photo, order.sha256, Settings()).bgr
    for piece in order.pieces:
        Path(piece.target).write_bytes(from_photo(bgr, piece.shown, order.border, order.options))
