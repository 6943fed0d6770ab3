"""A video as a source of images. Its decoder is imported in the process that decodes, nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from pipeline.core.records import ImageRef, Settings
from pipeline.frames.options import VideoOptions
from pipeline.frames.spool import SpooledFrame, frame_refs, spool_frame

FRAME_QUALITY: Final = 95
"""JPEG, each pixel with its own colour: the loss is far below the video's own, the file a fifth of a PNG."""


def video_refs(ref: ImageRef, spool: Path, options: VideoOptions, settings: Settings) -> Iterator[ImageRef]:
    """One ref a chosen frame, at `<location>@<seconds>s`; they all have the video's SHA-256 as their `group`.

    A video that is damaged, cut short or not one at all is one more ref with its failure, after its intact frames.
    Raises StorageError where the spool cannot be written.
    """
    return frame_refs(ref, spool, spool_video, options, settings)


def spool_video(
    heartbeat: Callable[[], None], path: str, spool: str, options: VideoOptions, settings: Settings
) -> Iterator[SpooledFrame]:
    """Write each chosen frame as a JPEG into `spool`. Runs in a process of its own."""
    from pipeline.frames.video import frames_of
    from pipeline.pixels.encode import encode_jpeg

    used: set[str] = set()
    for frame in frames_of(path, options, settings, heartbeat):
        mark = f"@{frame.seconds:.3f}s"
        if mark in used:  # above a thousand frames a second
            mark = f"@{frame.seconds:.6f}s"
        used.add(mark)
        yield spool_frame(encode_jpeg(frame.bgr, FRAME_QUALITY), spool, ".jpg", mark)
