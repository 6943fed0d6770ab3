"""XML of annotations, read as a stream by expat. A file that declares entities or a document type is refused: that is
how a few lines become gigabytes ("billion laughs")."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final
from xml.parsers import expat

from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.export.readers.labelled import read_text

_MOST_DEPTH: Final = 64


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

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = starts, ends
    parser.CharacterDataHandler = characters
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    try:
        parser.Parse(read_text(file), True)
    except (expat.ExpatError, LookupError) as e:  # LookupError: an encoding that there is not
        raise UsageError(message("import_broken", file=file, why=str(e)[:200])) from e
