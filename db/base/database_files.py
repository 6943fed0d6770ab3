"""The files that are one SQLite database, and a new database that appears whole, under a name that is free."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

from pipeline.core.durable import flush
from pipeline.core.errors import StorageError, UsageError
from pipeline.core.messages import message, os_message
from pipeline.core.system.calls import opened_folder, try_lock

SIDE_SUFFIXES: Final = ("-wal", "-shm", "-journal")
"""SQLite applies what it finds in a file of such a name to the database of that name, whoever wrote it."""

TEMPORARY: Final = ".new-"
_COPY: Final = "copy.db"


def size_of(path: Path) -> int:
    """Bytes, 0 where it is not there: a log goes when the last process closes its database, also between two looks."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def side_files(file: Path) -> list[Path]:
    """The side files that lie beside the database `file`: part of it, whether it is there or not."""
    return [path for suffix in SIDE_SUFFIXES if os.path.lexists(path := file.with_name(file.name + suffix))]


def restoring_mark(file: Path) -> Path:
    """The file that is there while the database `file` is exchanged; after a kill it says where the old one is."""
    return file.with_name(".restoring")


def left_of(file: Path) -> list[Path]:
    """What says that there was a database `file`, besides itself."""
    return [*side_files(file), *(path for path in (restoring_mark(file),) if path.exists())]


def check_free(target: Path) -> None:
    """Raises UsageError where a database, or a side file of one, has the name `target`."""
    if os.path.lexists(target):
        raise UsageError(message("file_exists", file=target))
    beside = side_files(target)
    if beside:
        raise UsageError(message("file_of_other_database", file=beside[0], name=target.name))


@contextmanager
def temporary_database(folder: Path) -> Iterator[Path]:
    """A free name for a database in a new folder inside `folder`; both are removed in the end. Raises StorageError.

    The folder is locked meanwhile; what a killed process left of its kind holds people's names, and goes first.
    """
    _remove_left(folder)
    with ExitStack() as stack:
        try:
            inside = Path(tempfile.mkdtemp(prefix=TEMPORARY, dir=folder))
            stack.callback(shutil.rmtree, inside, ignore_errors=True)
            descriptor = stack.enter_context(opened_folder(inside))
            if descriptor is not None:
                with suppress(OSError):  # a file system without locks
                    try_lock(descriptor)
        except OSError as e:
            raise StorageError(os_message(e, "place_unwritable", place=folder)) from e
        yield inside / _COPY


def _remove_left(folder: Path) -> None:
    """Remove the temporary databases in `folder` whose process is dead. Where that cannot be told, they stay.

    One that is still empty is left alone: its process may be about to lock it, and it tells of nobody.
    """
    for left in folder.glob(f"{TEMPORARY}*"):
        with suppress(OSError):  # locked, another's, or gone by now
            if not left.is_dir() or {path.name.startswith(_COPY) for path in left.iterdir()} != {True}:
                continue
            with opened_folder(left) as descriptor:
                if descriptor is not None:
                    try_lock(descriptor)
                    shutil.rmtree(left)


def put_in_place(copy: Path, target: Path) -> None:
    """Give the finished database `copy` the name `target`, durably and never over another one.

    Raises UsageError where the name is taken, StorageError.
    """
    try:
        flush(copy)
        check_free(target)
        os.link(copy, target)  # unlike a rename, it fails where the name was taken meanwhile
        try:
            flush(target.absolute().parent)
        except OSError:  # told as refused: then nothing of it is left
            target.unlink()
            raise
    except FileExistsError as e:
        raise UsageError(message("file_exists", file=target)) from e
    except OSError as e:
        raise StorageError(os_message(e, "place_unwritable", place=target)) from e


@contextmanager
def new_database(target: Path) -> Iterator[Path]:
    """A temporary name beside `target`: what is written there becomes `target` in the end, whole or not at all.

    Raises UsageError where `target` or a side file of that name exists, StorageError.
    """
    check_free(target)
    with temporary_database(target.absolute().parent) as copy:
        yield copy
        put_in_place(copy, target)
