"""Imports sqlite-utils as if pandas and numpy were not installed: they take most of the time a command needs to start.

sqlite-utils wants their types for tables that are made of data frames and arrays, of which Moue gives it none. Imported
first by what is to start soon.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Final

_HIDDEN: Final = frozenset({"numpy", "pandas"})


class _Hider:
    """Finds no numpy and no pandas for one thread. `sys.modules` stays as it is, and so do other threads' imports."""

    def __init__(self) -> None:
        self._thread = threading.get_ident()

    def find_spec(
        self, name: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name in _HIDDEN and threading.get_ident() == self._thread:
            raise ModuleNotFoundError(f"{name} is not needed here", name=name)
        return None  # the next finder is asked


_hider: Final = _Hider()
sys.meta_path.insert(0, _hider)
try:
    import sqlite_utils  # noqa: F401 (imported for its effect)
finally:
    sys.meta_path.remove(_hider)
