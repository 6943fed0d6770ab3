"""COCO: one JSON a split, `annotations/*.json` or beside the pictures; boxes are left, top, width, height in pixels."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline.core.geometry import BoundingBox
from pipeline.core.messages import Message, message
from pipeline.export.readers.folders import folders_below
from pipeline.export.readers.labelled import Fields, LabelledPicture, Unique, around, box_of, read_json, split_of
from pipeline.export.readers.sniff import files_of
from pipeline.export.readers.syntax import points, video
from pipeline.export.readers.syntax.other_machine import NamedFiles

_WORDS = re.compile(r"[^a-zA-Z0-9]+")


def find(root: Path) -> list[Path]:
    """`annotations/*.json`, as COCO and CVAT have it; `_annotations.coco.json` in each split (Roboflow); a file of any
    name beside `images` or `data` (Label Studio's `result.json`, FiftyOne's `labels.json`)."""
    if root.is_file():
        return files_of(root, "coco")
    found = sorted((root / "annotations").glob("*.json"))
    found = found or sorted({*root.glob("_annotations.coco.json"), *root.glob("*/_annotations.coco.json")})
    return found or files_of(root, "coco")


def read(root: Path) -> Iterator[LabelledPicture]:
    """Raises UsageError."""
    for file in find(root):
        yield from _read(root if root.is_dir() else root.parent, file)


def _read(root: Path, file: Path) -> Iterator[LabelledPicture]:
    whole = Fields(read_json(file), file, "file")
    names, pictures = {}, dict[str, tuple[Path, tuple[float, float] | None, str]]()
    ids = Unique(file)
    for n, entry in enumerate(whole.items("categories")):
        one = Fields(entry, file, f"categories[{n}]")
        ids.add(("category", one.key("id")))
        names[one.key("id")] = one.text("name")
    split = _split(file)
    folders, named = _folders(root, file, split), NamedFiles(root, file)
    for n, entry in enumerate(whole.items("images")):
        one = Fields(entry, file, f"images[{n}]")
        ids.add(("image", one.key("id")))
        together = f"{file.stem} {told_by}" if (told_by := video.told(one)) else ""
        pictures[one.key("id")] = named.first(folders, one.text("file_name")), one.size(), together
    for n, entry in enumerate(whole.items("annotations")):
        one = Fields(entry, file, f"annotations[{n}]")
        if one.has("id"):
            ids.add(("annotation", one.key("id")))
        name, picture = names.get(one.key("category_id")), pictures.get(one.key("image_id"))
        if name is None or picture is None:
            raise one.wrong("category_id" if name is None else "image_id")
        box, left = _box(one)
        told = points.of_coco(one.every_number("keypoints")) if box is not None and one.is_list("keypoints") else b""
        yield LabelledPicture(
            picture[0], name, split, box, sha256=one.text("image_sha256", ""), face_id=one.text("face_id", ""),
            drawn_on=picture[1], left=left, points=told,
            together=picture[2] or (f"{file.stem} {track}" if (track := video.track(one)) else ""),
        )  # fmt: skip


def _box(one: Fields) -> tuple[BoundingBox | None, Message | None]:
    """The box, or why it is no face's; neither of an annotation of a whole picture. An outline stands for its box."""
    if one.truth("iscrowd"):
        return None, message("import_left_crowd")
    if one.items("bbox"):
        box = box_of(*one.numbers("bbox", 4))
    elif not one.has("segmentation"):
        return None, None
    else:
        box = around(_corners(one))
    return box, (None if box is not None else message("import_left_empty"))


def _corners(one: Fields) -> list[tuple[float, float]]:
    """Of the polygons; none of a mask by lengths of runs."""
    if not one.is_list("segmentation"):
        return []
    flat = [Fields({"of": part}, one.file, one.entry).every_number("of") for part in one.items("segmentation")]
    return [corner for part in flat for corner in zip(part[::2], part[1::2], strict=False)]


def _split(file: Path) -> str:
    """Of the file's name, as `instances_train.json` or `instances_val2017.json`, else of its folder."""
    words = [*_WORDS.split(file.stem), file.parent.name]
    return next((found for word in words if (found := _split_of(word))), "")


def _split_of(word: str) -> str:
    return split_of(word) or split_of(word.rstrip("0123456789"))


def _folders(root: Path, file: Path, split: str) -> Sequence[Path]:
    """Where the file's pictures may lie. What is of its own split comes first: another split may have a picture of that
    name. Then some name pictures from `images`, some from `data`, the root or the file's own folder."""
    subset = file.stem.rpartition("_")[2]
    around = (root / "images", root)
    called = (one for folder in around if split and folder.is_dir() for one in folders_below(folder))
    own = (*(folder / subset for folder in around), *(one for one in called if _split_of(one.name) == split))
    beside = (file.parent,) if file.parent not in (root, root / "annotations") else ()
    return *own, *beside, *around, file.parent, root / "data"
