"""The first line of an export's `manifest.csv`, by which an export is known wherever it is moved to."""

from __future__ import annotations

import codecs
from typing import Final

_FIRST_HEADER: Final = (
    "file,split,class,face_id,image_sha256,group,detector,"
    "box_x1,box_y1,box_x2,box_y2,crop_x,crop_y,crop_width,crop_height"
)
_SECOND_HEADER: Final = f"{_FIRST_HEADER},crop_angle"
_THIRD_HEADER: Final = f"{_SECOND_HEADER},border,filled"
_FOURTH_HEADER: Final = f"{_THIRD_HEADER},consensus"
_FIFTH_HEADER: Final = f"{_FOURTH_HEADER},confirmed"
MANIFEST_HEADER: Final = f"{_FIFTH_HEADER},landmarks\n"
KNOWN_HEADERS: Final = (
    MANIFEST_HEADER,
    f"{_FIFTH_HEADER}\n",
    f"{_FOURTH_HEADER}\n",
    f"{_THIRD_HEADER}\n",
    f"{_SECOND_HEADER}\n",
    f"{_FIRST_HEADER}\n",
)
"""What exports of this and of earlier versions begin with."""


def is_manifest(head: bytes) -> bool:
    """Whether a file that begins so is the manifest of an export of Moue, also where a spreadsheet saved it anew."""
    first = head.removeprefix(codecs.BOM_UTF8).splitlines()[:1]
    columns = b"".join(first).decode("utf-8", "replace").replace('"', "").replace(";", ",").rstrip(",")
    return columns in {header.rstrip("\n") for header in KNOWN_HEADERS}
