"""What `data.yaml` says of a YOLO data set: names, splits, points a box. Read without a YAML library: anchors and tags
have no business there, and a name is a text even where YAML would make `no` of it a truth value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.export.readers.labelled import decoded

YAML: Final = (".yaml", ".yml")
_KEY: Final = re.compile(r"([A-Za-z_]\w*)\s*:(?:\s+(.*)|)$")
_NUMBERED: Final = re.compile(r"[\"']?(\d{1,6})[\"']?\s*:\s+(.+)$")
_NUMBER_BEHIND: Final = re.compile(r"([^\"':]+|\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*')\s*:\s+(\d{1,6})$")
_TOKENS: Final = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'|[^,\"']+|,|.")
_QUOTED: Final = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'")
_COMMENT: Final = re.compile(r"((?:\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'|(?<=\S)#|[^#])*?)(?:(?:^|\s)#.*)?$")
_SPLITS: Final = ("train", "val", "test")


@dataclass(slots=True)
class About:
    """names: by number. places: folders or lists of pictures, by split. points: numbers a box that tell of its points,
    None where it has none."""

    names: dict[int, str] = field(default_factory=dict)
    places: dict[str, list[str]] = field(default_factory=dict)
    points: int | None = None


def about(file: Path) -> About:
    """Of `data.yaml`, or of a list with a name a line. Raises UsageError: also where there are no names."""
    if file.suffix.lower() not in YAML:
        lines = decoded(file).replace("\r\n", "\n").replace("\r", "\n").split("\n")
        return About({number: line.strip() for number, line in enumerate(lines) if line.strip()})
    found = About()
    for key, value in _entries(decoded(file)):
        if key == "names":
            found.names = dict(_names(value, file))
        elif key in _SPLITS:
            found.places[key] = [text for _, text in _items(value)]
        elif key == "kpt_shape":
            shape = [int(text) for _, text in _items(value) if text.isascii() and text.isdigit()]
            found.points = shape[0] * shape[1] if len(shape) == 2 else None
    if not found.names:
        raise UsageError(message("import_broken", file=file, why="names"))
    return found


def _names(value: list[str], file: Path) -> Iterator[tuple[int, str]]:
    seen = set[int]()
    for number, (key, text) in enumerate(_items(value)):
        at = number if key is None else key
        if at in seen:
            raise UsageError(message("import_id_twice", file=file, id=at))
        seen.add(at)
        yield at, text


def _entries(text: str) -> Iterator[tuple[str, list[str]]]:
    """Each key of the outermost level with the lines of its value, without comments."""
    key, value = "", list[str]()
    for raw in text.splitlines():
        line = (found[1] if (found := _COMMENT.match(raw)) else raw).rstrip()
        if not line or line in ("---", "..."):
            continue
        if match := _KEY.match(line):
            if key:
                yield key, value
            key, value = match[1], [match[2]] if match[2] else []
        else:
            value.append(line)
    if key:
        yield key, value


def _items(value: list[str]) -> Iterator[tuple[int | None, str]]:
    """The entries of a list or of an object with numbers for keys, in brackets or a line each; or a single value."""
    whole = " ".join(line.strip() for line in value)
    if whole[:1] in ("[", "{"):
        for part in _parted(whole[1:].rstrip("]} ")):
            yield _item(part, numbered=whole[0] == "{")
        return
    for line in value:
        text = line.strip()
        yield _item(text[2:].strip() if text.startswith("- ") else text, numbered=not text.startswith("- "))


def _parted(text: str) -> Iterator[str]:
    """What stands between commas that are in no quotes."""
    part = ""
    for piece in _TOKENS.findall(text):
        if piece == ",":
            yield part.strip()
            part = ""
        else:
            part += piece
    if part.strip():
        yield part.strip()


def _item(text: str, *, numbered: bool) -> tuple[int | None, str]:
    if numbered and (found := _NUMBERED.match(text)):
        return int(found[1]), _bare(found[2])
    if numbered and (found := _NUMBER_BEHIND.match(text)):  # as other tools keep them, `smile: 1`
        return int(found[2]), _bare(found[1])
    return None, _bare(text)


def _bare(text: str) -> str:
    text = text.strip()
    if not _QUOTED.fullmatch(text):
        return text
    return text[1:-1].replace("''", "'") if text[0] == "'" else re.sub(r"\\(.)", r"\1", text[1:-1])
