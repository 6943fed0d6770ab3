"""`python -m pipeline.actions.release.beside_program`: plans exports for a server, see `beside`."""

from __future__ import annotations

import gc
import json
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import db.base.lean_sqlite_utils  # noqa: F401 (before whatever else imports sqlite-utils)
from db.store.store import Store
from db.store.watch import Watch
from pipeline.actions.release.accepted import AcceptedFaces, plan_release, read_accepted, read_placements
from pipeline.actions.release.run import settings_noted
from pipeline.export.preview import Offered, Preview, offered_to_json, preview_to_json
from pipeline.run.programs import Answer
from pipeline.run.serving import serve

CPU_SECONDS: Final = 3600
"""Photos that were not compared yet are compared first."""
MOST_SAID: Final = 50
_Request = Mapping[str, Any]


class Planner:
    """Plans exports of one workspace; while nothing changes there it keeps the accepted faces, and what it said."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._store = Store.open(root)
        self._watch = Watch(self._store.file)
        self._at = -1
        self._reading = ""
        self._accepted: dict[bool, AcceptedFaces] = {}
        self._said: dict[str, dict[str, Any]] = {}

    def close(self) -> None:
        self._watch.close()
        self._store.close()

    def answer(
        self, line: str, settings: Mapping[str, Any] | None, *, with_rejected: bool, reading: str
    ) -> dict[str, Any]:
        """What the options offer and, where settings are given (`run.as_noted`), what would be written. reading: see
        `beside.preview`. Raises UsageError, ExportError, StorageError."""
        if not reading or reading != self._reading or with_rejected not in self._accepted:
            self._forget_old()
        asked = json.dumps([line, settings, with_rejected], sort_keys=True)
        if asked not in self._said:
            if len(self._said) >= MOST_SAID:
                self._said.clear()
            self._said[asked] = self._told(line, settings, with_rejected=with_rejected)
        return self._said[asked]

    def _forget_old(self) -> None:
        """Where somebody has changed anything since. Looked at before what is asked is read: what is changed meanwhile
        is read again next time."""
        at = self._watch.version()
        if at != self._at:
            self._accepted.clear()
            self._said.clear()
        self._at = at

    def _told(self, line: str, settings: Mapping[str, Any] | None, *, with_rejected: bool) -> dict[str, Any]:
        if with_rejected not in self._accepted:
            self._accepted.clear()  # two would take twice the memory
            self._reading = uuid.uuid4().hex
            self._accepted[with_rejected] = read_accepted(self._store, with_rejected=with_rejected)
        accepted = self._accepted[with_rejected]
        placed = len(read_placements(self._store, line))
        offered = offered_to_json(Offered.of(accepted.items, accepted.class_names, placed))
        told: dict[str, Any] = {"offered": offered, "reading": self._reading}
        if settings is not None:
            plan = plan_release(self._store, line, *settings_noted(settings), accepted)
            told["preview"] = preview_to_json(Preview.of(plan))
        return told


_planners: Final[list[Planner]] = []
"""The one of the workspace that was asked for last."""


def _preview(request: _Request) -> Answer:
    root = Path(request["root"])
    if not _planners or _planners[0].root != root:
        while _planners:
            _planners.pop().close()
        _planners.append(Planner(root))
    asked = {name: request[name] for name in ("line", "settings", "with_rejected", "reading")}
    told = _planners[0].answer(**asked)
    gc.collect()
    return Answer({}, json.dumps(told).encode())


_HANDLERS: Final[Mapping[str, Callable[[_Request], Answer]]] = {"preview": _preview}


def _handle(request: _Request) -> Answer:
    return _HANDLERS[request["do"]](request)


if __name__ == "__main__":
    gc.disable()  # a hundred thousand faces are made at once: to look for garbage among them takes as long again
    serve(_handle, cpu_seconds=CPU_SECONDS)
