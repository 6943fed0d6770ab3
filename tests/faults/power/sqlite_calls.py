"""Hears what SQLite asks of the disk: every write, truncation and flush of its files, in the library that Python uses.

A default VFS of our own stands before SQLite's: it opens by the real one and puts its own methods over each file's,
which do what was asked and tell it. (`apsw` could do it in fewer lines, but with a SQLite of its own.)
Source: https://www.sqlite.org/c3ref/io_methods.html and https://www.sqlite.org/c3ref/vfs.html
"""

from __future__ import annotations

import ctypes
import os
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final

_pointer = ctypes.c_void_p
_int = ctypes.c_int
_int64 = ctypes.c_int64


class _Methods(ctypes.Structure):
    """`sqlite3_io_methods`; the methods that are not heard are copied as they are."""


_CLOSE: Final = ctypes.CFUNCTYPE(_int, _pointer)
_WRITE: Final = ctypes.CFUNCTYPE(_int, _pointer, _pointer, _int, _int64)
_TRUNCATE: Final = ctypes.CFUNCTYPE(_int, _pointer, _int64)
_SYNC: Final = ctypes.CFUNCTYPE(_int, _pointer, _int)
_Methods._fields_ = [
    ("version", _int), ("close", _CLOSE), ("read", _pointer), ("write", _WRITE), ("truncate", _TRUNCATE),
    ("sync", _SYNC), *((f"rest{number}", _pointer) for number in range(13)),
]  # fmt: skip
_OPEN: Final = ctypes.CFUNCTYPE(_int, _pointer, _pointer, _pointer, _int, _pointer)


class _Vfs(ctypes.Structure):
    """`sqlite3_vfs`."""

    _fields_ = (
        ("version", _int), ("file_size", _int), ("longest_path", _int), ("next", _pointer), ("name", ctypes.c_char_p),
        ("data", _pointer), ("open", _OPEN), *((f"rest{number}", _pointer) for number in range(15)),
    )  # fmt: skip


class _File(ctypes.Structure):
    """`sqlite3_file`."""

    _fields_ = (("methods", ctypes.POINTER(_Methods)),)


_DURABLE: Final = 0x100 | 0x800 | 0x80000
"""Flags of what is opened: a database, its rollback journal, its write-ahead log."""

Tell = Callable[[str, str, int, bytes], None]
"""What is called with ("write", path, offset, bytes), ("truncate", path, size, b"") or ("flush", path, 0, b"")."""


Room = Callable[[str, int], tuple[int, int]]
"""Asked with (path, size) before a write: how many bytes of it are written, and the code it ends with."""


class Heard:
    """The VFS. Keep it as long as SQLite may use it: for the rest of the process."""

    def __init__(
        self, tell: Tell, lock: AbstractContextManager[object], room: Room = lambda _, size: (size, 0)
    ) -> None:
        """From now on each file that SQLite opens is heard. `lock` is held while a call is made and told."""
        self._tell = tell
        self._room = room
        self._lock = lock
        self._paths: dict[int, str] = {}
        self._tables: dict[int, _Methods] = {}
        self._library = ctypes.CDLL(library())
        self._library.sqlite3_vfs_find.restype = _pointer
        self._library.sqlite3_vfs_find.argtypes = (ctypes.c_char_p,)
        self._library.sqlite3_vfs_register.argtypes = (_pointer, _int)
        self._real_address = self._library.sqlite3_vfs_find(None)
        self._real = _Vfs.from_address(self._real_address)
        self._own = _Vfs()
        ctypes.pointer(self._own)[0] = self._real
        self._own.name = b"heard"
        self._own.next = None
        self._own.open = _OPEN(self._open)
        self._calls: list[Any] = [self._own.open]
        assert self._library.sqlite3_vfs_register(ctypes.addressof(self._own), 1) == 0

    def _open(self, _: int, name: int | None, file: int, flags: int, flags_out: int | None) -> int:
        # the name goes on as the pointer it came as: SQLite keeps it, to see whether the file was moved
        code = int(self._real.open(self._real_address, name, file, flags, flags_out))
        if code == 0 and name is not None and flags & _DURABLE:
            at = _File.from_address(file)
            self._paths[file] = os.fsdecode(ctypes.string_at(name))
            at.methods = ctypes.pointer(self._heard(at.methods))
        return code

    def _heard(self, methods: Any) -> _Methods:
        """The methods of a kind of file with ours over them."""
        address = ctypes.addressof(methods.contents)
        if address in self._tables:
            return self._tables[address]
        real = methods.contents
        own = _Methods()
        ctypes.pointer(own)[0] = real

        def write(file: int, data: int, size: int, offset: int) -> int:
            with self._lock:
                written, refused = self._room(self._paths[file], size)
                code = int(real.write(file, data, written, offset)) if written else 0
                self._tell("write", self._paths[file], offset, ctypes.string_at(data, written))
            return code or refused

        def truncate(file: int, size: int) -> int:
            with self._lock:
                code = int(real.truncate(file, size))
                self._tell("truncate", self._paths[file], size, b"")
            return code

        def sync(file: int, flags: int) -> int:
            with self._lock:
                code = int(real.sync(file, flags))
                self._tell("flush", self._paths[file], 0, b"")
            return code

        own.write, own.truncate, own.sync = _WRITE(write), _TRUNCATE(truncate), _SYNC(sync)
        self._calls += [own.write, own.truncate, own.sync]
        self._tables[address] = own
        return own


def library() -> str:
    """The shared library of SQLite that this Python uses; "" where it is not one."""
    import _sqlite3

    file = getattr(_sqlite3, "__file__", None)
    if file is None or not Path("/proc/self/maps").is_file():
        return ""
    found = re.search(r"(/\S*libsqlite3\S*)", Path("/proc/self/maps").read_text("utf-8"))
    return found.group(1) if found else ""
