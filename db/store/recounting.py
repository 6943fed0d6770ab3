"""Counts faces anew behind a change of the consensus rule, part by part; a killed one goes on at the next opening."""

from __future__ import annotations

import time
from contextlib import suppress
from functools import partial
from typing import Final

from db.projection.anew import recount, recounts
from db.store.deletions import OpenStore
from db.store.locks import recount_lock
from pipeline.core.errors import BusyError

PART: Final = 130
"""Faces that one write counts: whoever labels meanwhile waits for no more."""
REST_S: Final = 0.03
"""Behind each part: a writer of another process that finds the database locked asks again after up to 25 ms."""
_PATIENCE_S: Final = 600.0


def finish(store: OpenStore, patience_s: float = _PATIENCE_S) -> int:
    """Count all faces that wait for it; returns on how many something else counts now.

    Where another process is at it, it is waited for. Raises BusyError where that takes too long, StorageError.
    """
    changed = 0
    while store.read(recounts.waiting) is not None:
        with recount_lock(store.root, patience_s):
            changed += _round(store)
    return changed


def finish_interrupted(store: OpenStore) -> None:
    """Go on with what a killed process left; called when a store is opened. Does nothing while another is at it."""
    with suppress(BusyError):
        finish(store, patience_s=0)


def _round(store: OpenStore) -> int:
    todo = store.read(recount.find)
    if todo is None:
        return 0
    changed = 0
    for start in range(0, len(todo.faces), PART):
        some = todo.faces[start : start + PART]
        left = len(todo.faces) - start - len(some)
        changed += store.write(partial(recount.count_part, faces=some, left=left))
        time.sleep(REST_S)
    store.write(partial(recounts.end, number=todo.number))
    return changed
