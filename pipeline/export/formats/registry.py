"""The formats that a release can have, by name. docs/formats.md shows each one's layout and how it is loaded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Final

from pipeline.core.errors import ExportError
from pipeline.core.messages import message
from pipeline.export.formats.content import ReleaseContent, class_path
from pipeline.export.formats.frames import image_path
from pipeline.export.split import Split

Place = Callable[[Split, str, str], str]


@dataclass(frozen=True, slots=True)
class Format:
    """name: as it is asked for. title: products' names, the same in every language. module: of this room.
    place: where a picture lies below the format's folder, by its split, its class as it is written, and its file's
    name; see `ExportRow`. other_names: of readers that take this very layout. needs_train: its readers know no folds.
    boxes: it tells where in a picture mouth and landmarks are, and has a whole photo once, with all its faces."""

    name: str
    title: str
    module: str
    place: Place
    other_names: tuple[str, ...] = ()
    needs_train: bool = False
    boxes: bool = False

    def write(self, release: ReleaseContent, root: Path) -> None:
        """Into the folder `root`, which is there. Raises OSError."""
        # Imported when it is asked for: pyarrow takes a third of a second, and most releases need none.
        import_module(f"pipeline.export.formats.{self.module}").write(release, root)


def _in_pictures(split: Split, name: str, file: str) -> str:
    return f"pictures/{class_path(split, name, file)}"


def _in_data(split: Split, _: str, file: str) -> str:
    return f"data/{split}/{file}"


IMAGEFOLDER: Final = "imagefolder"
FORMATS: Final[dict[str, Format]] = {
    one.name: one
    for one in (
        Format(
            IMAGEFOLDER, "ImageFolder: PyTorch, Hugging Face, Keras, TFDS, Ultralytics, FiftyOne", "imagefolder",
            class_path, ("torchvision", "keras", "tfds", "ultralytics-classify", "fiftyone-tree"),
        ),
        Format("table", "CSV + Parquet", "table", _in_pictures),
        Format("huggingface", "Hugging Face Parquet", "huggingface", class_path),
        Format("webdataset", "WebDataset", "webdataset", class_path),
        Format("coco", "COCO", "coco", image_path, boxes=True),
        Format("yolo", "YOLO", "yolo", image_path, needs_train=True, boxes=True),
        Format("fiftyone", "FiftyOneDataset", "fiftyone", _in_data, boxes=True),
        Format("label-studio", "Label Studio", "label_studio", image_path, boxes=True),
        Format("cvat", "CVAT for images 1.1", "cvat", image_path, boxes=True),
    )
}  # fmt: skip
NAMES: Final = tuple(sorted([*FORMATS, *(other for one in FORMATS.values() for other in one.other_names)]))


def find(name: str) -> Format:
    """The format of this name, or the one whose layout the named reader takes. Raises ExportError."""
    for one in FORMATS.values():
        if name == one.name or name in one.other_names:
            return one
    raise ExportError(message("export_format", name=name, names=tuple(NAMES)))


def names_of(names: Sequence[str]) -> tuple[str, ...]:
    """As options keep them: each once, in the registry's order, by its own name; none where class folders alone are
    asked for. Raises ExportError."""
    wanted = {find(name).name for name in names}
    return () if wanted <= {IMAGEFOLDER} else tuple(name for name in FORMATS if name in wanted)


def chosen(names: Sequence[str], splits: Sequence[Split]) -> tuple[Format, ...]:
    """The formats of these names, each once, in the registry's order; ImageFolder where none are named. Raises
    ExportError for an unknown one, and for one whose readers do not know these splits."""
    wanted = {find(name).name for name in names or (IMAGEFOLDER,)}
    found = tuple(one for one in FORMATS.values() if one.name in wanted)
    for one in found:
        if one.needs_train and "train" not in splits:
            raise ExportError(message("export_format_folds", name=one.name))
    return found


def folder_of(one: Format, formats: Sequence[Format]) -> str:
    """Where a format lies below the release's root: at the root itself where it is the only one (""), else in a folder
    of its name: TFDS takes every folder beside `train` for a split."""
    return "" if len(formats) == 1 else one.name


def place_of(formats: Sequence[Format]) -> Place:
    """Where a picture lies below the release's root: in the first of the formats."""
    one = formats[0]
    folder = folder_of(one, formats)
    return one.place if not folder else lambda split, name, file: f"{folder}/{one.place(split, name, file)}"
