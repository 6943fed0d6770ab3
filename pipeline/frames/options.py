"""Which frames of a video are asked for. A leaf: it imports no decoder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

from pipeline.core.errors import UsageError

VideoMode = Literal["seconds", "scene", "sharpest"]
LEAST_SECONDS: Final = 0.001
MOST_SECONDS: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class VideoOptions:
    """Which frames are taken.

    `seconds`: what is shown at 0, `every`, 2 · `every` … seconds. `scene`: the first frame, and each whose difference
    to the one before exceeds `scene` (0 to 1; FFmpeg's `select`). `sharpest`: of each window of `every` seconds the
    frame whose largest face is sharpest; windows without a face give none. most: frames of one video.
    Raises UsageError for what is out of range.
    """

    mode: VideoMode = "seconds"
    every: float = 1.0
    scene: float = 0.3
    most: int = 10_000

    def __post_init__(self) -> None:
        if self.mode not in get_args(VideoMode):
            raise UsageError(f"frames are chosen by {', '.join(get_args(VideoMode))}, not by {self.mode!r}")
        if not LEAST_SECONDS <= self.every <= MOST_SECONDS:
            raise UsageError(f"frames are taken every {LEAST_SECONDS:g} to {MOST_SECONDS:g} s, not {self.every:g}")
        if not 0 < self.scene < 1:
            raise UsageError(f"a scene cut is a difference between 0 and 1, not {self.scene:g}")
        if self.most < 1:
            raise UsageError(f"at least one frame is taken, not {self.most}")
