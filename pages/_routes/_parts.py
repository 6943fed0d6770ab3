"""Uploads in parts, over several connections: the size of the part file on disk says how many bytes have arrived."""

from __future__ import annotations

import hashlib
import os
import threading
from collections import OrderedDict
from pathlib import Path
from typing import Final

from pages._server import uploads
from pipeline.core.durable import make_folder
from pipeline.core.errors import MoueError
from pipeline.core.messages import message

_REMEMBERED: Final = 4096
_guard: Final = threading.Lock()
_writers: Final[dict[Path, _Writer]] = {}
_placed: Final[OrderedDict[tuple[str, ...], tuple[str, int]]] = OrderedDict()


class _Writer:
    """The request that may write to a part file: the newest one, as an older one's connection may be dead."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.owner: object = None


class OutOfStepError(MoueError):
    """The request's offset is not the end of the part file; `have` is the offset at which to continue, in bytes."""

    def __init__(self, have: int) -> None:
        super().__init__(message("upload_out_of_step", have=have))
        self.have = have


def part_file(who: str, name: str, size: int, modified: str) -> Path:
    """The part file for this person, file name, size and time of change; an interrupted upload continues it."""
    identity = "\0".join((who, name, str(size), modified))
    return uploads.partial_uploads() / f"part-{hashlib.sha256(identity.encode()).hexdigest()[:32]}"


def size_on_disk(part: Path) -> int:
    """The number of bytes that have arrived."""
    try:
        return part.stat().st_size
    except FileNotFoundError:
        return 0


def begin(part: Path, offset: int) -> object:
    """Become the writer, from `offset` on; returns the token for `append`. Raises OutOfStepError and OSError."""
    writer, token = _writer_of(part), object()
    with writer.lock:
        make_folder(part.parent, inside=part.parents[2])
        if offset != (here := size_on_disk(part)):
            raise OutOfStepError(here)
        writer.owner = token
    return token


def append(part: Path, token: object, data: bytes) -> int:
    """Append `data`; returns the new size in bytes. Raises OutOfStepError once another request has begun."""
    writer = _writer_of(part)
    with writer.lock:
        if writer.owner is not token:
            raise OutOfStepError(size_on_disk(part))
        with part.open("ab") as stream:
            stream.write(data)
        return size_on_disk(part)


def complete(part: Path, token: object) -> None:
    """Flush the whole file to the disk and end writing. Raises OutOfStepError and OSError."""
    writer = _writer_of(part)
    with writer.lock:
        if writer.owner is not token:
            raise OutOfStepError(size_on_disk(part))
        writer.owner = None
        with part.open("rb") as stream:
            os.fsync(stream.fileno())


def drop(part: Path) -> None:
    """Forget a part file that was cancelled or has become a file of its batch."""
    writer = _writer_of(part)
    with writer.lock:
        writer.owner = None
        uploads.forget(part)


def note_placed(key: tuple[str, ...], name: str, size: int) -> None:
    """Remember under `key` that a file was placed: a request that is repeated must not place it twice."""
    with _guard:
        _placed[key] = (name, size)
        while len(_placed) > _REMEMBERED:
            _placed.popitem(last=False)


def placed(key: tuple[str, ...]) -> tuple[str, int] | None:
    """(name, bytes) of a file that was placed under this key."""
    with _guard:
        return _placed.get(key)


def _writer_of(part: Path) -> _Writer:
    with _guard:
        return _writers.setdefault(part, _Writer())
