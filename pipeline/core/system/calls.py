"""What depends on the operating system, each with what is done where it cannot be had. Nothing else asks which it is.

| what | Linux | macOS | where it cannot be had (Windows) |
|---|---|---|---|
| start of workers | fork server | fork server | spawn: each loads the models anew |
| flush of a folder | fsync | fsync | left out: the file system orders renames by itself, or does not |
| locks on a descriptor | flock | flock | none: an open database cannot be renamed there |
| cap on memory | RLIMIT_AS | none | none |
| more open files | RLIMIT_NOFILE | RLIMIT_NOFILE | as many as there are |
| cap on CPU | RLIMIT_CPU | RLIMIT_CPU | none: by the clock alone |
| exchange of two names | renameat2 | in two steps | in two steps |

`MOUE_START=spawn` takes the way of the last column for workers anywhere.
"""

from __future__ import annotations

import ctypes
import errno
import math
import multiprocessing
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.context import ForkServerContext, SpawnContext
from pathlib import Path
from typing import Any, Final

from pipeline.core.errors import UsageError
from pipeline.core.messages import message

fcntl: Any
resource: Any
try:
    import fcntl
except ImportError:
    fcntl = None
try:
    import resource
except ImportError:
    resource = None

START: Final = "MOUE_START"
FORK_SERVER: Final = "forkserver"
SPAWN: Final = "spawn"
_AT_FDCWD: Final = -100
_CANNOT_RENAME_SO: Final = (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP)
_CANNOT_FLUSH_FOLDERS: Final = (errno.EINVAL, errno.ENOTSUP)
# mallopt(3): its names of parameters, and bytes.
_M_TRIM_THRESHOLD: Final = -1
_M_MMAP_THRESHOLD: Final = -3
_M_ARENA_MAX: Final = -8
_KEPT: Final = 128 * 1024**2
_MAPPED: Final = 32 * 1024**2
_LARGE: Final = 128 * 1024
"""What glibc begins with, and a server stays at."""


def start_method() -> str:
    """How worker processes start: FORK_SERVER where there is one, unless MOUE_START says SPAWN. Raises UsageError."""
    said = os.environ.get(START, "").strip()
    if said not in ("", FORK_SERVER, SPAWN):
        raise UsageError(message("start_setting", option=START, value=said))
    return said or (FORK_SERVER if FORK_SERVER in multiprocessing.get_all_start_methods() else SPAWN)


def process_context() -> ForkServerContext | SpawnContext:
    """What makes worker processes. Never fork: the writer's thread lives where it is asked. Raises UsageError."""
    if start_method() == SPAWN:
        return multiprocessing.get_context("spawn")
    return multiprocessing.get_context("forkserver")


def flush_file(path: Path | str) -> None:
    """Make a file's bytes durable. Raises OSError."""
    # Windows flushes what may be written; a pipe in a file's place is not waited for, and cannot be flushed
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK if os.name == "posix" else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def flush_folder(folder: Path) -> None:
    """Make the names in a folder durable, where folders can be flushed. Raises OSError."""
    with opened_folder(folder) as descriptor:
        if descriptor is None:
            return
        try:
            os.fsync(descriptor)
        except OSError as e:
            if e.errno not in _CANNOT_FLUSH_FOLDERS:
                raise


@contextmanager
def opened_folder(folder: Path) -> Iterator[int | None]:
    """A folder's descriptor, to be flushed or locked; None where a folder cannot be opened. Raises OSError."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))  # where a pipe has taken its place
    except PermissionError:
        if os.access(folder, os.R_OK) and folder.is_dir():  # a folder that may be read, and a system that opens none
            yield None
            return
        raise
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def has_locks() -> bool:
    """Whether `try_lock` locks: what it let through says nothing elsewhere."""
    return fcntl is not None


def try_lock(descriptor: int, *, shared: bool = False) -> None:
    """Lock an open file or folder until it is closed; nothing where the system has no such locks.

    Raises BlockingIOError where another process holds it, OSError (a file system without locks).
    """
    if fcntl is not None:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)


def read_at(descriptor: int, size: int, offset: int) -> bytes:
    """Up to `size` bytes from `offset`; where it is written next stays the same."""
    if hasattr(os, "pread"):
        return os.pread(descriptor, size, offset)
    before = os.lseek(descriptor, 0, os.SEEK_CUR)
    try:
        os.lseek(descriptor, offset, os.SEEK_SET)
        return os.read(descriptor, size)
    finally:
        os.lseek(descriptor, before, os.SEEK_SET)


def lower_priority(by: int) -> None:
    """Let other processes go first, where that can be said. by: as nice(1) counts."""
    if hasattr(os, "nice"):
        os.nice(by)


def has_screen() -> bool:
    """Whether a window can be shown: on Linux the environment names the screen, elsewhere there is one."""
    return sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def cap_memory(most: int) -> None:
    """Let this process map `most` bytes, or fewer where it was capped before. Linux alone keeps to that."""
    if resource is None or sys.platform != "linux":
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    capped = most if hard == resource.RLIM_INFINITY else min(hard, most)
    resource.setrlimit(resource.RLIMIT_AS, (capped, hard))


def allow_open_files(most: int) -> None:
    """Let this process and what it starts hold `most` files and connections open, or as many as the system allows.

    Many systems begin with 1,024 and allow more. Nothing is lowered; nothing is done where there is no such limit.
    """
    if resource is None:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = most if hard == resource.RLIM_INFINITY else min(hard, most)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):  # macOS names no bound as its bound, and takes less
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def cap_cpu(seconds: int) -> None:
    """Let this process use `seconds` more of the processor's time, all threads together: then the system ends it."""
    if resource is None:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = math.ceil(used.ru_utime + used.ru_stime) + seconds
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(hard, soft), hard))


def unset_handler(library: Path, name: str) -> None:
    """Have a library of C that this process has loaded call nobody: `name` sets who hears of its errors."""
    with suppress(OSError, AttributeError):  # another build of it
        set_handler = getattr(ctypes.CDLL(str(library)), name)
        set_handler.argtypes, set_handler.restype = (ctypes.c_void_p,), ctypes.c_void_p
        set_handler(None)


def keep_freed_memory() -> None:
    """Let malloc keep what one photo freed for the next: Dask tells it to give all back, which costs page faults."""
    if sys.platform != "linux":
        return
    with suppress(OSError, AttributeError):  # another C library than glibc
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_TRIM_THRESHOLD, _KEPT)
        mallopt(_M_MMAP_THRESHOLD, _MAPPED)


def use_few_heaps() -> None:
    """Let all threads share two of malloc's heaps, where each of its own keeps what its largest request once took; and
    what is large lie outside of them: once such a thing is freed, glibc puts its like between what stays."""
    if sys.platform != "linux":
        return
    with suppress(OSError, AttributeError):  # another C library than glibc
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE)


def give_memory_back() -> None:
    """Let malloc give whole free pages back to the system, also those between others: it takes some milliseconds."""
    if sys.platform != "linux":
        return
    with suppress(OSError, AttributeError):  # another C library than glibc
        ctypes.CDLL(None).malloc_trim(0)


def renameat2(one: Path, other: Path, flags: int) -> bool:
    """Linux's call; False where the system or its file system does not know it. Raises OSError."""
    try:
        call = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, TypeError, AttributeError):  # Windows has no library without a name
        return False
    if call(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), ctypes.c_uint(flags)) == 0:
        return True
    number = ctypes.get_errno()
    if number in _CANNOT_RENAME_SO:
        return False
    raise OSError(number, os.strerror(number), str(other))
