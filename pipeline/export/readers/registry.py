"""The readers by name, and which of them a folder or file is for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.export.readers import (
    coco,
    cvat,
    fiftyone,
    folders,
    huggingface,
    label_studio,
    table,
    voc,
    webdataset,
    yolo,
)
from pipeline.export.readers.labelled import LabelledPicture


@dataclass(frozen=True, slots=True)
class Reader:
    """recognise: whether a folder or file is laid out so; it reads at most the beginning of a file. read: of the data
    set and a folder of ours for pictures that lie in its files; raises UsageError."""

    recognise: Callable[[Path], bool]
    read: Callable[[Path, Path], Iterator[LabelledPicture]]


def _in_place(read: Callable[[Path], Iterator[LabelledPicture]]) -> Callable[[Path, Path], Iterator[LabelledPicture]]:
    """A reader of a format whose pictures are files already."""
    return lambda root, _: read(root)


def _is_release(root: Path) -> bool:
    return root.is_dir() and table.is_release(root) and folders.recognise(root)


def _read_release(root: Path) -> Iterator[LabelledPicture]:
    return table.read_file(root / "manifest.csv")


def _read_table(root: Path, scratch: Path) -> Iterator[LabelledPicture]:
    file = table.find(root)
    if file is not None and huggingface.embeds(file):
        return huggingface.read_parquet(file, scratch, file.parent)
    return table.read(root)


def _is_cvat(root: Path) -> bool:
    return cvat.find(root) is not None and not (root.is_file() and voc.recognise(root))


READERS: Final = {
    "fiftyone": Reader(lambda root: fiftyone.find(root) is not None, _in_place(fiftyone.read)),
    "cvat": Reader(_is_cvat, _in_place(cvat.read)),
    "label-studio": Reader(lambda root: label_studio.find(root) is not None, _in_place(label_studio.read)),
    "coco": Reader(lambda root: bool(coco.find(root)), _in_place(coco.read)),
    "yolo": Reader(yolo.recognise, _in_place(yolo.read)),
    "voc": Reader(voc.recognise, _in_place(voc.read)),
    "huggingface": Reader(lambda root: bool(huggingface.find(root)), huggingface.read),
    "webdataset": Reader(lambda root: bool(webdataset.find(root)), webdataset.read),
    "moue": Reader(_is_release, _in_place(_read_release)),
    "table": Reader(
        lambda root: table.find(root) is not None and table.find(root) != root / "manifest.csv",
        _read_table,
    ),
    "folders": Reader(lambda root: root.is_dir() and folders.recognise(root), _in_place(folders.read)),
}
"""In the order in which they are asked; the last ones take almost anything."""


def recognise(root: Path) -> str:
    """The name of the format. Raises UsageError where none is recognised."""
    for name, reader in READERS.items():
        if reader.recognise(root):
            return name
    raise UsageError(message("import_no_format", place=root))


def read(root: Path, name: str, scratch: Path) -> list[LabelledPicture]:
    """All that the data set says; pictures in its files are put into scratch. Raises UsageError: what is wrong with it,
    or that it says nothing."""
    found = list(READERS[name].read(root, scratch))
    if not found:
        raise UsageError(message("import_nothing", place=root))
    return found
