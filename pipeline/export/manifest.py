"""`manifest.csv` of an export, by whose first line an export is known wherever it is moved to."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable
from typing import Final

from pipeline.core.border import filled_share, squared_share
from pipeline.core.records import ExportItem
from pipeline.export.export import ExportPlan
from pipeline.export.options import ExportOptions
from pipeline.export.pictures.shown import Shown

MANIFEST: Final = "manifest.csv"

_FIRST_HEADER: Final = (
    "file,split,class,face_id,image_sha256,group,detector,"
    "box_x1,box_y1,box_x2,box_y2,crop_x,crop_y,crop_width,crop_height"
)
_SECOND_HEADER: Final = f"{_FIRST_HEADER},crop_angle"
_THIRD_HEADER: Final = f"{_SECOND_HEADER},border,filled"
_FOURTH_HEADER: Final = f"{_THIRD_HEADER},consensus"
_FIFTH_HEADER: Final = f"{_FOURTH_HEADER},confirmed"
_SIXTH_HEADER: Final = f"{_FIFTH_HEADER},landmarks"
MANIFEST_HEADER: Final = f"{_SIXTH_HEADER},person\n"
KNOWN_HEADERS: Final = (
    MANIFEST_HEADER,
    f"{_SIXTH_HEADER}\n",
    f"{_FIFTH_HEADER}\n",
    f"{_FOURTH_HEADER}\n",
    f"{_THIRD_HEADER}\n",
    f"{_SECOND_HEADER}\n",
    f"{_FIRST_HEADER}\n",
)
"""What exports of this and of earlier versions begin with."""
FIRST_LINES: Final = frozenset(header.strip().encode() for header in KNOWN_HEADERS)


def is_manifest(head: bytes) -> bool:
    """Whether a file that begins so is the manifest of an export of Moue, also where a spreadsheet saved it anew."""
    first = head.removeprefix(codecs.BOM_UTF8).splitlines()[:1]
    columns = b"".join(first).decode("utf-8", "replace").replace('"', "").replace(";", ",").rstrip(",")
    return columns in {header.rstrip("\n") for header in KNOWN_HEADERS}


def manifest_bytes(chosen: ExportPlan, shown: Callable[[ExportItem], Shown] | None = None) -> bytes:
    """`manifest.csv`: UTF-8, one row a face, sorted by file; pixels of the upright original. filled: the share of the
    file that is not photo. shown: what pictures that are cut from photos show; without it they are told of as if they
    showed the reviewed crops."""
    data = io.BytesIO()
    text = io.TextIOWrapper(data, "utf-8", newline="")  # StringIO holds it fourfold
    table = csv.writer(text, lineterminator="\n")
    text.write(MANIFEST_HEADER)
    for row in chosen.rows:
        i = row.item
        box = (f"{v:.2f}" for v in (i.box.x1, i.box.y1, i.box.x2, i.box.y2))
        crop = (i.crop.x, i.crop.y, i.crop.width, i.crop.height, f"{i.crop.angle:g}")
        border = (i.border, f"{_filled(i, chosen.options, shown):.4f}")
        named = (row.file, row.split, i.label, i.face_id, i.image_sha256, i.group, i.detector)
        table.writerow([*named, *box, *crop, *border, chosen.agreed.rule, i.confirmed, i.landmark_model, i.person])
    text.flush()
    return data.getvalue()


def _filled(item: ExportItem, options: ExportOptions, shown: Callable[[ExportItem], Shown] | None) -> float:
    if shown is not None:
        return filled_share(shown(item).crop, item.width, item.height)
    return squared_share(item.filled, item.crop) if options.size else item.filled
