"""What the server has done beside it, one workspace at a time, by processes of their own: begun when due, never twice.

A thread looks every few seconds whether something is due. It computes nothing itself, and nobody waits for it.
"""

from __future__ import annotations

import logging
import os
import subprocess
import threading
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Final, Generic, TypeVar

from db.store.store import Store
from pages._server.command import command_line, environment
from pipeline.core.errors import MoueError

Now = TypeVar("Now")
"""A moment: seconds of `time.monotonic`, or what a clock on the wall shows."""
_ENDS_S: Final = 10.0
"""Seconds that a process may take to end once it is told to."""
_LONGEST_WORDS: Final = 500


class BackgroundProcess(ABC, Generic[Now]):
    """One kind of work on one workspace. `look` decides; the thread of `start` calls it until `stop`."""

    thread_name: ClassVar[str]
    look_s: ClassVar[float]
    """Seconds between two looks."""
    looks_at_once: ClassVar[bool] = False
    """Whether the first look is at the start, not `look_s` after it."""
    patience_s: ClassVar[float] = 0.0
    """How long `stop` lets what runs go on before it ends it."""
    log: ClassVar[logging.Logger]
    complaint: ClassVar[str]
    """What the log says where nothing came of it: a sentence that the reason follows."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._stopped = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._run, name=self.thread_name, daemon=True)

    @abstractmethod
    def now(self) -> Now:
        """The present moment."""

    @abstractmethod
    def begin(self, now: Now) -> subprocess.Popen[bytes] | None:
        """Begin the work if it is due and may be begun; nothing runs now. None: not yet. Raises MoueError, OSError."""

    @abstractmethod
    def ended(self, code: int, now: Now) -> None:
        """What was begun has ended."""

    @abstractmethod
    def failed(self, now: Now) -> None:
        """A look raised an error, which is logged."""

    @property
    @abstractmethod
    def errors(self) -> Path:
        """The file that holds what the last process complained of."""

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the thread, and what runs, after `patience_s`; nothing is lost by that but its time."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()
        child = self._child
        if child is None or _ended_within(child, self.patience_s):
            return
        child.terminate()
        if not _ended_within(child, _ENDS_S):
            child.kill()
            child.wait()

    def look(self, now: Now) -> bool:
        """Begin the work if it is due; whether it was begun."""
        if self._is_at_work(now):
            return False
        self._child = self.begin(now)
        return self._child is not None

    def _is_at_work(self, now: Now) -> bool:
        if self._child is None:
            return False
        code = self._child.poll()
        if code is None:
            return True
        self._child = None
        self.ended(code, now)
        if code:
            self.log.log(logging.WARNING, "%s (exit code %d): %s", self.complaint, code, last_words(self.errors))
        return False

    def _run(self) -> None:
        if not self.looks_at_once:
            self._stopped.wait(self.look_s)
        while not self._stopped.is_set():
            try:
                self.look(self.now())
            except (MoueError, OSError) as e:
                self.log.log(logging.WARNING, "%s: %s", self.complaint, e)
                self.failed(self.now())
            self._stopped.wait(self.look_s)


def spawn(words: Sequence[str], root: Path, errors: Path) -> subprocess.Popen[bytes]:
    """Run a command of Moue's on a workspace, in a session of its own; what it complains of goes into a file."""
    with errors.open("wb") as stream:
        return subprocess.Popen(
            command_line(*words, "--workspace", str(root)),
            cwd=os.getcwd(),
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=stream,
            start_new_session=True,
        )


def last_words(errors: Path) -> str:
    """The end of what a process complained of, "" if of nothing."""
    try:
        return errors.read_text("utf-8", "replace").strip()[-_LONGEST_WORDS:]
    except OSError:
        return ""


def _ended_within(child: subprocess.Popen[bytes], seconds: float) -> bool:
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True
