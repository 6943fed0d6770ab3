"""Records what a piece of work asks of the disk below one folder: by Python, by SQLite, by whatever else writes there.

Calls that flush or change names are heard as they are made; before each the folder is looked through, so that bytes
that came by any other way (a copy in C, a file written and closed) are known, if not in which pieces they were written.
"""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from tests.faults.power.disk import ROOT, Bytes, Flush, Names, Recording, Said
from tests.faults.power.sqlite_calls import Heard

_SHARED: Final = "-shm"
"""SQLite's index of its log: memory that lies in a file, made anew by whoever opens the database after a power cut."""
_FLUSHES_ITS_NAME: Final = ("-wal", "-journal")
"""Of these SQLite flushes the folder, too, at their first flush (`unixSync`, UNIXFILE_DIRSYNC)."""


class Recorder:
    """What is asked below `root` from now on; one a process, which must end with what it recorded."""

    def __init__(self, root: Path) -> None:
        self.recording = Recording()
        self._root = root.resolve()
        self._lock = threading.RLock()
        self._names: dict[int, dict[str, int]] = {ROOT: {}}
        self._seen: dict[int, tuple[int, int]] = {}
        self._contents: dict[int, bytearray] = {}
        self._flushed: set[int] = set()
        self._next = ROOT + 1
        self._events = self.recording.first
        self._look()
        self._events = self.recording.events
        self._real = {name: getattr(os, name) for name in ("fsync", "rename", "replace", "link", "unlink", "rmdir")}
        self._real |= {"remove": os.remove, "mkdir": os.mkdir}
        self._hear_python()
        self._sqlite = Heard(self._from_sqlite, self._lock)

    def say(self, words: str) -> None:
        """The work tells somebody something at this moment."""
        with self._lock:
            self._look()
            self._events.append(Said(words))

    def finish(self) -> Recording:
        """All of it. What comes later is not recorded."""
        with self._lock:
            self._look()
            return self.recording

    # -- Python's calls

    def _hear_python(self) -> None:
        from pipeline.files import exchange

        for name in ("unlink", "remove", "rmdir", "mkdir"):
            setattr(os, name, self._heard(self._real[name]))
        for name in ("rename", "replace", "link"):
            setattr(os, name, self._heard(self._real[name], moves=name != "link"))
        os.fsync = self._fsync
        exchange.renameat2 = self._exchange(exchange.renameat2)

    def _heard(self, real: Callable[..., Any], moves: bool | None = None) -> Callable[..., Any]:
        """moves: None where the call has one path, else whether its first path is gone afterwards."""

        def call(*args: Any, **more: Any) -> Any:
            with self._lock:
                self._look()
                known = None if moves is None else self._node(args[0])
                result = real(*args, **more)
                if known is not None:
                    self._renamed(args[0], args[1], known, gone=bool(moves))
                self._look()
            return result

        return call

    def _exchange(self, real: Callable[..., bool]) -> Callable[..., bool]:
        def call(one: Path, other: Path, flags: int) -> bool:
            with self._lock:
                self._look()
                first, second = self._node(one), self._node(other)
                done = real(one, other, flags)
                if done and first is not None:
                    self._renamed(one, other, first, gone=True, instead=second)
                self._look()
            return done

        return call

    def _fsync(self, descriptor: int) -> None:
        with self._lock:
            self._look()
            self._real["fsync"](descriptor)
            node = self._node(os.readlink(f"/proc/self/fd/{descriptor}"))
            if node is not None:
                self._events.append(Flush(node))

    def _renamed(self, old: Any, new: Any, node: int, *, gone: bool, instead: int | None = None) -> None:
        changes: list[tuple[int, str, int | None]] = []
        target = self._place(new)
        if target is not None:
            changes.append((*target, node))
        source = self._place(old)
        if gone and source is not None:
            changes.append((*source, instead))
        self._change(tuple(changes))

    # -- SQLite's

    def _from_sqlite(self, what: str, path: str, at: int, data: bytes) -> None:
        node = self._node(path)
        if node is None:
            place = self._place(path)
            if place is None:
                return
            node = self._new(*place)
        if what == "flush":
            self._events.append(Flush(node))
            if node not in self._flushed and path.endswith(_FLUSHES_ITS_NAME):
                place = self._place(path)
                assert place is not None
                self._events.append(Flush(place[0]))
            self._flushed.add(node)
            return
        self._write(Bytes(node, at, data, cut=what == "truncate"))

    # -- what is there

    def _look(self) -> None:
        self._look_into(str(self._root), ROOT)

    def _look_into(self, folder: str, node: int) -> None:
        known = self._names[node]
        there = {entry.name: entry for entry in os.scandir(folder) if not entry.name.endswith(_SHARED)}
        for name in [name for name in known if name not in there]:
            self._change(((node, name, None),))
        for name, entry in there.items():
            found = entry.stat(follow_symlinks=False)
            if stat.S_ISDIR(found.st_mode):
                if name not in known:
                    self._new(node, name, is_folder=True)
                self._look_into(entry.path, known[name])
            elif stat.S_ISREG(found.st_mode):
                child = known[name] if name in known else self._new(node, name)
                signature = (found.st_size, found.st_mtime_ns)
                if self._seen.get(child) != signature:
                    self._compare(child, Path(entry.path).read_bytes())
                    self._seen[child] = signature

    def _compare(self, node: int, data: bytes) -> None:
        known = bytes(self._contents[node])
        if known == data:
            return
        if data.startswith(known):  # something was added at its end
            self._write(Bytes(node, len(known), data[len(known) :]))
        else:
            self._write(Bytes(node, 0, data, cut=True))

    def _new(self, folder: int, name: str, *, is_folder: bool = False) -> int:
        node, self._next = self._next, self._next + 1
        if is_folder:
            self.recording.folders.add(node)
            self._names[node] = {}
        else:
            self._contents[node] = bytearray()
        self._change(((folder, name, node),))
        return node

    def _change(self, changes: tuple[tuple[int, str, int | None], ...]) -> None:
        self._events.append(Names(changes))
        for folder, name, node in changes:
            if node is None:
                self._names[folder].pop(name, None)
            else:
                self._names[folder][name] = node

    def _write(self, event: Bytes) -> None:
        self._events.append(event)
        content = self._contents[event.node]
        end = event.offset + len(event.data)
        content.extend(bytes(max(0, end - len(content))))
        content[event.offset : end] = event.data
        if event.cut:
            del content[end:]

    def _place(self, path: Any) -> tuple[int, str] | None:
        """(folder, name) of a path below the root, None of any other."""
        absolute = Path(os.path.abspath(os.fsdecode(path)))
        if self._root not in absolute.parents:
            return None
        node = ROOT
        *folders, name = absolute.relative_to(self._root).parts
        for one in folders:
            found = self._names[node].get(one)
            if found is None:
                return None
            node = found
        return node, name

    def _node(self, path: Any) -> int | None:
        if Path(os.path.abspath(os.fsdecode(path))) == self._root:
            return ROOT
        place = self._place(path)
        return None if place is None else self._names[place[0]].get(place[1])
