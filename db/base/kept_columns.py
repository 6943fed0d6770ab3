"""Columns as they are stored, kept in memory as long as their tokens hold: most requests read the same few.

A token is another random number with each change of its column, so what holds for a token is what the snapshot of the
reader says, also after a restore, and after a write that was taken back.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from sqlite_utils.db import Database as Db

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Values: TypeAlias = npt.NDArray[np.int32]

MOST_BYTES: Final = 32 << 20
"""Of all workspaces together: eight columns of a million faces."""
_HOLDS_SQL: Final = "SELECT token FROM column_tokens WHERE name = ?"


class _Kept(NamedTuple):
    token: int
    values: Values


_kept: Final[OrderedDict[tuple[str, str], _Kept]] = OrderedDict()
_lock: Final = threading.Lock()


def stored(db: Db, name: str, read: Callable[[Db, str], Values]) -> Values:
    """A column's stored values, (n,) int32, read-only: from memory, or read now by `read` in the snapshot of `db`."""
    row = db.execute(_HOLDS_SQL, [name]).fetchone()
    if row is None:
        return _frozen(read(db, name))
    key = str(db.execute("PRAGMA database_list").fetchone()[2]), name
    with _lock:
        found = _kept.get(key)
    if found is None or found.token != row[0]:
        found = _Kept(row[0], _frozen(read(db, name)))
    with _lock:
        _kept[key] = found
        _kept.move_to_end(key)
        while sum(one.values.nbytes for one in _kept.values()) > MOST_BYTES:
            _kept.popitem(last=False)
    return found.values


def _frozen(values: Values) -> Values:
    values.flags.writeable = False
    return values
