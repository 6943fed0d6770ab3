"""One small valid file of each format that Moue reads, made here: nothing of them lies in the repository."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from tests.faults.mutated import photo_samples, text_samples


@dataclass(frozen=True, slots=True)
class Sample:
    """door: of `doors.DOORS`. name: of the file that is damaged, in its folder. beside: the other files there, by
    name. sizes: numbers that its header says, to be made huge."""

    door: str
    name: str
    data: bytes
    beside: Mapping[str, bytes] = field(default_factory=dict)
    sizes: Sequence[int] = ()


@cache
def samples() -> Mapping[str, Sample]:
    """By format; in the same order each time."""
    sides = photo_samples.SIDES
    found = {name: Sample("photo", file, data, sizes=sides) for name, (file, data) in photo_samples.photos().items()}
    found |= {
        name: Sample(door, file, data, beside, photo_samples.CLIP_SIDES if door == "video" else ())
        for name, (door, file, data, beside) in text_samples.texts().items()
    }
    return found
