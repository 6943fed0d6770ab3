"""What a component says once it has sent files to the upload route."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Uploaded:
    """The files that arrived: all in one folder of the workspace, named by `batch`. bytes: of all of them."""

    batch: str
    files: int
    bytes: int


def uploaded_of(value: object) -> Uploaded | None:
    """The value that `sending.js` makes, read; None for anything else, as before the first upload."""
    if not isinstance(value, dict):
        return None
    return Uploaded(str(value.get("batch", "")), int(value.get("files", 0)), int(value.get("bytes", 0)))
