"""`python -m pipeline.actions.release.beside_program`: plans and compares for a server, see `beside`."""

from __future__ import annotations

import gc
import json
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import db.base.lean.lean_sqlite_utils  # noqa: F401 (before whatever else imports sqlite-utils)
from db.store.store import Store
from db.store.watch import Watch
from pipeline.actions.release.accepted import AcceptedFaces, plan_release, read_accepted, read_placements
from pipeline.actions.release.kept import find, kept_differences
from pipeline.actions.release.run import settings_noted
from pipeline.core.system.calls import lower_priority
from pipeline.export.preview import Offered, Preview, offered_to_json, preview_to_json
from pipeline.export.release.compare import Differences
from pipeline.export.release.shown import page_of, to_json
from pipeline.run.programs import Answer
from pipeline.run.serving import serve

CPU_SECONDS: Final = 3600
"""Photos that were not compared yet are compared first."""
NICE: Final = 5
"""How far it steps back behind the server, which answers keys meanwhile, see nice(2). Not far: where it has anything to
write, keys wait for that."""
MOST_SAID: Final = 50
_Request = Mapping[str, Any]


class Planner:
    """Plans exports of one workspace; while nothing changes there it keeps the accepted faces, and what it said.

    And compares its releases: it keeps how the two last asked for differ, since a release never changes.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._store = Store.open(root)
        self._watch = Watch(self._store.file)
        self._at = -1
        self._reading = ""
        self._accepted: dict[bool, AcceptedFaces] = {}
        self._said: dict[str, dict[str, Any]] = {}
        self._compared: dict[tuple[int | str, ...], Differences] = {}

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

    def compared(self, before: str, after: str, *, kind: str, page: int) -> dict[str, Any]:
        """A page of what differs between the releases of these titles, see `shown.page_of`. Raises ExportError and
        StorageError."""
        old, new = find(self._store, before), find(self._store, after)
        pair = (old.id, old.digest, new.id, new.digest)
        if pair not in self._compared:
            self._compared.clear()
            self._compared[pair] = kept_differences(self._store, old, new)
        return to_json(page_of(self._compared[pair], Path(old.path), Path(new.path), kind, page))

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


def _planner(root: Path) -> Planner:
    if not _planners or _planners[0].root != root:
        while _planners:
            _planners.pop().close()
        _planners.append(Planner(root))
    return _planners[0]


def _answered(told: Mapping[str, Any]) -> Answer:
    gc.collect()
    return Answer({}, json.dumps(told).encode())


def _preview(request: _Request) -> Answer:
    asked = {name: request[name] for name in ("line", "settings", "with_rejected", "reading")}
    return _answered(_planner(Path(request["root"])).answer(**asked))


def _compare(request: _Request) -> Answer:
    asked = {name: request[name] for name in ("before", "after", "kind", "page")}
    return _answered(_planner(Path(request["root"])).compared(**asked))


_HANDLERS: Final[Mapping[str, Callable[[_Request], Answer]]] = {"preview": _preview, "compare": _compare}


def _handle(request: _Request) -> Answer:
    return _HANDLERS[request["do"]](request)


if __name__ == "__main__":
    lower_priority(NICE)
    gc.disable()  # a hundred thousand faces are made at once: to look for garbage among them takes as long again
    serve(_handle, cpu_seconds=CPU_SECONDS)
