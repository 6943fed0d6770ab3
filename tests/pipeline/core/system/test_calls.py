"""What depends on the system, and the ways round it, all run here on Linux."""

from __future__ import annotations

import ast
import errno
import os
import re
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from pipeline.core import durable
from pipeline.core.errors import UsageError
from pipeline.core.system import calls
from pipeline.files import exchange
from tests.pipeline.commands import ROOT, environment, rows
from tests.pipeline.photos import numbered_head
from tests.source.parsed import parsed

HERE = "pipeline/core/system/calls.py"
OF_ONE_SYSTEM = {"fcntl", "resource", "ctypes", "msvcrt", "winreg", "pwd", "grp", "termios", "pty"}
CALLS_OF_ONE_SYSTEM = {"pread", "nice", "fork", "O_CLOEXEC", "O_DIRECTORY", "statvfs", "getuid", "geteuid", "chown"}
NAMED = re.compile("|".join([*OF_ONE_SYSTEM, *CALLS_OF_ONE_SYSTEM, "platform", r"os\.name", "get_context"]))
"""Modules without any of these words need not be parsed: all of them take 5 s."""

BARE = '''
"""What a system without these calls is like: read by each Python process that starts with it on its path."""
import multiprocessing, os, sys

for name in ("fcntl", "resource"):
    sys.modules[name] = None
for name in ("pread", "nice", "O_CLOEXEC", "O_DIRECTORY"):
    delattr(os, name)
open_any = os.open

def open_files(path, flags, *more, **named):
    if not isinstance(path, int) and os.path.isdir(path):
        raise PermissionError(13, "a folder cannot be opened", path)
    return open_any(path, flags, *more, **named)

os.open = open_files
multiprocessing.get_all_start_methods = lambda: ["spawn"]
'''

ONE_CLASS = """
import os
from db.tables import classes
from pipeline.core.system import calls
from db.store.store import Store
from tests.source.parsed import parsed
from pathlib import Path

with Store.open(Path(os.environ["MOUE_WORKSPACE"])) as store:
    for spec in store.read(classes.list_classes)[1:]:
        store.write(lambda db: classes.archive_class(db, class_id=spec.id))
print(hasattr(os, "pread") or calls.fcntl is not None)
"""


def test_one_module_alone_asks_the_system() -> None:
    found = []
    for path in (
        *ROOT.glob("app.py"),
        *(file for top in ("pipeline", "db", "pages", "models") for file in (ROOT / top).rglob("*.py")),
    ):
        place = path.relative_to(ROOT).as_posix()
        if place != HERE:
            found += [f"{place}: {name}" for name in sorted(asked(path.read_text("utf-8")))]
    assert found == []
    assert asked((ROOT / HERE).read_text("utf-8")) >= {"fcntl", "resource", "ctypes", "pread", "nice"}


def asked(text: str) -> set[str]:
    """What a module names of what only some systems have."""
    if not NAMED.search(text):
        return set()
    tree = parsed(text)
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    attributes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    named = {f"{node.value.id}.{node.attr}" for node in attributes if isinstance(node.value, ast.Name)}
    called = {name.removeprefix("os.") for name in named if name.startswith("os.")}
    platform = named & {"sys.platform", "os.name"}
    started = {node.attr for node in attributes if node.attr == "get_context"}
    return (imported & OF_ONE_SYSTEM) | (called & CALLS_OF_ONE_SYSTEM) | started | platform


@pytest.mark.long
def test_a_photo_goes_all_the_way_on_a_system_without_these_calls(tmp_path: Path) -> None:
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare" / "sitecustomize.py").write_text(BARE, "utf-8")
    (tmp_path / "in").mkdir()
    for number in range(3):
        (tmp_path / "in" / f"{number}.jpg").write_bytes(numbered_head(number))
    settings = environment(PYTHONPATH=str(tmp_path / "bare"), MOUE_WORKSPACE=str(tmp_path / "w"))

    def python(*words: object) -> str:
        line = [sys.executable, *map(str, words)]
        done = subprocess.run(line, cwd=ROOT, env=settings, capture_output=True, text=True, timeout=200)
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout

    run = partial(python, "-m", "pipeline")
    assert '"added": 3' in run("ingest", tmp_path / "in", "--executor", "processes:1", "--json")
    assert python("-c", ONE_CLASS) == "False\n"
    (kept,) = (name for (name,) in rows(tmp_path / "w", "SELECT name FROM classes WHERE NOT archived"))
    faces = rows(tmp_path / "w", "SELECT id FROM faces")
    lines = ["face_id,verdict,label", *(f"{face},accept,{kept}" for (face,) in faces)]
    (tmp_path / "all.csv").write_text("\n".join(lines), "utf-8")
    run("decide", tmp_path / "all.csv", "--annotator", "Ann")
    for _ in range(2):  # the second one takes the place of the first, in two steps
        run("export", "--out", tmp_path / "out", "--overwrite")
    run("release", "verify", tmp_path / "out")
    run("backup", tmp_path / "backup.db")
    run("restore", tmp_path / "backup.db", "--replace")
    run("verify")
    assert rows(tmp_path / "w", "SELECT annotator FROM decisions") == [("Ann",)] * 3


def test_workers_start_as_the_setting_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MOUE_START", raising=False)
    assert calls.process_context().get_start_method() == "forkserver"
    monkeypatch.setenv("MOUE_START", "spawn")
    assert calls.process_context().get_start_method() == "spawn"
    monkeypatch.setenv("MOUE_START", "fork")  # the writer's thread would be lost in the child
    with pytest.raises(UsageError, match="MOUE_START: 'fork' is neither forkserver nor spawn"):
        calls.process_context()
    monkeypatch.delenv("MOUE_START")
    monkeypatch.setattr("multiprocessing.get_all_start_methods", lambda: ["spawn"])
    assert calls.process_context().get_start_method() == "spawn"


def test_a_folder_that_cannot_be_opened_is_not_flushed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path, flags: int) -> int:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(os, "open", refuse)
    durable.flush(tmp_path)
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # here it may not be read: that is another thing
    with pytest.raises(PermissionError):
        durable.flush(tmp_path)


@pytest.mark.parametrize(("number", "told"), [(errno.EINVAL, False), (errno.EIO, True)])
def test_a_flush_that_fails_is_told_unless_the_system_has_none(
    number: int, told: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    if told:
        with pytest.raises(OSError, match=os.strerror(number)):
            durable.flush(tmp_path)
    else:
        durable.flush(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match=os.strerror(number)):  # a file's bytes can be flushed everywhere
        durable.flush(tmp_path / "file")


def test_reading_in_the_middle_moves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"0123456789")
    descriptor = os.open(tmp_path / "file", os.O_RDWR)
    os.lseek(descriptor, 7, os.SEEK_SET)
    by_the_call = calls.read_at(descriptor, 4, 2)
    monkeypatch.delattr(os, "pread")
    assert calls.read_at(descriptor, 4, 2) == by_the_call == b"2345"
    assert os.read(descriptor, 9) == b"789"
    os.close(descriptor)


def test_names_are_exchanged_or_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_text("1", "utf-8")
    other.write_text("2", "utf-8")

    def none(*_: object, **__: object) -> object:
        raise TypeError("a name is needed")  # as on Windows

    monkeypatch.setattr("ctypes.CDLL", none)
    assert not exchange.exchange(one, other)
    with pytest.raises(FileExistsError):
        exchange.rename_new(one, other)
    exchange.rename_new(one, tmp_path / "third")
    assert [(tmp_path / "third").read_text("utf-8"), other.read_text("utf-8")] == ["1", "2"]
    assert not one.exists()


def test_without_limits_and_locks_nothing_is_capped_or_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    first, second = (os.open(tmp_path / "file", os.O_RDWR) for _ in range(2))
    calls.try_lock(first)
    with pytest.raises(BlockingIOError):
        calls.try_lock(second, shared=True)
    monkeypatch.setattr(calls, "fcntl", None)
    calls.try_lock(second)
    monkeypatch.setattr(calls, "resource", None)
    calls.cap_memory(1)  # bytes: this process would end
    monkeypatch.delattr(os, "nice")
    calls.lower_priority(19)
    os.close(first)
    os.close(second)


OPEN_FILES = """
import resource, sys
from pipeline.core.system import calls
soft, hard, most = map(int, sys.argv[1:])
resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
calls.allow_open_files(most)
print(*resource.getrlimit(resource.RLIMIT_NOFILE))
"""


@pytest.mark.parametrize(
    ("soft", "hard", "most", "after"),
    [(200, 900, 500, (500, 900)), (200, 900, 5000, (900, 900)), (800, 900, 500, (800, 900))],
    ids=["as many as wanted", "as many as allowed", "nothing is lowered"],
)
def test_more_files_may_be_open(soft: int, hard: int, most: int, after: tuple[int, int]) -> None:
    words = [sys.executable, "-c", OPEN_FILES, str(soft), str(hard), str(most)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    assert tuple(map(int, done.stdout.split())) == after


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what memory a process has in /proc")
def test_memory_between_what_is_used_goes_back() -> None:
    script = """
import ctypes
from pipeline.core.system import calls
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * 4096
calls.use_few_heaps()
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]
held = [libc.malloc(65_000) for _ in range(2_000)]
for one in held:
    ctypes.memset(one, 1, 65_000)
for one in held[::2]:
    libc.free(one)
before = resident()
calls.give_memory_back()
print(before - resident())
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment(), capture_output=True, text=True, check=True
    )
    assert int(done.stdout) > 40_000_000, done.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's own calls")
def test_what_is_large_stays_outside_the_heaps() -> None:
    """A server grew by 15 % in an hour: once 8 MB were freed, all that is smaller came to lie between what stays."""
    script = """
import ctypes
from pipeline.core.system import calls
class Info(ctypes.Structure):
    names = "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost"
    _fields_ = [(name, ctypes.c_size_t) for name in names.split()]
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]
libc.mallinfo2.restype = Info
calls.use_few_heaps()
libc.free(libc.malloc(8_000_000))
before = libc.mallinfo2().hblkhd
held = libc.malloc(1_000_000)
print(libc.mallinfo2().hblkhd - before)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=environment(), capture_output=True, text=True, check=True
    )
    assert int(done.stdout) >= 1_000_000, done.stdout
