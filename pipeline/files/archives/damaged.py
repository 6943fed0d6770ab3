"""How zipfile says that an archive is damaged, and how that is said to people."""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from typing import Final

from pipeline.core.messages import Message, message

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


def why_damaged(error: Exception) -> Message:
    """What is wrong with a member: zipfile's own words are English, and for programmers."""
    if isinstance(error, EOFError):
        return message("member_cut")
    if isinstance(error, zipfile.BadZipFile):
        return message("member_sum") if "CRC" in str(error) else message("member_header")
    if isinstance(error, zlib.error | lzma.LZMAError | OSError):  # OSError: how bzip2 says it
        return message("member_packed")
    return message("member_header")
