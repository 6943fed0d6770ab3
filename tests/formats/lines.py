"""The lines of docs/formats.md, to be run: a block is named by the word after `python`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "formats.md"


def blocks() -> dict[str, str]:
    return dict(re.findall(r"^```python (\S+)\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL))


def run(name: str) -> dict[str, Any]:
    """What the lines leave behind, run in the present folder."""
    found: dict[str, Any] = {}
    exec(compile(blocks()[name], f"docs/formats.md ({name})", "exec"), found)
    return found
