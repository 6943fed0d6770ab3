"""FiftyOneDataset: `samples.json`, and the pictures it names; boxes are shares: left, top, width, height."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.export.readers.labelled import Fields, LabelledPicture, Unique, box_of, inside, read_json, split_of


def find(root: Path) -> Path | None:
    file = root / "samples.json"
    return file if root.is_dir() and file.is_file() else None


def read(root: Path) -> Iterator[LabelledPicture]:
    """A sample's detections, else its classification; its split is a tag. Raises UsageError."""
    file = find(root)
    if file is None:
        raise UsageError(message("import_no_format", place=root))
    whole = Fields(read_json(file), file, "file")
    paths = Unique(file)
    for number, entry in enumerate(whole.items("samples")):
        sample = Fields(entry, file, f"samples[{number}]")
        paths.add(sample.text("filepath"))
        path = inside(root, sample.text("filepath"), file)
        tags = [tag for tag in sample.items("tags") if isinstance(tag, str)]
        split = next((found for tag in tags if (found := split_of(tag))), "")
        yield from _labels(sample, path, split)


def _labels(sample: Fields, path: Path, split: str) -> Iterator[LabelledPicture]:
    sha256 = sample.text("image_sha256", "")
    for field in ("mouths", "detections", "ground_truth"):
        if not sample.has(field):
            continue
        found = sample.inner(field)
        if found.has("detections"):
            for number, entry in enumerate(found.items("detections")):
                one = Fields(entry, sample.file, f"{sample.entry}.{field}[{number}]")
                box = box_of(*one.numbers("bounding_box", 4))
                if box is None:
                    raise one.wrong("bounding_box")
                face_id = one.text("face_id", "")
                yield LabelledPicture(
                    path, one.text("label"), split, box, in_shares=True, sha256=sha256, face_id=face_id
                )
            return
        if found.has("label"):
            yield LabelledPicture(path, found.text("label"), split, sha256=sha256)
            return
