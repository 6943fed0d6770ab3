"""JSON that is written as it comes, so that a release of any length fits in memory."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import IO, Any


def dump(value: Any) -> str:
    """One line, keys sorted, Chinese as it is: the same value gives the same text."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def write_list(out: IO[str], values: Iterable[Any]) -> None:
    """A JSON list, a line an element."""
    separator = "[\n"
    for value in values:
        out.write(separator)
        out.write(dump(value))
        separator = ",\n"
    out.write("[]" if separator == "[\n" else "\n]")
