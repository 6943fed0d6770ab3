"""Which frames of a video are taken: by time stamp, at scene cuts, or the sharpest face of each window."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import av
import av.error
import av.filter
import cv2
import numpy as np

from pipeline.core.geometry import Bgr, BoundingBox
from pipeline.faces.yunet import find_yunet
from pipeline.frames.options import VideoOptions
from pipeline.frames.video_frame import Pixels, Shot

_SLACK: Final = 0.0005
"""Seconds: containers round time stamps to a thousandth."""
_DETECT_SIDE: Final = 640
_FACE_SIDE: Final = 96
"""Pixels: faces are compared at this size, so that a close one does not win by its size."""
_DETECT_EVERY: Final = 0.099
"""Seconds after which faces are detected once more, though no frame seems sharper."""
_NEARLY: Final = 0.8


def select_frames(shots: Iterator[Shot], options: VideoOptions, pixels: Pixels) -> Iterator[Shot]:
    """Those of `shots` that `options` ask for, in order. pixels: makes pixels of the video's frames."""
    if options.mode == "scene":
        return _scenes(shots, options.scene)
    if options.mode == "sharpest":
        return _sharpest(shots, options.every, pixels)
    return _shown_at(shots, options.every)


def _shown_at(shots: Iterator[Shot], every: float) -> Iterator[Shot]:
    """What a player shows at 0, every, 2 · every …: the last frame that began by then; one shown for long is given
    once."""
    step = 0  # counted, since sums of floats drift
    shown: Shot | None = None
    for shot in shots:
        if shown is not None and shot.seconds > step * every + _SLACK:
            yield shown
            step = _first_step(shot.seconds, every, step)
        shown = shot
    if shown is not None and shown.seconds <= step * every + _SLACK < shown.seconds + shown.duration + _SLACK:
        yield shown


def _first_step(seconds: float, every: float, step: int) -> int:
    """The first, from `step` on, that is not over by then; divided, for a header may put ages between two frames."""
    begun = math.floor(seconds / every)
    return max(step, begun + (seconds > begun * every + _SLACK))


def _scenes(shots: Iterator[Shot], threshold: float) -> Iterator[Shot]:
    """FFmpeg's `select` filter; its graph is built anew where the picture changes its size or format."""
    graph: av.filter.Graph | None = None
    built: tuple[int, int, str] | None = None
    for shot in shots:
        frame = shot.frame
        shape = (frame.width, frame.height, frame.format.name)
        if graph is None or shape != built:
            graph, built = _scene_graph(frame, threshold), shape
        # Its time stamps would have to rise; the number of the frame does, and names the shot.
        stamped, frame.pts = frame.pts, shot.index
        graph.push(frame)
        frame.pts = stamped
        taken = False
        while True:
            try:
                taken |= graph.pull().pts == shot.index
            except (av.error.BlockingIOError, av.error.EOFError):
                break
        if taken:
            yield shot


def _scene_graph(frame: av.VideoFrame, threshold: float) -> av.filter.Graph:
    graph = av.filter.Graph()
    source = graph.add_buffer(
        width=frame.width,
        height=frame.height,
        format=frame.format,
        time_base=frame.time_base or Fraction(1, av.time_base),
    )
    select = graph.add("select", f"eq(n\\,0)+gt(scene\\,{threshold:.6f})")
    sink = graph.add("buffersink")
    source.link_to(select)
    select.link_to(sink)
    graph.configure()
    return graph


@dataclass(frozen=True, slots=True, eq=False)
class _Best:
    shot: Shot
    sharpness: float


def _sharpest(shots: Iterator[Shot], every: float, pixels: Pixels) -> Iterator[Shot]:
    """Of each window the frame whose largest face is sharpest.

    YuNet runs only on frames that may win: those nearly as sharp as the best where the last face was, and one in a
    tenth of a second in any case.
    """
    window, best = 0, None
    box: BoundingBox | None = None
    detected_at = -1.0
    for shot in shots:
        number = int((shot.seconds + _SLACK) / every)
        if number != window:
            if best is not None:
                yield best.shot
            window, best = number, None
        small = pixels.of(shot.frame, _DETECT_SIDE)
        promising = box is not None and best is not None and _sharpness(small, box) > _NEARLY * best.sharpness
        if not (promising or shot.seconds - detected_at >= _DETECT_EVERY or (best is None and box is not None)):
            continue
        detected_at = shot.seconds
        found = find_yunet(small)
        box = found[0].box if found else None
        if box is not None and (best is None or _sharpness(small, box) > best.sharpness):
            best = _Best(shot, _sharpness(small, box))
    if best is not None:
        yield best.shot


def _sharpness(bgr: Bgr, box: BoundingBox) -> float:
    """Variance of the Laplacian (as in `pipeline.faces.quality`) of what the box holds, at one size; empty: 0."""
    height, width = bgr.shape[:2]
    x1, y1, x2, y2 = box.rounded()
    face = bgr[max(0, y1) : min(height, y2), max(0, x1) : min(width, x2)]
    if face.shape[0] < 3 or face.shape[1] < 3:
        return 0.0
    grey = cv2.cvtColor(face, cv2.COLOR_BGR2GRAY)
    grey = cv2.resize(grey, (_FACE_SIDE, _FACE_SIDE), interpolation=cv2.INTER_AREA)
    return float(np.var(cv2.Laplacian(grey, cv2.CV_64F)))
