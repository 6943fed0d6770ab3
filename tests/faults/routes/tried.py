"""One request while the disk is full, may not be written or has gone: answered in words, and again with a disk.

Before it, the workspace is open and people work in it: the call from which on the disk fails is one of the request's.
"""

from __future__ import annotations

import errno
import json
from pathlib import Path
from typing import Any, Final

from pages._server import workspace
from pages._server.exports import runs
from tests.faults.away.gone import LeavingDisk, made_instead
from tests.faults.full.disk import FullDisk
from tests.faults.routes.asked import REQUESTS, client, prepared
from tests.faults.whole import verified

KEPT: Final = (
    "moue.db", "moue.log", ".incoming/partial/part-", ".incoming/partial/note-", ".locks/export-start.lock",
)  # fmt: skip
"""The database, the log, what has arrived of a file (it goes on there), and a lock, whose empty file stays."""
NUMBERS: Final = {"full": errno.ENOSPC, "read-only": errno.EROFS}


def tried(name: str, root: str, how: str, call: str) -> None:
    """Prints one line of JSON: the calls that needed the disk, whether it failed, the answers then and afterwards.

    how: full, read-only or gone. call: "" for never.
    """
    folder = Path(root)
    disk = LeavingDisk(folder) if how == "gone" else FullDisk(folder)
    known = prepared(folder)
    asked, asking = REQUESTS[name](known), client(name, known)
    before = _files(folder / "w")
    disk.fill_at(int(call) if call else None, number=NUMBERS.get(how, errno.ENOSPC))
    told: dict[str, Any] = {"answer": asked.send(asking), "failed": disk.is_full, "calls": disk.calls}
    if not told["failed"]:
        disk.fill_at(None)  # not while the workspace is closed, either
    else:
        told["made"] = made_instead(folder) if how == "gone" else []
        if told["made"]:
            print(json.dumps(told))
            return
        disk.free()
        _let_exports_end()
        if told["answer"][0] >= 400:
            told["left"] = sorted(_files(folder / "w") - before) if how != "gone" else []
        told["again"] = asked.send(asking)
    _let_exports_end()
    workspace.close_all()
    told["verified"] = verified(folder / "w")
    print(json.dumps(told))


def _let_exports_end() -> None:
    """One that has begun goes on in a process of its own, in the folder that the test removes."""
    for child in list(runs._children.values()):
        if child is not None:
            child.wait(120)


def _files(root: Path) -> set[str]:
    found = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
    return {name for name in found if not name.startswith(KEPT)}
