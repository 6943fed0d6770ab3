"""Compares two releases by the lines of their manifests, and reads only those as faces that are not the same in both.

It tells what `compare.differences` of the two contents tells. A line that is in both is left out only where that is
sure: it is one whole row, of a face that neither manifest names twice, and its picture has the same bytes. Of what is
unlike the manifests that Moue writes every row is read.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pipeline.core.errors import ExportError
from pipeline.core.messages import message
from pipeline.export.release.compare import MANIFEST, NEEDED, Differences, content_of, differences, shape_of
from pipeline.export.release.release_file import NAME, ReleaseFile, opened, read

_WORTH: Final = 2
"""Lines that differ, as a part of all, beyond which every row is read: one in so many."""
_MARKS: Final = frozenset('"\r')
"""Where one of them is, what ends a field or a row is for `csv` to say."""
_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class ReleaseText:
    """What a release says of itself. name: as it is shown. manifest: the bytes of that file. said: the release.json
    beside it, None where there is none."""

    name: str
    manifest: bytes
    said: ReleaseFile | None


def read_text(place: Path) -> ReleaseText:
    """Of the release in a folder or a zip; also of one that an earlier Moue wrote, without release.json.

    Raises ExportError.
    """
    with opened(place) as tree:
        if not tree.has(MANIFEST):
            raise ExportError(message("release_not_there", place=str(place)))
        said = read(tree) if tree.has(NAME) else None
        return ReleaseText(str(place), tree.read(MANIFEST), said)


def compared(before: ReleaseText, after: ReleaseText) -> Differences:
    """What changed from `before` to `after`. Raises ExportError where a manifest cannot be read."""
    texts = (before, after)
    parts = _differing(before, after) or (before.manifest, after.manifest)
    return differences(*(content_of(one.name, part, one.said) for one, part in zip(texts, parts, strict=True)))


def _differing(before: ReleaseText, after: ReleaseText) -> tuple[bytes, bytes] | None:
    """Both manifests without the rows of faces that are surely alike; None where it is not known, or spares little."""
    old, new = before.manifest, after.manifest
    head = old[: old.find(b"\n") + 1]
    if not (head and new.startswith(head) and _is_utf8(old) and _is_utf8(new)):
        return None
    title = head.decode("utf-8-sig").rstrip("\r\n")
    names = title.split(",")
    if not _MARKS.isdisjoint(title) or not NEEDED.issubset(names) or len(set(names)) < len(names):
        return None
    columns = _Columns(names.index("file"), names.index("face_id"), len(names))
    unlike = _other_bytes(before, after)
    lines = dict.fromkeys(_rows(old))
    number = len(lines)
    faces, rest = set[str](), list[bytes]()
    for line in _rows(new):
        row = columns.of(line) if line in lines else None
        if row is None or row[0] in unlike:
            rest.append(line)
            continue
        if row[1] in faces:
            return None
        faces.add(row[1])
        del lines[line]
    if max(len(lines), len(rest)) * _WORTH > number:
        return None
    if not (_names_others(columns, lines, faces) and _names_others(columns, rest, faces)):
        return None
    return b"".join([head, *lines]), b"".join([head, *rest])


def _rows(manifest: bytes) -> Iterator[bytes]:
    lines = io.BytesIO(manifest)
    next(lines)
    return lines


@dataclass(frozen=True, slots=True)
class _Columns:
    file: int
    face: int
    number: int

    def of(self, line: bytes) -> tuple[str, str] | None:
        """File and face of a line that is a whole row, else None."""
        text = line.decode()
        if len(text) > csv.field_size_limit():
            return None
        if not _MARKS.isdisjoint(text):
            try:
                row, *more = csv.reader([text, "next"])
            except csv.Error:
                return None
            if more != [["next"]]:  # a field goes on in the next line
                return None
        else:
            row = text.rstrip("\n").split(",")
        return (row[self.file], row[self.face]) if len(row) == self.number else None


def _names_others(columns: _Columns, lines: Iterable[bytes], faces: Collection[str]) -> bool:
    """Whether each line is a row, of a face that is none of these, and all are of different ones."""
    met = set[str]()
    for line in lines:
        row = columns.of(line)
        if row is None or row[1] in faces or row[1] in met:
            return False
        met.add(row[1])
    return True


def _is_utf8(manifest: bytes) -> bool:
    """Whether all of it is UTF-8."""
    if manifest.isascii():
        return True
    decoder, view = codecs.getincrementaldecoder("utf-8")(), memoryview(manifest)
    try:
        for at in range(0, len(manifest), _CHUNK):
            decoder.decode(view[at : at + _CHUNK])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _other_bytes(before: ReleaseText, after: ReleaseText) -> Collection[str]:
    """The files that have other bytes in the one than in the other, where that means other pixels."""
    if before.said is None or after.said is None or shape_of(before.said) != shape_of(after.said):
        return ()
    new = after.said.files
    return {
        path
        for path, one in before.said.files.items()
        if (other := new.get(path)) is not None and other.sha256 != one.sha256
    }
