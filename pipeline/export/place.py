"""A finished export put at its place: one export at a time in a folder, and never over what was not checked.

What a killed export left beside its place is cleared by the next one of that name.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Final

from pipeline.core.errors import ExportError
from pipeline.core.messages import message
from pipeline.core.system.calls import opened_folder, try_lock
from pipeline.files.blobs import FLUSH_THREADS, sync_file, sync_folder
from pipeline.files.exchange import exchange, rename_new

_PATIENCE_S: Final = 60.0
_POLL_S: Final = 0.05
_AT_ONCE: Final = 16
"""Files that one task flushes: a task for each costs more than its flush where the disk is memory."""
_AHEAD: Final = 4 * FLUSH_THREADS
"""Tasks that wait: no thread is ever without one."""


def flush(root: Path, tell: Callable[[int, int], object] = lambda done, of: None) -> None:
    """Make every file and folder below `root` durable; flushes that wait together cost one.

    tell: how many of how many files are; what it raises ends it.
    """
    of = sum(len(names) for _, _, names in os.walk(root))
    with ThreadPoolExecutor(FLUSH_THREADS) as pool:
        try:
            done = 0
            for one in _begun(pool, root):
                done += one.result()
                tell(done, of)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    for folder, _, _ in os.walk(root):
        sync_folder(Path(folder))


def _begun(pool: ThreadPoolExecutor, root: Path) -> Iterator[Future[int]]:
    """Flushes of all files, each of some; some are ahead: all begun at once would all be in memory."""
    waiting: deque[Future[int]] = deque()
    files = (os.path.join(folder, name) for folder, _, names in os.walk(root) for name in names)
    while some := list(islice(files, _AT_ONCE)):
        if len(waiting) == _AHEAD:
            yield waiting.popleft()
        waiting.append(pool.submit(_sync, some))
    yield from waiting


def _sync(files: list[str]) -> int:
    """How many they are."""
    for file in files:
        sync_file(file)
    return len(files)


@contextmanager
def folder_held(parent: Path) -> Iterator[None]:
    """Hold the folder that exports are written into, against other workspaces' exports; nothing is left in it.

    Raises ExportError where another export holds it for a minute, OSError. A file system without locks has none.
    """
    with opened_folder(parent) as descriptor:
        if descriptor is not None:
            _lock(descriptor, parent)
        yield


def _lock(descriptor: int, parent: Path) -> None:
    end = time.monotonic() + _PATIENCE_S
    while True:
        try:
            try_lock(descriptor)
        except BlockingIOError as e:
            if time.monotonic() > end:
                raise ExportError(message("export_folder_busy", folder=parent)) from e
            time.sleep(_POLL_S)
        except OSError:
            return
        else:
            return


def new_folder(out: Path, kind: str) -> Path:
    """A new folder beside `out`: `new` for what becomes `out`, `old` for what it replaces. Raises OSError."""
    return Path(tempfile.mkdtemp(prefix=f".{out.name}.moue-{kind}-", dir=out.parent))


def clear_leftovers(out: Path) -> None:
    """Remove what a killed export of this name left beside; an earlier export that it had moved away comes back first.

    The caller holds the folder. Raises OSError.
    """
    pattern = re.compile(rf"\.{re.escape(out.name)}\.moue-(new|old)-[a-z0-9_]{{8}}")
    for left in sorted(out.parent.iterdir()):
        if pattern.fullmatch(left.name) and left.is_dir() and not left.is_symlink():
            if (left / "old").is_dir() and not os.path.lexists(out):
                rename_new(left / "old", out)
                sync_folder(out.parent)
            shutil.rmtree(left)


def put_in_place(staging: Path, out: Path, check: Callable[[Path], None]) -> None:
    """Rename the folder `staging` to `out`. An earlier export changes names with it, so that one of the two is always
    at `out`, and is then at `staging`, which the caller removes.

    check: raises ExportError where what lay at `out`, and now lies where it is told, may not be replaced: then all is
    as it was. Where the system cannot exchange names the earlier one is renamed first and removed last: after a kill
    in between `clear_leftovers` brings it back. Raises OSError.
    """
    if not os.path.lexists(out):
        try:
            rename_new(staging, out)
        except FileExistsError as e:
            raise ExportError(message("export_folder_taken", out=out)) from e
        sync_folder(out.parent)
    elif exchange(staging, out):
        try:
            check(staging)
        except BaseException:
            exchange(staging, out)
            raise
        sync_folder(out.parent)
    else:
        _put_in_two_steps(staging, out, check)


def _put_in_two_steps(staging: Path, out: Path, check: Callable[[Path], None]) -> None:
    aside = new_folder(out, "old")
    os.rename(out, aside / "old")
    try:
        check(aside / "old")
        rename_new(staging, out)
    except BaseException:
        os.rename(aside / "old", out)
        aside.rmdir()
        raise
    sync_folder(out.parent)
    shutil.rmtree(aside)
