"""Archives that a test makes, and what is met in them."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

from pipeline.core.records import ImageRef
from pipeline.sources.zips import zip_members


def members(path: Path, max_bytes: int = 100_000) -> list[ImageRef]:
    return list(zip_members(path, path.parent / "spool", max_bytes))


def raw_named_zip(path: Path, names: list[bytes], flag: int = 0) -> None:
    """An archive with these very bytes as names, as old Windows programs write them."""
    plain = [f"{'n' * (len(raw) - 4)}{number:04}" for number, raw in enumerate(names)]
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in plain:
            archive.writestr(name, b"just words")
    data = stream.getvalue()
    for name, raw in zip(plain, names, strict=True):
        data = data.replace(name.encode() + b"PK", raw + b"PK").replace(name.encode(), raw)
    if flag:
        data = data.replace(b"PK\x01\x02\x14\x03\x14\0\0\0", b"PK\x01\x02\x14\x03\x14\0" + struct.pack("<H", flag))
        data = data.replace(b"PK\x03\x04\x14\0\0\0", b"PK\x03\x04\x14\0" + struct.pack("<H", flag))
    path.write_bytes(data)
