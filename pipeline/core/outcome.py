"""What may become of an image in processing."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Outcome(StrEnum):
    """What became of one image in processing."""

    ADDED = "added"
    ALREADY_PRESENT = "already_present"
    NO_FACE = "no_face"
    UNDECODABLE = "undecodable"
    TOO_LARGE = "too_large"
    UNSUPPORTED = "unsupported"
    UNAVAILABLE = "unavailable"
    QUARANTINED = "quarantined"
    PASSED_OVER = "passed_over"


STORED_OUTCOMES: Final = (Outcome.ADDED, Outcome.NO_FACE)
"""The outcomes whose image has a row and its blobs in the workspace."""
