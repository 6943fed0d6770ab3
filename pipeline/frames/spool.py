"""Frames as temporary files in the spool, each an ImageRef: how they get from the decoding process into the run."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.core.durable import make_folder
from pipeline.core.errors import DecodeError
from pipeline.core.messages import message
from pipeline.core.records import ImageRef
from pipeline.files.blobs import storage_error
from pipeline.files.hashing import hash_file
from pipeline.frames.subprocess_decoder import run_in_subprocess

SpoolTask = Callable[..., Iterator["SpooledFrame"]]


@dataclass(frozen=True, slots=True)
class SpooledFrame:
    """A frame on the disk. mark: what is put behind the name of its file, e.g. `@12.500s` or `#3`."""

    path: str
    mark: str
    size: int


def spool_frame(data: bytes, spool: str, suffix: str, mark: str) -> SpooledFrame:
    """Write an encoded frame to a new file of the spool. Raises StorageError."""
    try:
        descriptor, path = tempfile.mkstemp(prefix="frame-", suffix=suffix, dir=spool)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
    except OSError as e:
        raise storage_error(e, message("written_frame")) from e
    return SpooledFrame(path, mark, len(data))


def frame_refs(ref: ImageRef, spool: Path, task: SpoolTask, *args: object) -> Iterator[ImageRef]:
    """One ref a frame that `task(heartbeat, path, spool, *args)` writes in a process of its own.

    They are called as `ref` with their mark, keep its time and proposal, and have its SHA-256 as their group. Damage
    is one more ref, `ref` with the failure. No frame and no failure: `ref` is one picture, and is given as it is.
    Raises StorageError where the spool cannot be written.
    """
    try:
        make_folder(spool, inside=spool.parents[1])
    except OSError as e:
        raise storage_error(e, str(spool)) from e
    group = hash_file(ref.path) or ""
    some = False
    try:
        for frame in run_in_subprocess(task, ref.path, str(spool), *args):
            some = True
            yield replace(
                ref, path=frame.path, location=ref.location + frame.mark, size=frame.size, spooled=True, group=group
            )
    except DecodeError as e:
        yield replace(ref, spooled=False, failure=(e.outcome, e.message))
    else:
        if not some:
            yield ref
            return
    if ref.spooled:
        with suppress(FileNotFoundError):
            os.unlink(ref.path)
