"""A disk that gets full below one folder: each call that needs room is counted, and from one of them on they fail.

What needs room: a write, a new file, folder or name, a flush (some file systems find room only then), of Python and of
SQLite. Deleting goes on, and what is there can be read. In one process, which ends with the test.
"""

from __future__ import annotations

import builtins
import errno
import io
import os
import shutil
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from tests.faults.power.sqlite_calls import Heard, library

_SQLITE_FULL: Final = 13
_NAMES: Final = {"mkdir": 0, "rename": 1, "replace": 1, "link": 1}
"""Calls that need room for a name, and which of their arguments it is."""
_MOVES: Final = ("rename", "replace")
"""Calls that leave room for a name where the other one was."""


class FullDisk:
    """`calls`: how many needed room since `fill_at`. `is_full`: whether they fail now."""

    def __init__(self, root: Path) -> None:
        self.calls = 0
        self.is_full = False
        self._left: Counter[str] = Counter()  # folder -> names that were moved out of it
        self._root = str(root.resolve())
        self._fills_at: int | None = None
        self._short = False
        self._number: int = errno.ENOSPC
        self._lock = threading.RLock()
        self._hear_python()
        if library():
            self._sqlite = Heard(lambda *_: None, self._lock, self._sqlite_room)

    def fill_at(self, call: int | None, *, short: bool = False, number: int = errno.ENOSPC) -> None:
        """The call of that number (from 0) finds no room, nor any after it. short: of that one write half is done."""
        self.calls, self._fills_at, self._short, self._number = 0, call, short, number

    def free(self) -> None:
        """There is room again."""
        self.is_full, self._fills_at = False, None

    def room(self, path: Any) -> float:
        """How much of what is asked for now is done: 1, 0, or one half."""
        if not self._below(path):
            return 1
        with self._lock:
            fills = self.calls == self._fills_at
            self.calls += 1
            self.is_full = self.is_full or fills
            return 1 if not self.is_full else 0.5 if fills and self._short else 0

    def error(self, path: Any) -> OSError:
        return OSError(self._number, os.strerror(self._number), str(path))

    def _below(self, path: Any) -> bool:
        try:
            name = os.readlink(f"/proc/self/fd/{path}") if isinstance(path, int) else os.fsdecode(os.fspath(path))
        except (OSError, TypeError):
            return False
        return os.path.abspath(name).startswith(self._root + os.sep)

    def _sqlite_room(self, path: str, size: int) -> tuple[int, int]:
        """(bytes that are written, SQLite's code)."""
        room = self.room(path)
        return (size, 0) if room == 1 else (int(size * room), _SQLITE_FULL)

    def _hear_python(self) -> None:
        for name, at in _NAMES.items():
            setattr(os, name, self._named(getattr(os, name), at, moves=name in _MOVES))
        real_open, real_write, real_fsync = os.open, os.write, os.fsync

        def opened(path: Any, flags: int, *args: Any, **more: Any) -> int:
            if flags & os.O_CREAT and not os.path.lexists(path) and not self.room(path):
                raise self.error(path)
            return real_open(path, flags, *args, **more)

        def written(descriptor: int, data: Any) -> int:
            room = self.room(descriptor)
            if not room:
                raise self.error(descriptor)
            return real_write(descriptor, data if room == 1 else bytes(data)[: len(data) // 2])

        def flushed(descriptor: int) -> None:
            if self.room(descriptor) != 1:
                raise self.error(descriptor)
            real_fsync(descriptor)

        os.open, os.write, os.fsync = opened, written, flushed
        shutil._USE_CP_SENDFILE = False  # type: ignore[attr-defined]
        builtins.open = io.open = self._file_opener(io.open)  # type: ignore[assignment]

    def _named(self, real: Callable[..., Any], at: int, *, moves: bool) -> Callable[..., Any]:
        def call(*args: Any, **more: Any) -> Any:
            free = self._left[_folder(args[at])] > 0 if moves else at == 0 and os.path.lexists(args[0])
            if self.room(args[at]) != 1 and not free:
                raise self.error(args[at])
            done = real(*args, **more)
            if moves:
                self._left[_folder(args[0])] += 1
                self._left[_folder(args[1])] -= 1
            return done

        return call

    def _file_opener(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def opened(
            file: Any,
            mode: str = "r",
            buffering: int = -1,
            encoding: str | None = None,
            errors: str | None = None,
            newline: str | None = None,
            closefd: bool = True,
            opener: Any = None,
        ) -> Any:
            if not set(mode) & set("wax+") or not self._below(file):
                return real(file, mode, buffering, encoding, errors, newline, closefd, opener)
            if not isinstance(file, int) and not os.path.lexists(file) and not self.room(file):
                raise self.error(file)
            raw = _Raw(self, file, mode.replace("b", "").replace("t", ""), closefd, opener)
            if buffering == 0:
                return raw
            buffer = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
            return buffer if "b" in mode else io.TextIOWrapper(buffer, encoding, errors, newline)

        return opened


class _Raw(io.FileIO):
    """A file on the disk that may be full."""

    def __init__(self, disk: FullDisk, file: Any, mode: str, closefd: bool, opener: Any) -> None:
        super().__init__(file, mode, closefd, opener)
        self._disk = disk

    def write(self, data: Any) -> int:
        room = self._disk.room(self.fileno())
        if not room:
            raise self._disk.error(self.name)
        return super().write(data if room == 1 or len(data) < 2 else bytes(data)[: len(data) // 2])


def _folder(path: Any) -> str:
    return os.path.dirname(os.path.abspath(os.fsdecode(os.fspath(path))))
