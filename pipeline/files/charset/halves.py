"""Half a character: a lone surrogate, which JSON and scripts can hold (`\\ud83d`, where a title was cut) and neither
SQLite nor a page takes."""

from __future__ import annotations

import json
from typing import Any

from pipeline.core.messages import message


def from_json(text: str | bytes, **named: Any) -> Any:
    """`json.loads`. Raises ValueError for half a character, too."""
    value = json.loads(text, **named)
    if (b"\\ud" in text.lower()) if isinstance(text, bytes) else ("\\ud" in text.lower()):
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError as e:
            raise ValueError(message("json_half_character", said=json.dumps(e.object[e.start]))) from e
    return value


def without_halves(text: str) -> str:
    """Two halves that belong together made one character, any other replaced by U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
