"""FiftyOneDataset: `samples.json`, and the pictures it names; boxes are shares: left, top, width, height.

FiftyOneImageClassificationDataset, too: `labels.json`, a class for each picture in `data`, by its number or name.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.export.readers.folders import pictures_below
from pipeline.export.readers.labelled import Fields, LabelledPicture, Unique, box_of, read_json, split_of
from pipeline.export.readers.sniff import tool_of
from pipeline.export.readers.syntax import points, video
from pipeline.export.readers.syntax.other_machine import NamedFiles

_LABELS: Final = ("Classification", "Classifications", "Detections")


def find(root: Path) -> Path | None:
    file = root / "samples.json"
    if not root.is_dir() or file.is_file():
        return file if root.is_dir() else None
    labels = root / "labels.json"
    return labels if labels.is_file() and tool_of(labels) == "fiftyone-labels" else None


def read(root: Path) -> Iterator[LabelledPicture]:
    """A sample's detections, else its classification; its split is a tag. Raises UsageError."""
    file = find(root)
    if file is None:
        raise UsageError(message("import_no_format", place=root))
    whole = Fields(read_json(file), file, "file")
    if file.name == "labels.json":
        yield from _classes(whole, root)
        return
    paths, named = Unique(file), NamedFiles(root, file)
    for number, entry in enumerate(whole.items("samples")):
        sample = Fields(entry, file, f"samples[{number}]")
        paths.add(sample.text("filepath"))
        path = named.find(sample.text("filepath"))
        tags = [tag for tag in sample.items("tags") if isinstance(tag, str)]
        for split in sorted({found for tag in tags if (found := split_of(tag))}) or [""]:  # of several none is taken
            yield from _labels(sample, path, split)


def _classes(whole: Fields, root: Path) -> Iterator[LabelledPicture]:
    names, labels = whole.items("classes"), whole.inner("labels")
    data = root / "data"
    exact, stems = dict[str, Path](), dict[str, list[Path]]()
    for path in pictures_below(data):
        below = path.relative_to(data)
        exact[below.as_posix()] = path
        for key in {below.with_suffix("").as_posix(), path.stem}:
            stems.setdefault(key, []).append(path)
    for name in labels.names():
        if not labels.has(name):
            continue
        found = [exact[name]] if name in exact else stems.get(name) or stems.get(name.rpartition("/")[2], [])
        if not found:
            raise UsageError(message("import_picture_missing", file=whole.file, name=name[:200]))
        if len(found) > 1:
            raise UsageError(message("import_picture_twice", file=whole.file, name=name[:200], n=len(found)))
        path = found[0]
        label = labels.text(name) if labels.is_text(name) else _numbered(names, labels.whole(name), whole)
        yield LabelledPicture(path, label, split_of(root.name))


def _numbered(names: list[Any], number: int, whole: Fields) -> str:
    if not 0 <= number < len(names) or not isinstance(names[number], str):
        raise UsageError(message("import_class_number", file=whole.file, number=number))
    return str(names[number])


def _labels(sample: Fields, path: Path, split: str) -> Iterator[LabelledPicture]:
    sha256 = sample.text("image_sha256", "")
    size = sample.inner("metadata").size() if sample.has("metadata") else None
    together = _video(sample)
    for field in _fields(sample):
        found = sample.inner(field)
        if found.has("detections"):
            placed = _landmarks(sample, len(found.items("detections")))
            for number, entry in enumerate(found.items("detections")):
                one = Fields(entry, sample.file, f"{sample.entry}.{field}[{number}]")
                if not one.has("label"):
                    continue
                box = box_of(*one.numbers("bounding_box", 4))
                if box is None:
                    raise one.wrong("bounding_box")
                face_id = one.text("face_id", "")
                yield LabelledPicture(
                    path, one.text("label"), split, box, in_shares=True, sha256=sha256, face_id=face_id, drawn_on=size,
                    points=placed.get(face_id) or placed.get(number, b""), together=together,
                )  # fmt: skip
            return
        several = [Fields(one, sample.file, f"{sample.entry}.{field}") for one in found.items("classifications")]
        if labels := [one.text("label") for one in (*several, found) if one.has("label")]:
            yield from (LabelledPicture(path, label, split, sha256=sha256, together=together) for label in labels)
            return


def _video(sample: Fields) -> str:
    """What `to_frames` makes of videos names each frame's video by its sample's id; the database's own name and kind of
    it stand in `samples.json`. What `to_patches` makes of photos does the same."""
    for name in ("sample_id", "_sample_id"):
        if sample.is_object(name):
            return f"sample {sample.inner(name).text('$oid')}"
        if sample.has(name):
            return f"sample {sample.key(name)}"
    return video.told(sample)


def _fields(sample: Fields) -> list[str]:
    """The usual ones that it has, else the only one of labels: of what models said none is meant."""
    usual = [name for name in ("mouths", "detections", "ground_truth") if sample.has(name)]
    own = [name for name in sample.names() if sample.is_object(name) and not name.lower().startswith("pred")]
    own = [name for name in own if (one := sample.inner(name)).is_text("_cls") and one.text("_cls") in _LABELS]
    return usual or (own if len(own) == 1 else [])


def _landmarks(sample: Fields, mouths: int) -> dict[str | int, bytes]:
    """Those of each face, by its id; where none is told, by its number, if there are as many as boxes. Of a face that
    leaves the picture too few points are told to know which they are."""
    if not sample.is_object("landmarks"):
        return {}
    inner = sample.inner("landmarks")
    found: dict[str | int, bytes] = {}
    told = inner.items("keypoints") if inner.is_list("keypoints") else []
    for number, entry in enumerate(told):
        one = Fields(entry, sample.file, f"{sample.entry}.landmarks[{number}]")
        face_id = one.text("face_id", "")
        if face_id or len(told) == mouths:
            found[face_id or number] = points.of_pairs([_pair(pair) for pair in one.items("points")])
    return found


def _pair(told: Any) -> tuple[float, float]:
    """A point that is not labelled is written as NaN or null, by the version."""
    match told:
        case [int() | float() as x, int() | float() as y]:
            return x, y
    return points.NOT_LABELLED
