"""What a source asks of earlier runs, so that no file is unpacked or decoded twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pipeline.core.records import ImageRef


class SourceHistory(Protocol):
    """What earlier runs did with one source. A file counts as the same where location, size and time are the same."""

    def is_finished(self, ref: ImageRef) -> bool:
        """Whether a run will pass this file by."""

    def extracted_frames(self, ref: ImageRef, options_key: str) -> Sequence[ImageRef] | None:
        """The frames that were extracted from this file with these options, all finished; None where there are none."""

    def record_frames(self, ref: ImageRef, options_key: str, extracted: Sequence[ImageRef]) -> None:
        """Note that this file was decoded to its end without damage, into `extracted`.

        options_key: which frames were asked of it.
        """

    def forget_failure(self, ref: ImageRef) -> None:
        """This zip, video or animation was opened or decoded whole: what an earlier run said of it holds no more."""


class NoHistory:
    """A source that no run has seen: everything is new, nothing is noted."""

    def is_finished(self, ref: ImageRef) -> bool:
        return False

    def extracted_frames(self, ref: ImageRef, options_key: str) -> Sequence[ImageRef] | None:
        return None

    def record_frames(self, ref: ImageRef, options_key: str, extracted: Sequence[ImageRef]) -> None:
        return

    def forget_failure(self, ref: ImageRef) -> None:
        return
