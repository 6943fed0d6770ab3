"""XML of annotations, read as a stream by expat. A file that declares entities or a document type is refused: that is
how a few lines become gigabytes ("billion laughs")."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final
from xml.parsers import expat

from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.export.readers.labelled import read_text

_MOST_DEPTH: Final = 64
_DECLARED: Final = re.compile(rb"\A<\?xml\s[^>]{0,100}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_OF_SEVERAL_BYTES: Final = {
    "gbk": "gb18030", "gb2312": "gb18030", "gb18030": "gb18030", "cp936": "gb18030", "big5": "cp950",
    "shift_jis": "cp932", "windows-31j": "cp932", "cp932": "cp932", "euc-jp": "euc_jp", "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
}  # fmt: skip
"""What programs for Chinese, Japanese and Korean declare and expat does not know, by the codec that reads it."""


def parse(
    file: Path,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None],
    characters: Callable[[str], None],
) -> None:
    """Calls these with each element and text, in the order of the file. Names are without the prefix of a namespace.

    Raises UsageError.
    """
    depth = 0

    def starts(name: str, given: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _MOST_DEPTH:
            raise UsageError(message("import_too_deep", file=file))
        start(name.rpartition(":")[2], given)

    def ends(name: str) -> None:
        nonlocal depth
        depth -= 1
        end(name.rpartition(":")[2])

    def refuse(*_: object) -> None:
        raise UsageError(message("import_xml_entities", file=file))

    data, encoding = _known_to_expat(read_text(file), file)
    parser = expat.ParserCreate(encoding)
    parser.StartElementHandler, parser.EndElementHandler = starts, ends
    parser.CharacterDataHandler = characters
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError, ValueError) as e:  # the last two: an encoding that is not known
        raise UsageError(message("import_broken", file=file, why=e)) from e


def _known_to_expat(data: bytes, file: Path) -> tuple[bytes, str | None]:
    """The text in an encoding that expat reads, and which, None where the text says so itself. Raises UsageError."""
    declared = _DECLARED.match(data)
    codec = _OF_SEVERAL_BYTES.get(declared[1].decode().lower()) if declared else None
    if codec is None:
        return data, None
    try:
        return data.decode(codec).encode(), "utf-8"
    except UnicodeDecodeError as e:
        raise UsageError(message("import_broken", file=file, why=e)) from e
