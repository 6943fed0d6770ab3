"""What a release says of its splits, from its own manifest: for releases made before placements were remembered."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from pathlib import Path
from typing import Final

from pipeline.core.system.regular import open_regular, read_regular
from pipeline.export.manifest import is_manifest
from pipeline.export.split import Split
from pipeline.files.archives.damaged import DAMAGED

MOST_BYTES: Final = 512 * 1024 * 1024
"""Of a manifest in a zip; a million faces have about 300 MB."""


def splits_of_release(path: Path, digest: str) -> dict[str, Split] | None:
    """Image (SHA-256) to split, of the folder or zip at `path`; None where it is not there any more, or is not the one
    that was written: its manifest's SHA-256 is not `digest`."""
    try:
        data = _from_zip(path) if path.suffix == ".zip" else read_regular(path / "manifest.csv")
    except (OSError, *DAMAGED):  # also a foreign zip's own
        return None
    if hashlib.sha256(data).hexdigest() != digest or not is_manifest(data):
        return None
    return {row["image_sha256"]: row["split"] for row in csv.DictReader(io.StringIO(data.decode("utf-8")))}


def _from_zip(path: Path) -> bytes:
    with open_regular(path) as file, zipfile.ZipFile(file) as archive:
        found = [one for one in archive.infolist() if one.filename.partition("/")[2] == "manifest.csv"]
        if len(found) != 1 or found[0].file_size > MOST_BYTES:
            return b""
        return archive.read(found[0])
