"""The pages that people read, and what the tests ask of them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
README: Final = ROOT / "README.md"
COMMAND_LINE: Final = ROOT / "docs/command-line.md"
ARCHITECTURE: Final = ROOT / "docs/architecture.md"
PAGES: Final = [
    path for folder in (ROOT, ROOT / "docs", ROOT / "docs/adr", ROOT / "tests") for path in sorted(folder.glob("*.md"))
]
_BLOCK: Final = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def blocks(path: Path, language: str = "") -> list[str]:
    """The fenced blocks of one language, in order."""
    return [text for found, text in _BLOCK.findall(path.read_text("utf-8")) if found == language]


def without_blocks(path: Path) -> str:
    return _BLOCK.sub("", path.read_text("utf-8"))
