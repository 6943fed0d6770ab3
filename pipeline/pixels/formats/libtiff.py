"""libtiff writes what it dislikes to the terminal, by itself and in words for programmers; here it is told not to."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import PIL

from pipeline.core.system.calls import unset_handler

_BESIDE_PILLOW = ("../pillow.libs/libtiff*", ".dylibs/libtiff*")
"""Where Pillow's packages for Linux and macOS have it; a system's own library goes on writing."""


@cache
def silence() -> None:
    """Once a process. What is wrong with a picture is told by the error that Pillow raises."""
    for pattern in _BESIDE_PILLOW:
        folder, _, name = pattern.rpartition("/")
        for file in (Path(PIL.__file__).parent / folder).glob(name):
            unset_handler(file, "TIFFSetErrorHandler")
