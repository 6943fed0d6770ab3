"""What was worked out from whole tables, kept in memory as long as the digests of these tables hold.

A decision changes neither photos nor files, so counts over all of them need not go through them at each visit. The
digest of a table is a sum of its rows' SHA-256, kept by triggers in the transaction that changes them: where the
reader's own snapshot tells the same one, the rows are the same, whoever wrote, and after a restore, too.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final, NamedTuple, TypeVar, cast

from sqlite_utils.db import Database as Db

from db.schema import table_digests

T = TypeVar("T")

MOST: Final = 128
"""Results of all workspaces together; each is a few numbers, or a row a source."""


class _Kept(NamedTuple):
    noted: tuple[tuple[str, int, bytes], ...]
    result: Any


_kept: Final[OrderedDict[tuple[str, Callable[[Db], Any]], _Kept]] = OrderedDict()
_lock: Final = threading.Lock()


def kept(db: Db, read: Callable[[Db], T], *tables: str) -> T:
    """What `read` makes of nothing but these tables; it is called only where one of them changed.

    read: a function of a module, as it stands for its result, which nobody changes. Outside of a transaction, where
    digest and rows could be of two moments, and for tables without a digest nothing is kept.
    """
    noted = table_digests.noted(db, tables) if db.conn.in_transaction else None
    if noted is None:
        return read(db)
    key = str(db.execute("PRAGMA database_list").fetchone()[2]), read
    with _lock:
        found = _kept.get(key)
    if found is None or found.noted != noted:
        found = _Kept(noted, read(db))
    with _lock:
        _kept[key] = found
        _kept.move_to_end(key)
        while len(_kept) > MOST:
            _kept.popitem(last=False)
    return cast(T, found.result)
