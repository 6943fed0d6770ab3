"""How zipfile says that an archive is damaged."""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from typing import Final

DAMAGED: Final = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    RuntimeError,
    ValueError,
    MemoryError,  # LZMA's header says how large its dictionary is
)
"""What it lets through where a member's bytes or its header are wrong; besides OSError, which may be the disk."""
