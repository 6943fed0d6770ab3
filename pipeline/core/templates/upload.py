"""What is said of releases that are sent elsewhere."""

from __future__ import annotations

from typing import Final

UPLOAD: Final = {
    "upload_failed": "{place} cannot be written or read ({why}): the same command goes on from where it stopped",
    "upload_differs": "{place} is there, but not with the bytes that were sent: start the same command again",
}
