"""One work whose workspace goes away at a certain call: refused in words, nothing made in its place, then done.

It goes as a folder does that somebody renames, and as a disk: what is open can be written to, no path leads there.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any, Final

from tests.faults.full.disk import FullDisk
from tests.faults.full.tried import attempt
from tests.faults.full.works import WORKS, ExportRemote, ExportZip

AWAY: Final = "away"
LEFT: Final = (ExportZip, ExportRemote)
"""They begin in a folder of the workspace, which cannot be removed while that is away; the next one removes it."""


class LeavingDisk(FullDisk):
    """Has room for all. Before the call of the number that `fill_at` names, the workspace `w` goes.

    Calls are counted while its database is open: who opens it later cannot know that there was one.
    """

    def __init__(self, root: Path) -> None:
        self._rename = os.rename
        self._place = root
        super().__init__(root)

    def room(self, path: Any) -> float:
        if not self.is_full and self._is_open() and super().room(path) != 1:
            self._rename(self._place / "w", self._place / AWAY)
        return 1

    def _is_open(self) -> bool:
        database = str(self._place / "w" / "moue.db")
        with os.scandir("/proc/self/fd") as descriptors:
            return any(self._leads_to(one.path, database) for one in descriptors)

    @staticmethod
    def _leads_to(descriptor: str, path: str) -> bool:
        try:
            return os.readlink(descriptor) == path
        except FileNotFoundError:  # the folder's own
            return False

    def free(self) -> None:
        """It is back."""
        if self.is_full:
            self._rename(self._place / AWAY, self._place / "w")
        super().free()


def made_instead(folder: Path) -> list[str]:
    """What lies where the workspace was."""
    return sorted(str(path.relative_to(folder)) for path in [folder / "w", *(folder / "w").rglob("*")] if path.exists())


def tried(name: str, root: str, call: str) -> None:
    """Prints one line of JSON: the calls before which it can go, whether it went, what was said, what was made instead.

    call: "" for never.
    """
    folder = Path(root)
    disk = LeavingDisk(folder)
    work = WORKS[name](folder)
    work.prepare()
    disk.fill_at(int(call) if call else None)
    said = attempt(work)
    went, calls = disk.is_full, disk.calls
    made = made_instead(folder) if went else []
    if not went:
        disk.fill_at(None)  # nor while it is looked at
    told = {"calls": calls, "went": went, "said": said[0], "zh": said[1], "made": made}
    if went and not made:
        shutil.rmtree(folder / "w", ignore_errors=True)
        disk.free()
        if said[0] or isinstance(work, LEFT):
            work.take_out()
            if not isinstance(work, LEFT):
                work.check()
            assert attempt(work) == ("", ""), "refused again"
        work.done()
    print(json.dumps(told, ensure_ascii=False))
