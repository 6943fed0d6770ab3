"""The name of a photo: the SHA-256 of its bytes."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pipeline.core.system.regular import open_regular
from pipeline.files.remote import hash_url, is_url


def hash_file(path: Path | str) -> str | None:
    """SHA-256, hex, of a file or of what is behind a URL; None where it cannot be read."""
    if is_url(path):
        return hash_url(str(path))
    try:
        with open_regular(path) as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return None
