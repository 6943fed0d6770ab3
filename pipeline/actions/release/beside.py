"""Plans exports and compares releases in a program beside this process: a server would keep everybody's keys waiting
for seconds.

One program does it for all; it is started when first asked and ends when nobody has asked for a while.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pipeline.actions.release.run import as_noted
from pipeline.core.errors import WorkerError
from pipeline.core.messages import Message, message
from pipeline.export.options import ExportOptions
from pipeline.export.preview import Offered, Preview, offered_of, preview_of
from pipeline.export.release.shown import DifferencesPage, from_json
from pipeline.export.split import SplitPlan
from pipeline.run.programs import ProgramDiedError, ProgramPool

SECONDS: Final = 3600.0
"""By the clock: photos that were not compared yet are compared first."""
KEPT_S: Final = 120.0
"""How long the program is kept behind its last answer, with the faces that it read."""
_program: Final = ProgramPool("pipeline.actions.release.beside_program", 1, SECONDS)


@dataclass(frozen=True, slots=True)
class Answered:
    """preview: None where no settings were given. reading: names the moment at which the faces were read."""

    offered: Offered
    preview: Preview | None
    reading: str = ""


def preview(
    root: Path,
    line: str,
    settings: tuple[SplitPlan, ExportOptions] | None,
    *,
    with_rejected: bool,
    reading: str = "",
) -> Answered:
    """What the options offer and what would be written, of the workspace as it is now, or was at an earlier reading.

    settings: None where that is asked for to draw the options. reading: of an earlier answer, whose faces will do where
    they are still known: to read them again takes seconds where somebody decides all the time. Raises UsageError,
    ExportError, StorageError, and WorkerError where the program cannot be started or dies.
    """
    noted = None if settings is None else as_noted(*settings)
    said = _asked({
        "do": "preview", "root": str(root), "line": line, "settings": noted, "with_rejected": with_rejected,
        "reading": reading,
    }, message("planner_died"))  # fmt: skip
    try:
        found = said.get("preview")
        told = None if found is None else preview_of(found)
        return Answered(offered_of(said["offered"]), told, str(said["reading"]))
    except (KeyError, TypeError, ValueError) as e:
        raise WorkerError(message("planner_died")) from e


def compared(root: Path, before: str, after: str, kind: str, page: int) -> DifferencesPage:
    """A page of what differs between two releases of the workspace, by their titles; see `shown.page_of`.

    Raises ExportError, StorageError, and WorkerError where the program cannot be started or dies.
    """
    request = {"do": "compare", "root": str(root), "before": before, "after": after, "kind": kind, "page": page}
    try:
        return from_json(_asked(request, message("comparer_died")))
    except (KeyError, TypeError, ValueError) as e:
        raise WorkerError(message("comparer_died")) from e


def end_all() -> None:
    """At the server's end."""
    _idle.cancel()
    _program.end()


class _Idle:
    """Ends the program when nobody has asked for a while."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._asking = 0
        self._timer: threading.Timer | None = None

    def __enter__(self) -> None:
        with self._guard:
            self._asking += 1
            self._forget()

    def __exit__(self, *_: object) -> None:
        with self._guard:
            self._asking -= 1
            if not self._asking:
                self._timer = threading.Timer(KEPT_S, self._end)
                self._timer.daemon = True
                self._timer.start()

    def cancel(self) -> None:
        with self._guard:
            self._forget()

    def _forget(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None

    def _end(self) -> None:
        with self._guard:
            if not self._asking:
                _program.end()


_idle: Final = _Idle()


def _asked(request: Mapping[str, Any], died: Message) -> Mapping[str, Any]:
    """died: told where it ends before it answers, or says what cannot be understood."""
    with _idle:
        try:
            data = _program.ask(request).data
        except ProgramDiedError as e:
            raise WorkerError(died) from e
    try:
        said: Mapping[str, Any] = json.loads(data)
    except ValueError as e:
        raise WorkerError(died) from e
    return said
