"""What an export would hold and how releases differ, found beside the server: pages ask, and look again until it is
there."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from pipeline.actions.release import beside
from pipeline.actions.release.beside import Answered
from pipeline.export.options import ExportOptions
from pipeline.export.release.shown import DifferencesPage
from pipeline.export.split import SplitPlan

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Question:
    """root: of the workspace. line: the export's name. settings: None where only what the options offer is asked for.
    with_rejected: rejected faces leave, too. reading: see `beside.preview`."""

    root: Path
    line: str
    settings: tuple[SplitPlan, ExportOptions] | None
    with_rejected: bool
    reading: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Comparison:
    """root: of the workspace. before, after: which releases: title and digest. kind, page: see `shown.page_of`."""

    root: Path
    before: tuple[str, str]
    after: tuple[str, str]
    kind: str
    page: int


class _Threads:
    """One thread that waits for the program, while others go on; none before something is asked."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._executor: ThreadPoolExecutor | None = None

    def submit(self, work: Callable[[], T]) -> Future[T]:
        with self._guard:
            if self._executor is None:
                self._executor = ThreadPoolExecutor(1, "previews")
            return self._executor.submit(work)

    def end(self) -> None:
        with self._guard:
            if self._executor is not None:
                self._executor.shutdown(wait=False, cancel_futures=True)
            self._executor = None


_threads: Final = _Threads()


def ask(question: Question) -> Future[Answered]:
    """Begin to plan. The future raises what `beside.preview` does; one that is not wanted any more may be cancelled."""
    return _threads.submit(partial(_answer, question))


def compare(comparison: Comparison) -> Future[DifferencesPage]:
    """Begin to compare. As `ask`; it raises what `beside.compared` does."""
    one = comparison
    return _threads.submit(partial(beside.compared, one.root, one.before[0], one.after[0], one.kind, one.page))


def end_all() -> None:
    """At the server's end."""
    _threads.end()
    beside.end_all()


def _answer(question: Question) -> Answered:
    return beside.preview(
        question.root, question.line, question.settings,
        with_rejected=question.with_rejected, reading=question.reading,
    )  # fmt: skip
