"""Frames of a video, upright, chosen by time stamp, by scene or by sharpness. Through PyAV (FFmpeg's libraries).

Videos are untrusted and decoded in a process of its own (`pipeline.frames.subprocess_decoder`). FFmpeg may open nothing
but the file itself: its playlist formats would fetch URLs and other files. `av.logging.set_level` is never called: it
dead-locks with threaded HEVC.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import av
import av.error
from av.video.stream import VideoStream

from pipeline.core.errors import TooLargeError, UnavailableError, UndecodableError, UnsupportedError
from pipeline.core.messages import message
from pipeline.core.records import Settings
from pipeline.core.system.regular import open_regular
from pipeline.frames.mp4_samples import refuse_many_samples
from pipeline.frames.options import VideoOptions
from pipeline.frames.selection import select_frames
from pipeline.frames.video_frame import Pixels, Shot, VideoFrame
from pipeline.pixels.decode import MOST_A_SIDE, check_size
from pipeline.pixels.sniff import HEAD, is_video

CONTAINERS: Final = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpeg,mpegts,flv,asf,ogg"
"""FFmpeg's names of what it may take the file for: containers only, no playlists, devices or pictures."""
MOST_PIXELS: Final = 8192 * 4320
"""Of a frame, 8K: FFmpeg holds several at once, so a crafted header of 700 bytes costs more memory than a photo's."""
_THREADS_UP_TO: Final = 4096 * 2304
"""Pixels of a frame: each thread holds a frame of its own."""
_ALIGNED: Final = 64 * MOST_A_SIDE
"""Pixels by which FFmpeg may make rows longer."""
_SHORT_BY: Final = 0.5
"""Seconds that may be missing at the end before a video counts as cut short."""
_MOST_STREAMS: Final = 64
"""Pictures, languages, subtitles, fonts. FFmpeg opens a decoder for each: a thousand take two seconds."""
_DAMAGE: Final = (av.error.FFmpegError, av.error.EOFError, ValueError)


def frames_of(
    path: str | Path,
    options: VideoOptions,
    settings: Settings | None = None,
    heartbeat: Callable[[], None] = lambda: None,
) -> Iterator[VideoFrame]:
    """The chosen frames in their order; each is given once.

    A damaged or cut-off video gives its intact frames, then UndecodableError that says how far it went. settings: the
    caps on pixels. heartbeat: called for each decoded frame, chosen or not.
    Raises UnavailableError, UnsupportedError, TooLargeError as the decode gate does.
    """
    settings = settings or Settings()
    with _open(path) as container:
        clip = Clip(container, settings, heartbeat)
        for count, shot in enumerate(select_frames(clip.shots(), options, clip.pixels), 1):
            if count > options.most:
                raise TooLargeError(message("too_many_frames", most=options.most))
            yield VideoFrame(shot.index, shot.seconds, clip.pixels.of(shot.frame))
        clip.check()


def _open(path: str | Path) -> av.container.InputContainer:
    try:
        with open_regular(path) as stream:
            if not is_video(stream.read(HEAD)):
                raise UnsupportedError(message("not_a_video"))
            refuse_many_samples(stream)
    except OSError as e:
        raise UnavailableError(message("file_unreadable", why=e.strerror or e)) from e
    try:
        return av.open(
            f"file:{path}",
            options={"format_whitelist": CONTAINERS, "protocol_whitelist": "file", "max_streams": str(_MOST_STREAMS)},
            metadata_errors="replace",
        )
    except _DAMAGE as e:
        raise UndecodableError(message("video_unopened", why=message("damage_video"))) from e


class Clip:
    """One opened video, read once from start to end."""

    def __init__(
        self, container: av.container.InputContainer, settings: Settings, heartbeat: Callable[[], None]
    ) -> None:
        self._container = container
        self._settings = replace(settings, max_pixels=min(settings.max_pixels, MOST_PIXELS))
        self._heartbeat = heartbeat
        if not container.streams.video:
            raise UnsupportedError(message("sound_only"))
        self._stream: VideoStream = container.streams.video[0]
        if self._stream.codec_context is None:  # of a codec that its header names and nobody knows
            raise UndecodableError(message("video_without_frames"))
        self._stream.thread_type = "AUTO"
        context = self._stream.codec_context
        large = context.width * context.height > _THREADS_UP_TO
        context.thread_count = 1 if large else min(4, os.cpu_count() or 1)
        # no frames half made up; none larger than the header says is made room for, beyond what each thread may hold
        most = min(self._settings.max_pixels, max(context.width * context.height, _THREADS_UP_TO))
        context.options = {"err_detect": "explode", "max_pixels": str(most + _ALIGNED)}
        self._packets = self._frames = self._damaged = 0
        self._until = 0.0
        ratio = self._stream.sample_aspect_ratio
        self.pixels = Pixels(float(ratio) if ratio and 0.25 <= ratio <= 4 else 1.0)
        check_size(context.width, context.height, self._settings)

    def shots(self) -> Iterator[Shot]:
        """Every intact frame, by time."""
        first: float | None = None
        usual = 1 / float(self._stream.average_rate or 25)
        whole = self._length()
        base = self._stream.time_base
        for frame in self._decoded():
            self._heartbeat()
            duration = float(frame.duration * base) if frame.duration and base else usual
            seconds = frame.time if frame.time is not None else self._until + (first or 0.0)
            first = seconds if first is None else first
            seconds = max(seconds - first, 0.0)
            duration = min(duration, max(usual, whole - seconds))  # where frames are reordered it may be another one's
            self._until = max(self._until, seconds + duration)
            self._frames += 1
            yield Shot(self._frames - 1, seconds, duration, frame)

    def _decoded(self) -> Iterator[av.VideoFrame]:
        packets = self._container.demux(self._stream)
        lost = False  # what builds on a damaged frame shows another moment's picture, until the next whole one
        while True:
            try:
                packet = next(packets, None)
            except _DAMAGE:
                self._damaged += 1
                return
            if packet is None:
                return
            self._packets += packet.size > 0
            try:
                frames = packet.decode()
            except _DAMAGE:
                self._damaged += 1
                lost = True
                continue
            for frame in frames:
                check_size(frame.width, frame.height, self._settings)
                self._damaged += frame.is_corrupt
                lost = frame.is_corrupt or (lost and not frame.key_frame)
                if not lost:
                    yield frame

    def check(self) -> None:
        """Raises UndecodableError where the video was not whole."""
        if not self._frames:
            raise UndecodableError(message("video_without_frames"))
        whole = self._length()
        if self._packets < self._stream.frames and whole - self._until > _SHORT_BY:
            missing = True
        else:
            missing = not self._stream.frames and whole - self._until > max(_SHORT_BY, whole * 0.05)
        if missing:
            raise UndecodableError(message("video_cut_short", until=self._until, whole=whole))
        if self._damaged:
            once = self._damaged == 1
            raise UndecodableError(message("video_damaged_once") if once else message("video_damaged", n=self._damaged))

    def _length(self) -> float:
        """Seconds that the file says it lasts, 0 where it does not say."""
        if self._stream.duration and self._stream.time_base:
            return float(self._stream.duration * self._stream.time_base)
        return (self._container.duration or 0) / av.time_base
