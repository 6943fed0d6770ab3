"""The inputs worth a second look: as files whose names say the format, to be tried again without atheris."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Final

from tests.faults.mutated.attempt import Attempt

LONG_S: Final = 1.0
"""Of CPU, for a file of some kilobytes."""
LARGE: Final = 200 * 10**6
"""Bytes that a process grows by."""
_FRAME: Final = re.compile(r'File "(.+?)", line (\d+)')
_SHOWN: Final = 48


def heavy(one: Attempt) -> bool:
    return one.seconds > LONG_S or one.bytes > LARGE


def place(one: Attempt) -> str:
    """Where and as what it ended: the same for inputs that the same line ends, whatever they hold."""
    frames = _FRAME.findall(one.fault)
    kind = one.fault.strip().rpartition("\n")[2].partition(":")[0]
    return f"{kind} at {frames[-1][0]}:{frames[-1][1]}" if frames else kind


def keep(folder: Path, name: str, data: bytes) -> Path:
    """Lay the file into `folder`, under a name that `format_of` understands."""
    path = folder / f"{name}.{hashlib.sha256(data).hexdigest()[:12]}"
    path.write_bytes(data)
    return path


def format_of(path: Path) -> str:
    return path.name.partition(".")[0]


def shown(data: bytes) -> str:
    """The bytes in a line: all, or the first of them."""
    return f"{data[:_SHOWN]!r}{' …' if len(data) > _SHOWN else ''} ({len(data):,} bytes)"
