"""Which frames of a video are asked for. A leaf: it imports no decoder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.core.ranges import SCENE, SECONDS_A_FRAME

VideoMode = Literal["seconds", "scene", "sharpest"]
LEAST_SECONDS: Final = float(SECONDS_A_FRAME.least)
MOST_SECONDS: Final = float(SECONDS_A_FRAME.most)


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
            raise UsageError(message("frame_mode", modes=get_args(VideoMode), mode=self.mode))
        if not LEAST_SECONDS <= self.every <= MOST_SECONDS:
            raise UsageError(message("frame_every", least=LEAST_SECONDS, most=MOST_SECONDS, every=self.every))
        if self.scene not in SCENE:
            raise UsageError(message("scene_range", scene=self.scene))
        if self.most < 1:
            raise UsageError(message("frames_none", most=self.most))
