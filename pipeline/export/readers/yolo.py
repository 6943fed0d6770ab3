"""YOLO: `data.yaml` with the names, `images/…` with the pictures, `labels/…` with a line a box, in shares.

Both `images/train` and `train/images` are met. Of data.yaml only the names are read, without a YAML library: anchors
and tags have no business there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.export.readers.folders import pictures_below
from pipeline.export.readers.labelled import LabelledPicture, box_of, read_text, split_of

_NAMED: Final = re.compile(r"^\s+[\"']?(\d{1,6})[\"']?\s*:\s*(.+?)\s*$")
_LISTED: Final = re.compile(r"^\s*-\s+(.+?)\s*$")
_INLINE: Final = re.compile(r"^names\s*:\s*[\[{](.*)[\]}]\s*$")
_COMMENT: Final = re.compile(r"\s#.*$")


def find(root: Path) -> Path | None:
    """`data.yaml`; `classes.txt` beside `labels` (Label Studio); `obj.names` (Darknet, and CVAT's YOLO 1.1)."""
    found = [root / name for name in ("data.yaml", "data.yml", "dataset.yaml")]
    found += [root / "classes.txt"] if (root / "labels").is_dir() else []
    return next((one for one in (*found, root / "obj.names") if one.is_file()), None)


def read(root: Path) -> Iterator[LabelledPicture]:
    """A picture without a line has no mouth and is left out. Raises UsageError."""
    file = find(root)
    if file is None:
        raise UsageError(message("import_no_format", place=root))
    names = _names(file)
    for path in pictures_below(root):
        parts = path.relative_to(root).parts
        if file.name == "obj.names":
            labels = path.with_suffix(".txt")
        elif "images" in parts[:-1]:
            at = len(parts) - 2 - parts[-2::-1].index("images")
            labels = root.joinpath(*parts[:at], "labels", *parts[at + 1 :]).with_suffix(".txt")
        else:
            continue
        if labels.is_symlink() or not labels.is_file():
            continue
        words = (word for part in reversed(parts[:-1]) for word in (part, *part.split("_")))
        split = next((found for word in words if (found := split_of(word))), "")
        yield from _of_picture(path, labels, split, names)


def _of_picture(path: Path, labels: Path, split: str, names: dict[int, str]) -> Iterator[LabelledPicture]:
    for number, line in enumerate(_decoded(labels).splitlines(), start=1):
        if not line.strip():
            continue
        try:
            kind, x, y, width, height = line.split()[:5]
            label = names[int(kind)]
            box = box_of(float(x) - float(width) / 2, float(y) - float(height) / 2, float(width), float(height))
        except (ValueError, KeyError) as e:
            raise UsageError(message("import_row", file=labels, line=number)) from e
        if box is None:
            raise UsageError(message("import_row", file=labels, line=number))
        yield LabelledPicture(path, label, split, box, in_shares=True)


def _decoded(file: Path) -> str:
    try:
        return read_text(file).decode("utf-8-sig")
    except UnicodeDecodeError as e:
        raise UsageError(message("import_no_utf8", file=file)) from e


def _names(file: Path) -> dict[int, str]:
    if file.suffix != ".yaml" and file.suffix != ".yml":
        return {number: line.strip() for number, line in enumerate(_decoded(file).splitlines()) if line.strip()}
    found: dict[int, str] = {}
    within = False
    for raw in _decoded(file).splitlines():
        line = _COMMENT.sub("", raw)
        if inline := _INLINE.match(line):
            return _inline(inline[1])
        if within and (named := _NAMED.match(line)):
            if int(named[1]) in found:
                raise UsageError(message("import_id_twice", file=file, id=named[1]))
            found[int(named[1])] = _bare(named[2])
        elif within and (listed := _LISTED.match(line)):
            found[len(found)] = _bare(listed[1])
        elif line.strip():
            within = line.startswith("names:")
    if not found:
        raise UsageError(message("import_broken", file=file, why="names"))
    return found


def _inline(text: str) -> dict[int, str]:
    found: dict[int, str] = {}
    for number, part in enumerate(filter(str.strip, text.split(","))):
        key, colon, value = part.partition(":")
        found[int(key) if colon and key.strip().isdigit() else number] = _bare(value if colon else part)
    return found


def _bare(text: str) -> str:
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1]
    return text
