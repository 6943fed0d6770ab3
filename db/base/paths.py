"""File names that are no UTF-8, as text that SQLite takes.

Python reads such a byte as a lone surrogate (PEP 383), which cannot be stored; it is moved to a private-use character,
one to one, so that the file can still be opened by its stored path.
"""

from __future__ import annotations

from typing import Final

_FIRST_PRIVATE: Final = 0x10FE00
_TO: Final = {0xDC00 + byte: _FIRST_PRIVATE + byte for byte in range(0x80, 0x100)}
_BACK: Final = {private: surrogate for surrogate, private in _TO.items()}


def to_text(path: str) -> str:
    """`path` as it is stored and shown."""
    return path.translate(_TO) if not path.isascii() else path


def to_path(text: str) -> str:
    """The path that `to_text` made `text` of; open files by this one."""
    return text.translate(_BACK) if not text.isascii() else text
