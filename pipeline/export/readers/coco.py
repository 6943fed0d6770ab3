"""COCO: one JSON a split, `annotations/*.json` or beside the pictures; boxes are left, top, width, height in pixels."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.export.readers.labelled import Fields, LabelledPicture, Unique, box_of, inside, read_json, split_of
from pipeline.export.readers.sniff import files_of

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
    names, pictures = {}, {}
    ids = Unique(file)
    for n, entry in enumerate(whole.items("categories")):
        one = Fields(entry, file, f"categories[{n}]")
        ids.add(("category", one.whole("id")))
        names[one.whole("id")] = one.text("name")
    for n, entry in enumerate(whole.items("images")):
        one = Fields(entry, file, f"images[{n}]")
        ids.add(("image", one.whole("id")))
        pictures[one.whole("id")] = _picture(root, file, one.text("file_name"))
    split = _split(file)
    for n, entry in enumerate(whole.items("annotations")):
        one = Fields(entry, file, f"annotations[{n}]")
        ids.add(("annotation", one.whole("id")))
        name, picture = names.get(one.whole("category_id")), pictures.get(one.whole("image_id"))
        if name is None or picture is None:
            raise one.wrong("category_id" if name is None else "image_id")
        box = box_of(*one.numbers("bbox", 4)) if one.has("bbox") else None
        yield LabelledPicture(
            picture, name, split, box, sha256=one.text("image_sha256", ""), face_id=one.text("face_id", "")
        )


def _split(file: Path) -> str:
    """Of the file's name, as `instances_train.json`, else of its folder."""
    words = [*_WORDS.split(file.stem), file.parent.name]
    return next((found for word in words if (found := split_of(word))), "")


def _picture(root: Path, file: Path, name: str) -> Path:
    """Some name pictures from `images` or its split there, some from `data`, the root or the file's own folder."""
    subset = file.stem.rpartition("_")[2]
    for start in (root / "images", root, file.parent, root / "data", root / "images" / subset, root / subset):
        try:
            return inside(start, name, file)
        except UsageError as e:
            if e.message.code != "import_picture_missing":
                raise
    raise UsageError(message("import_picture_missing", file=file, name=name[:200]))
