"""Records what a piece of work does to the file system, and says which step a power cut could undo too early.

Linux alone: a flushed descriptor is told by its inode. SQLite's own flushes are not seen; what it wrote must be
flushed by Moue before it gets its name.
"""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest

from pipeline.files.exchange import exchange, rename_new
from tests.source.parsed import parsed

ROOT: Final = Path(__file__).resolve().parents[1]
PRODUCT: Final = ("pipeline", "db", "models", "pages")
_Inode = tuple[int, int]
_State = tuple[int, int]


@dataclass(frozen=True)
class Event:
    """kind: flush, rename, new folder, unlink or row. inode: of what it was done to. content: see `_content`.

    place: `file:function` of the product that gave a name.
    """

    kind: str
    path: Path
    inode: _Inode | None = None
    place: str = ""
    content: dict[_Inode, _State] = field(default_factory=dict)


class Recorder:
    """The events below `root` in their order. What lay there before counts as durable."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.events: list[Event] = []
        self.before = _content(root)
        self.folders_before = {folder for folder in (root, *root.rglob("*")) if folder.is_dir()}

    def places(self) -> set[str]:
        """Where the product gave names that are still there."""
        return {event.place for event in self.events if event.kind == "rename" and os.path.lexists(event.path)}

    def findings(self, may_be_lost: Callable[[Path], bool] = lambda _: False) -> list[str]:
        """What is in the wrong order. may_be_lost: of what can be made again, by its final path."""
        found = []
        for number, event in enumerate(self.events):
            if event.kind != "rename" or not os.path.lexists(event.path) or may_be_lost(event.path):
                continue
            found += self._unflushed(number, event)
            found += self._names_lost(number, event)
        return found

    def _unflushed(self, number: int, event: Event) -> list[str]:
        """Bytes that get a name before they are on the disk."""
        durable = dict(self.before)
        for earlier in self.events[:number]:
            if earlier.kind == "flush":
                durable |= earlier.content
        return [
            f"{event.path} gets its name before its bytes are flushed"
            for inode, state in event.content.items()
            if durable.get(inode) != state
        ]

    def _names_lost(self, number: int, event: Event) -> list[str]:
        """Folders whose flush comes too late: after a row, or after what it replaces is gone."""
        later = self.events[number + 1 :]
        ends = (n for n, e in enumerate(later) if e.kind == "row" or (e.kind == "unlink" and e.inode in self.before))
        due = later[: next(ends, len(later))]
        flushed = {e.path for e in due if e.kind == "flush"}
        missing = [] if event.path.parent in flushed else [event.path.parent]
        for folder in event.path.parents:
            if folder in self.folders_before:
                break
            made = max((n for n, e in enumerate(self.events) if e.kind == "new folder" and e.path == folder), default=0)
            stop = number + 1 + len(due)
            if not any(e.kind == "flush" and e.path == folder.parent for e in self.events[made:stop]):
                missing.append(folder.parent)
        return [f"{folder} is not flushed, or too late, after {event.path} was put there" for folder in set(missing)]


def _content(path: Path) -> dict[_Inode, _State]:
    """Size and time of change of every file and folder at and below `path`, by inode."""
    there = [one.lstat() for one in (path, *path.rglob("*")) if os.path.lexists(one)]
    return {(s.st_dev, s.st_ino): (s.st_size, s.st_mtime_ns) for s in there}


def _namer(note: Callable[..., None], do: Callable[..., Any]) -> Callable[..., Any]:
    def noted(source: Any, target: Any, **more: Any) -> Any:
        content = _content(Path(source))
        done = do(source, target, **more)
        if done is not False:  # names that cannot be exchanged stay
            note("rename", Path(target).absolute(), place=_caller(), content=content)
        return done

    return noted


@contextmanager
def recorded(
    root: Path, monkeypatch: pytest.MonkeyPatch, rows: tuple[Callable[..., Any], ...] = ()
) -> Iterator[Recorder]:
    """Note what is done below `root` meanwhile. rows: functions that write the row which says that a file exists."""
    root = root.resolve()
    recorder = Recorder(root)
    fsync, unlink, mkdir = os.fsync, os.unlink, os.mkdir

    def note(kind: str, path: Path, **more: Any) -> None:
        if path.is_relative_to(root):
            recorder.events.append(Event(kind, path, **more))

    def fsync_noted(descriptor: int) -> None:
        fsync(descriptor)
        path, now = Path(os.readlink(f"/proc/self/fd/{descriptor}")), os.fstat(descriptor)
        inode = (now.st_dev, now.st_ino)
        note("flush", path, inode=inode, content={inode: (now.st_size, now.st_mtime_ns)})

    def unlink_noted(path: Any, *, dir_fd: int | None = None) -> None:
        now = os.stat(path, dir_fd=dir_fd, follow_symlinks=False)
        unlink(path, dir_fd=dir_fd)
        folder = Path(os.readlink(f"/proc/self/fd/{dir_fd}")) if dir_fd is not None else Path()
        note("unlink", (folder / path).absolute(), inode=(now.st_dev, now.st_ino))

    def mkdir_noted(path: Any, mode: int = 0o777, *, dir_fd: int | None = None) -> None:
        mkdir(path, mode, dir_fd=dir_fd)
        note("new folder", Path(path).absolute())

    def row_writer(do: Callable[..., Any]) -> Callable[..., Any]:
        def noted(*args: Any, **more: Any) -> Any:
            note("row", root)
            return do(*args, **more)

        return noted

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fsync_noted)
        patch.setattr(os, "unlink", unlink_noted)
        patch.setattr(os, "mkdir", mkdir_noted)
        for name in ("replace", "rename", "link"):
            patch.setattr(os, name, _namer(note, getattr(os, name)))
        for module in ("pipeline.export.place", "pipeline.actions.releases"):
            patch.setattr(f"{module}.rename_new", _namer(note, rename_new))
        patch.setattr("pipeline.export.place.exchange", _namer(note, exchange))
        for do in rows:
            patch.setattr(f"{do.__module__}.{do.__name__}", row_writer(do))
        yield recorder


def _caller() -> str:
    """The innermost function of the product on the stack."""
    frame = sys._getframe(1)
    while frame.f_back and not frame.f_code.co_filename.startswith(tuple(f"{ROOT / package}/" for package in PRODUCT)):
        frame = frame.f_back
    return f"{Path(frame.f_code.co_filename).relative_to(ROOT).as_posix()}:{frame.f_code.co_name}"


def places_that_name() -> set[str]:
    """`file:function` of each call in the product that gives a file or folder a (new) name."""
    found = set()
    for package in PRODUCT:
        for file in sorted((ROOT / package).rglob("*.py")):
            for function in ast.walk(parsed(file.read_text("utf-8"))):
                if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                    calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
                    if any(map(_names, calls)):
                        found.add(f"{file.relative_to(ROOT).as_posix()}:{function.name}")
    return found


def _names(call: ast.Call) -> bool:
    """os.replace, os.rename, os.link, shutil.move, and Path's methods (str.replace has two arguments)."""
    if isinstance(call.func, ast.Name):
        return call.func.id in {"exchange", "rename_new"}
    if not isinstance(call.func, ast.Attribute):
        return False
    name, of = call.func.attr, ast.unparse(call.func.value)
    if of in ("os", "shutil"):
        return name in {"replace", "rename", "renames", "exchange", "link", "symlink", "move", "copytree"}
    return name in {"rename", "hardlink_to", "symlink_to"} or (
        name == "replace" and len(call.args) == 1 and not call.keywords
    )
