"""Kills a piece of work before each step that it takes on the file system, in a process of its own.

A step is a flush, a rename, a link, a new folder or a deletion, and where it is asked for an SQL statement. One process
is warmed up and forks for each run, so that a run costs no imports. `MOUE_TEST_ALL_STEPS=1` tries every step; else an
even sample of them is tried.
"""

from __future__ import annotations

import itertools
import json
import os
import pickle
import signal
import sqlite3
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.faults.power.disk import Recording
from tests.faults.power.recorder import Recorder

ROOT: Final = Path(__file__).resolve().parents[3]
ALL: Final = "MOUE_TEST_ALL_STEPS"
STEPS: Final = ("rename", "replace", "link", "fsync", "mkdir", "unlink", "remove", "rmdir")
COMMAND: Final = "from pipeline.__main__ import main; sys.exit(main(args))"
"""`python -m pipeline`, with `args` as its words."""
WARM_UP: Final = (
    "pipeline.__main__", "pipeline.actions.erase", "pipeline.actions.ingest", "pipeline.actions.releases",
    "pipeline.actions.sources", "pipeline.actions.verify", "pipeline.cli.export", "pipeline.cli.ingest",
    "pipeline.cli.maintain.maintain", "pipeline.run.process_image", "pipeline.files.exchange", "db.store.backup",
)  # fmt: skip


@dataclass(frozen=True)
class Ended:
    """How a run ended. code: its exit code, -9 where it was killed. steps: that it began. words: its stderr."""

    code: int
    steps: int
    words: str

    @property
    def was_killed(self) -> bool:
        return self.code == -signal.SIGKILL


class Killer:
    """Runs Python in forks of one warm process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, *args: object, code: str = COMMAND, before: int | None = None, statements: bool = False) -> Ended:
        """Run `code` with `args`, killed before the step of that number (from 0), None: to its end.

        statements: each SQL statement that SQLite begins, those of triggers included, is a step, too.
        """
        return self._run(args, code, {"before": before, "statements": statements})

    def record(self, root: Path, *args: object, code: str = COMMAND) -> tuple[Ended, Recording]:
        """Run `code` with `args` to its end, and all that it asks of the disk below `root`; `say(words)` is there."""
        with tempfile.NamedTemporaryFile() as file:
            ended = self._run(args, code, {"before": None, "record": [str(root), file.name]})
            return ended, pickle.loads(Path(file.name).read_bytes())

    def _run(self, args: tuple[object, ...], code: str, more: dict[str, Any]) -> Ended:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"code": code, "args": [*map(str, args)], **more}) + "\n")
        self._process.stdin.flush()
        return Ended(**json.loads(self._process.stdout.readline()))


@contextmanager
def killer(*more: str) -> Iterator[Killer]:
    """A process to run in; it ends with the block. more: modules to have in memory, too."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("MOUE_")} | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.faults.kills.killed", *more]
    with subprocess.Popen(
        command, cwd=ROOT, env=env, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        yield Killer(process)
        assert process.stdin is not None
        process.stdin.close()


def sampled(steps: int, most: int = 8) -> list[int]:
    """Before which of so many steps a work is killed: all where the environment asks for it, else evenly `most`."""
    if os.environ.get(ALL) or steps <= most:
        return list(range(steps))
    return sorted({round(n * (steps - 1) / (most - 1)) for n in range(most)})


def _serve() -> None:
    for name in (*WARM_UP, *sys.argv[1:]):
        __import__(name)
    for line in sys.stdin:
        asked = json.loads(line)
        told, tell = os.pipe()
        words, complain = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(told)
            _child(asked, tell, complain)
        os.close(tell)
        os.close(complain)
        said = os.fdopen(words, "rb").read().decode(errors="replace")
        steps = len(os.fdopen(told, "rb").read())
        _, status = os.waitpid(child, 0)
        print(json.dumps({"code": os.waitstatus_to_exitcode(status), "steps": steps, "words": said}), flush=True)


def _child(asked: dict[str, Any], tell: int, complain: int) -> None:
    """In the fork: count, and die when it is time."""
    os.dup2(complain, 2)
    os.dup2(2, 1)
    numbers = itertools.count()

    def step(_: object = None) -> None:
        if next(numbers) == asked["before"]:
            os.kill(os.getpid(), signal.SIGKILL)
        os.write(tell, b".")

    def dying(call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **more: Any) -> Any:
            step()
            return call(*args, **more)

        return counted

    if asked.get("statements"):
        _trace(step)

    for name in STEPS:
        setattr(os, name, dying(getattr(os, name)))
    from pipeline.files import exchange

    exchange.renameat2 = dying(exchange.renameat2)
    recorder = Recorder(Path(asked["record"][0])) if "record" in asked else None
    names = {"sys": sys, "args": asked["args"], "__name__": "__main__", "say": recorder.say if recorder else print}
    code = 1
    try:
        exec(asked["code"], names)
        code = 0
    except SystemExit as e:
        code = e.code if isinstance(e.code, int) else int(bool(e.code))
    except BaseException:  # noqa: BLE001 - the words of whatever it was are what the test reads
        traceback.print_exc()
    if recorder is not None:
        Path(asked["record"][1]).write_bytes(pickle.dumps(recorder.finish()))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _trace(step: Callable[[object], None]) -> None:
    """Call `step` before each statement on connections that are made from now on."""
    real = sqlite3.connect

    def connect(*args: Any, **more: Any) -> sqlite3.Connection:
        made: sqlite3.Connection = real(*args, **more)
        made.set_trace_callback(step)
        return made

    sqlite3.connect = connect


if __name__ == "__main__":
    _serve()
