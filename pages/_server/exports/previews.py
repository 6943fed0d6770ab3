"""What an export would hold, planned beside the server: pages ask, and look again until it is there."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pipeline.actions.release import beside
from pipeline.actions.release.beside import Answered
from pipeline.export.options import ExportOptions
from pipeline.export.split import SplitPlan


@dataclass(frozen=True, slots=True)
class Question:
    """root: of the workspace. line: the export's name. settings: None where only what the options offer is asked for.
    with_rejected: rejected faces leave, too. reading: see `beside.preview`."""

    root: Path
    line: str
    settings: tuple[SplitPlan, ExportOptions] | None
    with_rejected: bool
    reading: str = field(default="", compare=False)


class _Threads:
    """One thread that waits for the program, while others go on; none before something is asked."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._executor: ThreadPoolExecutor | None = None

    def submit(self, question: Question) -> Future[Answered]:
        with self._guard:
            if self._executor is None:
                self._executor = ThreadPoolExecutor(1, "previews")
            return self._executor.submit(_answer, question)

    def end(self) -> None:
        with self._guard:
            if self._executor is not None:
                self._executor.shutdown(wait=False, cancel_futures=True)
            self._executor = None


_threads: Final = _Threads()


def ask(question: Question) -> Future[Answered]:
    """Begin to plan. The future raises what `beside.preview` does; one that is not wanted any more may be cancelled."""
    return _threads.submit(question)


def end_all() -> None:
    """At the server's end."""
    _threads.end()
    beside.end_all()


def _answer(question: Question) -> Answered:
    return beside.preview(
        question.root, question.line, question.settings,
        with_rejected=question.with_rejected, reading=question.reading,
    )  # fmt: skip
