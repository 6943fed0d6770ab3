"""Where the pictures of a release come from: the reviewed crops, or a folder into which they are cut from the photos.

Formats ask for their pictures in orders of their own, and there may be several of them: each photo is decoded once all
the same, one picture at a time is in memory, and nothing is decoded in this process but crops that Moue wrote.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Protocol

from pipeline.core.geometry import Points
from pipeline.core.metrics import FaceFacts
from pipeline.core.records import ExportItem
from pipeline.export.formats.content import ExportRow, Picture
from pipeline.export.pictures.cutting import CutAll, Order, Piece
from pipeline.export.pictures.options import PictureOptions
from pipeline.export.pictures.reviewed import reviewed_bytes
from pipeline.export.pictures.shown import Shown, in_picture, mouth_in, shown_of

_BLOCK = 500

Facts = Callable[[Sequence[ExportRow]], Sequence[FaceFacts]]


class PictureSource(Protocol):
    """Its methods raise ExportError where a picture cannot be had, and OSError."""

    def shown(self, item: ExportItem) -> Shown: ...

    def data(self, item: ExportItem) -> bytes: ...


def picture_of(source: PictureSource, row: ExportRow, options: PictureOptions, points: Points | None) -> Picture:
    """points: the face's landmarks, in pixels of the upright original. Raises as the source does."""
    shown = source.shown(row.item)
    placed = None if points is None else in_picture(points, shown)
    data = source.data(row.item)
    return Picture(data, options.suffix, shown.width, shown.height, mouth_in(placed, shown), placed)


class ReviewedCrops:
    """Of each face the crop that people looked at, made as the options say."""

    def __init__(self, crop_path: Callable[[str], Path], options: PictureOptions, size: int | None) -> None:
        self._crop_path, self._options, self._size = crop_path, options, size

    def shown(self, item: ExportItem) -> Shown:
        return shown_of(item, None, self._options, self._size)

    def data(self, item: ExportItem) -> bytes:
        return reviewed_bytes(item, self.shown(item), self._crop_path, self._options)


class CutFromPhotos:
    """Pictures that `cut` wrote into a folder."""

    def __init__(self, folder: Path, options: PictureOptions, size: int | None) -> None:
        self._folder, self._options, self._size = folder, options, size
        self._shown: dict[str, Shown] = {}

    def cut(self, rows: Iterable[ExportRow], facts: Facts, cut_all: CutAll, tell: Callable[[int], object]) -> None:
        """Once, before anything is asked for. tell: how many photos are done. Raises ExportError, OSError."""
        for done, _ in enumerate(cut_all(self._orders(rows, facts)), start=1):
            tell(done)

    def _orders(self, rows: Iterable[ExportRow], facts: Facts) -> Iterator[Order]:
        for block in _blocks(sorted(rows, key=lambda row: (row.item.image_sha256, row.item.face_id))):
            points = {row.item.face_id: one.landmarks for row, one in zip(block, facts(block), strict=True)}
            for _, of_photo in groupby((row.item for row in block), key=lambda item: item.image_sha256):
                items = list(of_photo)
                for item in items:
                    self._shown[item.face_id] = shown_of(item, points[item.face_id], self._options, self._size)
                yield self._order(items)

    def _order(self, items: Sequence[ExportItem]) -> Order:
        pieces = {self._file(item): self._shown[item.face_id] for item in items}
        one = items[0]
        return Order(
            one.original, one.image_sha256, one.location, one.border, self._options,
            tuple(Piece(shown, str(file)) for file, shown in pieces.items()),
        )  # fmt: skip

    def _file(self, item: ExportItem) -> Path:
        name = item.image_sha256 if self._options.content == "photo" else item.face_id
        return self._folder / f"{name}{self._options.suffix}"

    def shown(self, item: ExportItem) -> Shown:
        return self._shown[item.face_id]

    def data(self, item: ExportItem) -> bytes:
        return self._file(item).read_bytes()


def _blocks(rows: Sequence[ExportRow]) -> Iterator[list[ExportRow]]:
    """Of many rows each; those of one photo stay together."""
    block: list[ExportRow] = []
    for _, of_photo in groupby(rows, key=lambda row: row.item.image_sha256):
        block += of_photo
        if len(block) >= _BLOCK:
            yield block
            block = []
    if block:
        yield block
