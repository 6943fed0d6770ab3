"""`file://` URLs: what file managers and browsers give where a path is asked for."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final
from urllib.parse import unquote_to_bytes

from pipeline.core.errors import UsageError
from pipeline.core.messages import message

_FILE_URL: Final = re.compile(r"(?:file|local):(?://(?P<host>[^/]*)(?=/|$)|(?=/))", re.IGNORECASE)


def local_path(url: str) -> Path | None:
    """The path that a `file://` URL means, as it is written or percent-decoded; None for any other URL.

    Raises UsageError where it names another machine or nothing (RFC 8089: `file:///p`, `file:/p`, `file://localhost/p`).
    """
    found = _FILE_URL.match(url)
    if found is None:
        return None
    host, rest = found["host"] or "", url[found.end() :]
    if host.lower() not in ("", "localhost"):
        rest = f"/{host}{rest}"  # two slashes typed for three
    if not rest:
        raise UsageError(message("path_empty"))
    written = Path("/" + rest.lstrip("/"))
    decoded = Path(os.fsdecode(unquote_to_bytes(os.fsencode(str(written)))))
    there = next((path for path in (written, decoded) if _exists(path)), decoded)
    if host.lower() not in ("", "localhost") and not _exists(there):
        raise UsageError(message("path_elsewhere", place=url, host=host))
    return there


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False
