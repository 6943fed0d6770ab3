"""What a source may ask of earlier runs, so that nothing is unpacked or decoded twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pipeline.core.records import ImageRef


class Memory(Protocol):
    """Of one source. A file is the same one where place, size and time are."""

    def is_finished(self, ref: ImageRef) -> bool:
        """Whether a run will pass this file by."""

    def parts(self, ref: ImageRef, how: str) -> Sequence[ImageRef] | None:
        """The frames that this file was taken apart into, all finished; None where it must be decoded (again)."""

    def took_apart(self, ref: ImageRef, how: str, parts: Sequence[ImageRef]) -> None:
        """The file was decoded to its end without damage. how: what was asked of it."""


class NoMemory:
    """Everything is new."""

    def is_finished(self, ref: ImageRef) -> bool:
        return False

    def parts(self, ref: ImageRef, how: str) -> Sequence[ImageRef] | None:
        return None

    def took_apart(self, ref: ImageRef, how: str, parts: Sequence[ImageRef]) -> None:
        return
