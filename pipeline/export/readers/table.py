"""CSV and Parquet: a row a picture, `file` and `class`, and where told `split`, ids and the face's box.

Also the `manifest.csv` of a release of Moue, which says of each file in class folders what photo and face it shows.
"""

from __future__ import annotations

import io
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from pipeline.core.errors import UsageError
from pipeline.core.geometry import BoundingBox, CropBox
from pipeline.core.messages import message, within
from pipeline.core.system.regular import open_regular, read_regular
from pipeline.export.manifest import is_manifest
from pipeline.export.readers.labelled import Fields, LabelledPicture, box_of, crop_of, read_json, read_text, told_split
from pipeline.export.readers.syntax import points, video
from pipeline.export.readers.syntax.other_machine import NamedFiles
from pipeline.export.release.release_file import is_whole
from pipeline.files.tables import read_table, whole_rows
from pipeline.files.text_encoding import decode_text

COLUMNS: Final = {
    "file": "file", "filename": "file", "file_name": "file", "filepath": "file", "path": "file", "image": "file",
    "class": "class", "label": "class", "expression": "class",
    "split": "split", "subset": "split",
    "image_sha256": "sha256", "sha256": "sha256", "face_id": "face_id",
    "box_x1": "x1", "box_y1": "y1", "box_x2": "x2", "box_y2": "y2", "x1": "x1", "y1": "y1", "x2": "x2", "y2": "y2",
    "xmin": "x1", "ymin": "y1", "xmax": "x2", "ymax": "y2", "x_min": "x1", "y_min": "y1", "x_max": "x2", "y_max": "y2",
    "left": "x1", "top": "y1", "right": "x2", "bottom": "y2", "x": "x1", "y": "y1",
    "width": "width", "height": "height", "w": "width", "h": "height",
    "crop_x": "crop_x", "crop_y": "crop_y", "crop_width": "crop_width", "crop_height": "crop_height",
    "crop_angle": "crop_angle", "landmarks": "landmarks", "group": "group",
    **dict.fromkeys(video.NAMES, "video"),
}  # fmt: skip
"""Field by the names that columns have. width, height: of the box where its other corner is not told, else of the
picture that it was drawn on."""
_BOX: Final = ("x1", "y1", "x2", "y2")
_CROP: Final = ("crop_x", "crop_y", "crop_width", "crop_height", "crop_angle")
_LABEL_STUDIO: Final = frozenset({"annotator", "annotationid", "leadtime"})
_BOXES_IN_ONE: Final = ("bbox", "bboxes", "box", "boxes", "boundingbox", "rect", "rectangle", "polygon")
_JOINTS: Final = re.compile(r"[\s_-]+")
_DECIMAL_COMMA: Final = re.compile(r"(-?\d+),(\d+)")
_PHOTO_NAME: Final = 16
"""Digits of its hash that a whole photo's file is called by."""
MOST_ROWS: Final = 5_000_000


def is_release(root: Path) -> bool:
    try:
        with open_regular(root / "manifest.csv") as stream:
            return is_manifest(stream.read(4096))
    except OSError:
        return False


@dataclass(frozen=True, slots=True)
class _Shown:
    """What pictures of a release show. as_photo: whole photos in their own size; as_reviewed: crops as people saw
    them."""

    content: str
    as_photo: bool
    as_reviewed: bool


def with_manifest(root: Path, around: Path, found: Sequence[LabelledPicture]) -> list[LabelledPicture]:
    """The pictures with what the manifest of a release of Moue, in these folders or around them, says of their faces:
    by the names of files, by the face's id; of whole photos that name none (YOLO) by the order, which is the same."""
    places = [one for at in (root, around) if at.is_dir() for one in (at, at.parent)]
    folder = next(filter(is_release, places), None)
    if folder is None:
        return list(found)
    shown = _shown_by(folder)
    rows = _rows_of_manifest(folder)
    in_order = _Ordered(rows.values(), found) if shown.content == "photo" else None
    by_face = {cells["face_id"].lower(): cells for cells in rows.values() if cells.get("face_id")}
    joined = []
    for one in found:
        nth = None if in_order is None else in_order.next(one)  # counts all of them
        cells = rows.get(one.path.name)
        if cells is None or one.face_id not in ("", cells.get("face_id", "").lower()):
            cells = by_face.get(one.face_id) if one.face_id else nth
        joined.append(_told(one, folder, cells, shown))
    return joined


def _rows_of_manifest(folder: Path) -> dict[str, Mapping[str, str]]:
    return {cells.get("file", "").rpartition("/")[2]: cells for _, cells in _rows(folder / "manifest.csv")}


class _Ordered:
    """The rows of one photo after the other, where there are as many as labels of its file."""

    def __init__(self, rows: Iterable[Mapping[str, str]], found: Sequence[LabelledPicture]) -> None:
        self._rows: dict[str, list[Mapping[str, str]]] = defaultdict(list)
        for cells in rows:
            self._rows[cells.get("sha256", "").lower()[:_PHOTO_NAME]].append(cells)
        self._labels = Counter(one.path for one in found)
        self._met = Counter[Path]()

    def next(self, one: LabelledPicture) -> Mapping[str, str] | None:
        at, rows = self._met[one.path], self._rows.get(one.path.stem, [])
        self._met[one.path] += 1
        return rows[at] if len(rows) == self._labels[one.path] else None


def _told(one: LabelledPicture, folder: Path, cells: Mapping[str, str] | None, shown: _Shown) -> LabelledPicture:
    one = replace(one, shows=shown.content, as_photo=shown.as_photo)
    if one.points_in_photo and not (shown.as_photo or shown.as_reviewed):
        one = replace(one, points=b"", points_in_photo=False)  # nobody tells where the photo lies in the picture
    if cells is None:
        return one
    manifest = folder / "manifest.csv"
    sha256 = one.sha256 or cells.get("sha256", "").lower()
    box, crop = one.in_photo or _box(manifest, 0, cells), one.crop or _crop(manifest, 0, cells)
    face_id, group = cells.get("face_id", "").lower(), cells.get("group", "")  # which no split of the release parts
    return replace(one, sha256=sha256, face_id=face_id, in_photo=box, crop=crop, together=one.together or group)


def _shown_by(folder: Path) -> _Shown:
    """Mouths, where it does not say."""
    whole = _release_of(folder)
    if whole is None or not whole.has("options"):
        return _Shown("mouth", False, True)
    options = whole.inner("options")
    content = options.text("content", "mouth")
    anew = options.has("margin") or options.has("level_eyes")
    return _Shown(content, content == "photo" and not options.has("size"), content == "mouth" and not anew)


def line_of_release(root: Path) -> str:
    """What a release says that its line is called, "" where it does not."""
    said = _release_of(root)
    return "" if said is None else said.text("line", "")


def _release_of(root: Path) -> Fields | None:
    """Raises UsageError where it is not as it was written."""
    file = root / "release.json"
    said = Fields(read_json(file), file, "file") if file.is_file() else None
    if said is not None and said.has("sha256") and not is_whole(read_regular(file), said.text("sha256")):
        raise UsageError(message("import_refused", why=message("release_sum", place=str(file))))
    return said


def find(root: Path) -> Path | None:
    """The table of a data set: the file itself, or the only one in its folder."""
    if root.is_file():
        return root if root.suffix.lower() in (".csv", ".tsv", ".parquet") else None
    faces = [root / f"faces{suffix}" for suffix in (".csv", ".parquet")]
    if found := next((one for one in faces if one.is_file()), None):
        return found
    tables = [p for p in root.glob("*") if p.suffix.lower() in (".csv", ".tsv", ".parquet") and p.is_file()]
    tables = [p for p in tables if p.name != "attribution.csv"]
    return tables[0] if len(tables) == 1 else None


def read(root: Path) -> Iterator[LabelledPicture]:
    table = find(root)
    if table is None:
        raise UsageError(message("import_no_table", folder=root))
    yield from read_file(table)


def read_file(table: Path) -> Iterator[LabelledPicture]:
    """Pictures are named from the table's own folder. Raises UsageError."""
    named = NamedFiles(table.parent, table)
    of_release = table.name == "manifest.csv" and is_release(table.parent)
    for number, cells in _rows(table):
        if not cells.get("file") or not cells.get("class"):
            raise UsageError(message("import_row", file=table, line=number))
        path = named.find(cells["file"])
        sha256, face_id = cells.get("sha256", "").lower(), cells.get("face_id", "").lower()
        # The manifest's box is in the photo, and the file is a crop of it.
        told = _box(table, number, cells)
        box, in_photo = (None, told) if of_release or face_id else (told, None)
        shares = box is not None and max(box.x2, box.y2) <= 1
        split = told_split(cells.get("split", ""), table, f"line {number}")
        found, crop = (_points(cells), _crop(table, number, cells)) if face_id else (b"", None)
        together = cells.get("video", "") or (cells.get("group", "") if sha256 and face_id else "")
        yield LabelledPicture(
            path, cells["class"], split, box, shares, sha256, face_id, in_photo, drawn_on=_drawn_on(cells), crop=crop,
            points=found, points_in_photo=bool(found), together=together,
        )  # fmt: skip


def _rows(table: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    if table.suffix.lower() == ".parquet":
        yield from _parquet_rows(table)
        return
    stream = io.StringIO(decode_text(read_text(table), str(table)), newline="")
    usual = "\t" if table.suffix.lower() == ".tsv" else ","
    found = read_table(stream, COLUMNS, str(table), usual)
    _check(table, found.fields, found.header)
    for row in whole_rows(found, str(table)):
        yield row.line, row.cells


def _check(table: Path, fields: frozenset[str], header: Sequence[str]) -> None:
    names = {_JOINTS.sub("", name.lower()): name for name in header}
    if names.keys() >= _LABEL_STUDIO:
        raise UsageError(message("import_label_studio_csv", file=table))
    if not {"file", "class"} <= fields:
        raise UsageError(message("import_header", file=table, found=within(header)))
    boxes = [names[name] for name in _BOXES_IN_ONE if name in names]
    if boxes and not fields & {"x1", "x2"}:
        raise UsageError(message("import_box_column", file=table, column=boxes[0]))


def _parquet_rows(table: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(table) as parquet:
            names = {name: COLUMNS[name.lower()] for name in parquet.schema_arrow.names if name.lower() in COLUMNS}
            _check(table, frozenset(names.values()), parquet.schema_arrow.names)
            if parquet.metadata.num_rows > MOST_ROWS:
                raise UsageError(message("import_too_many", file=table, most=MOST_ROWS))
            number = 0
            for batch in parquet.iter_batches(1000, columns=list(names)):
                for row in batch.to_pylist():
                    number += 1
                    yield number, {names[name]: _text(value, table, number) for name, value in row.items()}
    except (pa.ArrowException, OSError, UnicodeDecodeError) as e:
        raise UsageError(message("import_broken", file=table, why=e)) from e


def _text(value: Any, table: Path, number: int) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return json.dumps(value, default=str)
    if not isinstance(value, str | int | float):
        raise UsageError(message("import_row", file=table, line=number))
    return str(value)


def _box(table: Path, number: int, cells: Mapping[str, str]) -> BoundingBox | None:
    """None where no cell tells one. Raises UsageError for one that is told in part."""
    corner = "x2" in cells or "y2" in cells
    texts = [cells.get(name, "") for name in (_BOX if corner else (*_BOX[:2], "width", "height"))]
    if not any(texts) or (not corner and not (any(texts[:2]) and any(texts[2:]))):  # a point, or a picture's size
        return None
    try:
        x1, y1, x2, y2 = (float(_DECIMAL_COMMA.sub(r"\1.\2", text)) for text in texts)
    except ValueError as e:
        raise UsageError(message("import_row", file=table, line=number)) from e
    box = box_of(x1, y1, x2 - x1, y2 - y1) if corner else box_of(x1, y1, x2, y2)
    if box is None:
        raise UsageError(message("import_row", file=table, line=number))
    return box


def _drawn_on(cells: Mapping[str, str]) -> tuple[float, float] | None:
    """The size of the picture, beside a box of two corners; None where it is not told."""
    texts = [cells.get(name, "") for name in ("width", "height")]
    whole = [text.removesuffix(".0") for text in texts]
    good = cells.get("x2") and all(text.isascii() and text.isdigit() and len(text) < 9 and int(text) for text in whole)
    return (float(whole[0]), float(whole[1])) if good else None


def _crop(table: Path, number: int, cells: Mapping[str, str]) -> CropBox | None:
    """Where the crop was cut in the photo; the first releases did not turn crops."""
    texts = [cells.get(name, "0" if name == "crop_angle" else "") for name in _CROP]
    if not all(texts):
        return None
    try:
        return crop_of(*map(float, texts))
    except ValueError as e:
        raise UsageError(message("import_row", file=table, line=number)) from e


def _points(cells: Mapping[str, str]) -> bytes:
    """The column `landmarks` of a release's table; that of its manifest says which model placed them."""
    text = cells.get("landmarks", "")
    if not text.startswith("["):
        return b""
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        return b""  # somebody else's column
    numbers = isinstance(values, list) and all(type(v) in (int, float) for v in values)
    return points.of_flat(values) if numbers else b""
