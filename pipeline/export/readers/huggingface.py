"""Hugging Face: Parquet with the pictures in it, or a folder of pictures with `metadata.csv`, `.jsonl` or `.parquet`.

Source: "Create an image dataset" and "Image Dataset", huggingface.co/docs. Names of classes are in the schema's
metadata under `huggingface`; splits are names of files (`train-00000-of-00001.parquet`) or of folders.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.export.readers.labelled import Fields, LabelledPicture, box_of, once, read_text, split_of, told_split
from pipeline.export.readers.syntax import of_release, video
from pipeline.export.readers.syntax.named_files import inside
from pipeline.export.readers.syntax.other_machine import NamedFiles
from pipeline.export.readers.table import MOST_ROWS
from pipeline.export.readers.unpacked import Pictures
from pipeline.files.charset.halves import from_json
from pipeline.files.tables import read_table, whole_rows
from pipeline.files.text_encoding import decode_text

LABELS: Final = ("label", "labels", "class", "expression")
_FILES: Final = ("file_name", "image", "file", "path")
_COLUMNS: Final = (*_FILES, *LABELS, *video.NAMES, "split", "image_sha256", "face_id")
_METADATA: Final = ("metadata.csv", "metadata.jsonl", "metadata.parquet")
_OF: Final = re.compile(r"-\d{5}-of-\d{5}")
_BATCH: Final = 4
"""Rows at a time: a few bytes of Parquet may stand for one large picture a thousand times."""
_WORDS: Final = re.compile(r"[^A-Za-z0-9]+")


def find(root: Path) -> list[Path]:
    """Tables of metadata, else Parquet files with pictures; nothing is read."""
    if not root.is_dir():
        return []
    found = [p for name in _METADATA for p in (root / name, *sorted(root.glob(f"*/{name}"))) if p.is_file()]
    if found:
        return found
    below = sorted((*root.glob("*.parquet"), *root.glob("*/*.parquet"), *root.glob("*/*/*.parquet")))
    below = [p for p in below if p.is_file()]
    return [p for p in below if _OF.search(p.stem) or split_of(p.parent.name)]


def read(root: Path, scratch: Path) -> Iterator[LabelledPicture]:
    """Raises UsageError."""
    for file in find(root):
        if file.suffix == ".parquet":
            yield from read_parquet(file, scratch, root)
        else:
            yield from _metadata(file, root)


def _split(file: Path, root: Path) -> str:
    """Of the file's name, else of the folders that it lies in."""
    words = [*_WORDS.split(file.stem), *reversed(file.relative_to(root).parts[:-1])]
    return next((found for word in words if (found := split_of(word))), "")


def _metadata(file: Path, root: Path) -> Iterator[LabelledPicture]:
    """A row a picture, named from the table's own folder; its label, or boxes with theirs."""
    named = NamedFiles(file.parent, file)
    rows = _json_rows(file) if file.suffix == ".jsonl" else _csv_rows(file)
    for number, cells in rows:
        row = Fields(cells, file, f"line {number}")
        column = next((name for name in _FILES if row.has(name)), _FILES[0])
        path = named.find(row.text(column))
        yield from _labels(row, path, _told(row) or _of_folders(path, root))


def _told(row: Fields) -> str:
    return told_split(row.text("split", ""), row.file, row.entry)


def _of_folders(path: Path, root: Path) -> str:
    parts = path.relative_to(root).parts[:-1]
    return next((found for part in parts if (found := split_of(part))), "")


def _csv_rows(file: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    """As any table that people give: its own delimiter, comments before the header. What is empty is left out."""
    stream = io.StringIO(decode_text(read_text(file), str(file)), newline="")
    for row in whole_rows(read_table(stream, {name: name for name in _COLUMNS}, str(file)), str(file)):
        yield row.line, {name: text for name, text in row.cells.items() if text}


def _json_rows(file: Path) -> Iterator[tuple[int, Any]]:
    try:
        lines = read_text(file).decode("utf-8-sig").split("\n")
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield number, from_json(line, object_pairs_hook=once)
    except UnicodeDecodeError as e:
        raise UsageError(message("import_no_utf8", file=file)) from e
    except RecursionError as e:
        raise UsageError(message("import_too_deep", file=file)) from e
    except ValueError as e:
        raise UsageError(message("import_broken", file=file, why=e)) from e


def _labels(row: Fields, path: Path, split: str, names: Mapping[str, list[str]] | None = None) -> Iterator[Any]:
    known, together = names or {}, video.told(row)
    if row.has("objects"):
        objects = row.inner("objects")
        kinds = next((name for name in ("category", "categories", "label", "labels") if objects.has(name)), "category")
        boxes, labels = objects.items("bbox"), objects.items(kinds)
        if len(boxes) != len(labels):
            raise row.wrong("objects")
        for box, label in zip(boxes, labels, strict=True):
            one = Fields({"bbox": box, "label": label}, row.file, row.entry)
            where = box_of(*one.numbers("bbox", 4))
            if where is None:
                raise one.wrong("bbox")
            name = _name(one, "label", known.get("objects", []))
            yield LabelledPicture(path, name, split, where, together=together)
        return
    column = next((name for name in LABELS if row.has(name)), LABELS[0])
    label = _name(row, column, known.get(column, []))
    sha256, face_id = row.text("image_sha256", ""), row.text("face_id", "")
    found = LabelledPicture(path, label, split, sha256=sha256, face_id=face_id, together=together)
    yield of_release.told(found, row)


def _name(row: Fields, column: str, names: list[str]) -> str:
    """A class by its name, or by its number where the names are told."""
    if row.is_text(column):
        return row.text(column)
    number = row.whole(column)
    if not 0 <= number < len(names):
        raise UsageError(message("import_class_number", file=row.file, number=number))
    return names[number]


def embeds(file: Path) -> bool:
    """Whether it is Parquet with pictures in it, by its schema. Raises UsageError."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if file.suffix.lower() != ".parquet":
        return False
    try:
        return any(pa.types.is_struct(field.type) for field in pq.read_schema(file))
    except (pa.ArrowException, OSError, UnicodeDecodeError) as e:
        raise UsageError(message("import_broken", file=file, why=e)) from e


def read_parquet(file: Path, scratch: Path, root: Path) -> Iterator[LabelledPicture]:
    """Pictures are in the file, or named from its folder. Raises UsageError."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    pictures = Pictures(scratch, file)
    try:
        with pq.ParquetFile(file) as parquet:
            if parquet.metadata.num_rows > MOST_ROWS:
                raise UsageError(message("import_too_many", file=file, most=MOST_ROWS))
            names, number = _class_names(parquet.schema_arrow.metadata), 0
            for batch in parquet.iter_batches(_BATCH):
                for cells in batch.to_pylist():
                    number += 1
                    row = Fields(cells, file, f"row {number}")
                    path = _embedded(row, cells, number, pictures)
                    yield from _labels(row, path, _told(row) or _split(file, root), names)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as e:
        raise UsageError(message("import_broken", file=file, why=e)) from e


def _embedded(row: Fields, cells: Mapping[str, Any], number: int, pictures: Pictures) -> Path:
    column = next((name for name in ("image", "img", "picture") if isinstance(cells.get(name), dict)), None)
    if column is None:
        file = next((name for name in _FILES if row.has(name)), _FILES[0])
        return inside(row.file.parent, row.text(file), row.file)
    image = row.inner(column)
    data = cells[column].get("bytes")
    if not isinstance(data, bytes):
        raise row.wrong(f"{column}.bytes")
    return pictures.put(image.text("path", "") or f"{number:07}.img", data)


def _class_names(metadata: Mapping[bytes, bytes] | None) -> dict[str, list[str]]:
    """By column, of those that are classes; `objects`: of the boxes' classes."""
    try:
        told = from_json((metadata or {}).get(b"huggingface", b"{}"))
        features = told["info"]["features"]
        return {str(column): names for column, feature in features.items() if (names := _names_in(feature))}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}  # somebody else's metadata: names are then missed where they are needed, and told so


def _names_in(feature: Any) -> list[str]:
    """The names of the first ClassLabel in a feature, or in the features inside it."""
    if isinstance(feature, list):
        return next((found for one in feature if (found := _names_in(one))), [])
    if not isinstance(feature, dict):
        return []
    names = feature.get("names")
    if isinstance(names, list) and all(isinstance(name, str) for name in names):
        return list(names)
    return next((found for one in feature.values() if (found := _names_in(one))), [])
