"""Paging by key: a page starts behind the last row of the one before, so that rows that drop out of a filter
meanwhile make nothing skipped and nothing seen twice (an OFFSET would)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

import numpy as np
import numpy.typing as npt
from sqlite_utils.db import Database as Db

from pipeline.core.errors import UsageError
from pipeline.core.messages import message

T = TypeVar("T")
U = TypeVar("U")

Keys = npt.NDArray[np.int64]
"""int64: one number a row, `rank << _SHIFT | seq`, so that their order is the order of the rows."""

_SHIFT: Final = 32
STEP: Final = 64
"""One number of so many is looked at to guess below which one the lowest lie."""
_PIECE: Final = 1 << 15
_CURSOR = re.compile(r"-?\d{1,19}(\.-?\d{1,19})*")


@dataclass(frozen=True, slots=True)
class Listing:
    """What is paged through. key: ascending whole-number columns of `table` (alias t), together unique.

    columns, joins: what a row shows beside (CROSS JOIN, which SQLite never turns round, keeps t's order). The
    conditions (`where`, with their `params`) are on t alone. bound: one more, which ends the list: a column of the key
    is less than something.
    """

    table: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    joins: str = ""
    where: tuple[str, ...] = ()
    params: tuple[Any, ...] = ()
    bound: str = ""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list. total: all that are listed now; position: how many of them come before this page.

    first, last: cursors for `before` and `after`, opaque to callers, "" where there is nothing at all.
    """

    items: tuple[T, ...]
    total: int
    position: int
    first: str
    last: str
    has_next: bool
    has_prev: bool

    def with_items(self, items: Iterable[U]) -> Page[U]:
        """The same page with other items, one for each of these or fewer."""
        ends = (self.first, self.last, self.has_next, self.has_prev)
        return Page(tuple(items), self.total, self.position, *ends)

    def map(self, make: Callable[[T], U]) -> Page[U]:
        """The same page with what `make` makes of each item."""
        return self.with_items(map(make, self.items))


def page_sql(listing: Listing, condition: str = "", backwards: bool = False) -> str:
    """The statement for one page; its last parameter is the number of rows."""
    order = ", ".join(f"t.{name}{' DESC' if backwards else ''}" for name in listing.key)
    keys = [f"t.{name} AS key_{n}" for n, name in enumerate(listing.key)]
    where = _where(listing, condition, up_to=backwards)
    head = f"SELECT {', '.join([*keys, *listing.columns])} FROM {listing.table} t {listing.joins}"
    return f"{head} {where} ORDER BY {order} LIMIT ?"


def count_sql(listing: Listing, condition: str = "") -> str:
    """The statement that counts what is listed."""
    where = _where(listing, condition, up_to=True)
    return f"SELECT count(*) FROM {listing.table} t {where}"


def fetch(
    db: Db,
    listing: Listing,
    size: int,
    after: str | None = None,
    before: str | None = None,
    total: int | None = None,
) -> Page[dict[str, Any]]:
    """At most `size` rows behind `after` or before `before`; the first ones without either. Raises UsageError.

    total: how many are listed, where that is known.
    """
    width = len(listing.key)
    edge = _edge(size, after, before, width)
    condition = "" if edge is None else compare(listing.key, ">" if before is None else "<")
    sql = page_sql(listing, condition, backwards=before is not None)
    rows = list(db.query(sql, [*listing.params, *(edge or ()), size]))
    if before is not None:
        rows.reverse()
    first, last = _ends(rows, edge, width, backwards=before is not None)
    if total is None:
        total = _count(db, count_sql(listing), listing.params)
    position = 0 if first is None else _count(
        db, count_sql(listing, compare(listing.key, "<")), (*listing.params, *first))  # fmt: skip
    shown = tuple({k: v for k, v in row.items() if not k.startswith("key_")} for row in rows)
    return Page(shown, total, position, _text(first), _text(last), position + len(rows) < total, position > 0)


def make_keys(rank: npt.NDArray[np.int32] | None, seqs: npt.NDArray[np.intp]) -> Keys:
    """Keys of rows ordered by `rank`, then by seq; without a rank by seq alone."""
    keys = seqs.astype(np.int64)
    return keys if rank is None else (rank.astype(np.int64) << _SHIFT) + keys


def earliest(within: npt.NDArray[np.bool_], size: int) -> npt.NDArray[np.intp]:
    """The first `size` places of a mask: looked for piece by piece, as mostly they stand near its beginning."""
    places = np.zeros(0, np.intp)
    for start in range(0, len(within), _PIECE):
        places = np.concatenate([places, np.flatnonzero(within[start : start + _PIECE]) + start])
        if len(places) >= size:
            break
    return places[:size]


def between(values: npt.NDArray[np.int32], low: int, high: int, within: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
    """The places of a mask whose numbers lie in this range, its ends included. Piece by piece, in the processor's
    cache: each comparison of a million numbers at once is memory of its own."""
    found = [np.zeros(0, np.intp)]
    for start in range(0, len(values), _PIECE):
        piece = values[start : start + _PIECE]
        found.append(np.flatnonzero((piece >= low) & (piece <= high) & within[start : start + _PIECE]) + start)
    return np.concatenate(found)


def lowest(rank: npt.NDArray[np.int32], size: int) -> npt.NDArray[np.intp]:
    """The places of the `size` lowest numbers, lowest first, equal ones by place; all of them where there are fewer.

    What `window` begins with, without a key for every row: of a million numbers a guess leaves a few hundred.
    """
    places = _candidates(rank, size)
    found = rank[places]
    if len(found) > size:
        limit = np.partition(found, size - 1)[size - 1]
        less = np.flatnonzero(found < limit)
        kept = np.concatenate([less, np.flatnonzero(found == limit)[: size - len(less)]])
        places, found = places[kept], found[kept]
    return places[np.lexsort((places, found))]


def guessed(size: int) -> int:
    """How many numbers of a sample, one in STEP, are to lie below a limit that `size` of all are to: thrice as many as
    would be right, and some."""
    return 3 * size // STEP + 8


def _candidates(rank: npt.NDArray[np.int32], size: int) -> npt.NDArray[np.intp]:
    """Places, ascending, with the `size` lowest numbers among them: a sample guesses the limit, a count proves it."""
    sample, guess = rank[::STEP], guessed(size)
    if guess < len(sample):
        places = np.flatnonzero(rank <= np.partition(sample, guess)[guess])
        if len(places) >= size:
            return places
    return np.arange(len(rank))


def window(keys: Keys, ranked: bool, size: int, after: str | None = None, before: str | None = None) -> Page[int]:
    """What `fetch` does, for rows whose keys (in any order, each once) are at hand. Raises UsageError.

    ranked: whether the keys were made with a rank.
    """
    width = 2 if ranked else 1
    edge = _edge(size, after, before, width)
    if edge is None:
        chosen = keys
    else:
        limit = _number(edge)
        chosen = keys[keys > limit] if before is None else keys[keys < limit]
    if len(chosen) > size:
        chosen = np.partition(chosen, size - 1)[:size] if before is None else np.partition(chosen, -size)[-size:]
    chosen = np.sort(chosen)
    found = [(key >> _SHIFT, key & ((1 << _SHIFT) - 1))[-width:] for key in chosen.tolist()]
    rows = [{f"key_{n}": value for n, value in enumerate(key)} for key in found]
    first, last = _ends(rows, edge, width, backwards=before is not None)
    total, position = len(keys), 0 if first is None else int(np.count_nonzero(keys < _number(first)))
    seqs = tuple(key[-1] for key in found)
    return Page(seqs, total, position, _text(first), _text(last), position + len(seqs) < total, position > 0)


def just_before(cursor: str) -> str:
    """The cursor behind which the row of `cursor` is the first one; "" for none, or for a text that is no cursor."""
    if not cursor or not _CURSOR.fullmatch(cursor):
        return ""
    *ranks, last = map(int, cursor.split("."))
    return ".".join(map(str, (*ranks, last - 1)))


def compare(key: Sequence[str], sign: str) -> str:
    """`(t.a, t.b) > (?, ?)`: a row value, which SQLite looks up in an index."""
    names = ", ".join(f"t.{name}" for name in key)
    return f"({names}) {sign} ({', '.join('?' * len(key))})"


def _edge(size: int, after: str | None, before: str | None, width: int) -> tuple[int, ...] | None:
    if after is not None and before is not None:
        raise UsageError(message("page_of_two_cursors"))
    if size < 1:
        raise UsageError(message("page_size", n=size))
    return _parse(after if after is not None else before, width)


def _number(key: tuple[int, ...]) -> int:
    """The key of a cursor; one that no row has is moved to the end that it lies beyond."""
    rank = max(-(1 << 31), min(key[0], (1 << 31) - 1)) if len(key) > 1 else 0
    return (rank << _SHIFT) + max(-1, min(key[-1], (1 << _SHIFT) - 1))


def _where(listing: Listing, condition: str, *, up_to: bool) -> str:
    """up_to: the condition is an upper limit, too. Of two, SQLite looks up one, and the plus leaves it that one."""
    bound = f"+{listing.bound}" if up_to and condition else listing.bound
    conditions = [one for one in (*listing.where, bound if listing.bound else "", condition) if one]
    return f"WHERE {' AND '.join(conditions)}" if conditions else ""


def _count(db: Db, sql: str, params: Sequence[Any]) -> int:
    (number,) = db.execute(sql, list(params)).fetchone()
    return int(number)


def _ends(
    rows: Sequence[dict[str, Any]], edge: tuple[int, ...] | None, width: int, *, backwards: bool
) -> tuple[tuple[int, ...] | None, tuple[int, ...] | None]:
    """Keys of the first and the last row. An empty page stands between its edge and the rows beyond it."""
    if rows:
        return _key(rows[0], width), _key(rows[-1], width)
    if edge is None:
        return None, None
    if backwards:
        return edge, (*edge[:-1], edge[-1] - 1)
    return (*edge[:-1], edge[-1] + 1), edge


def _key(row: dict[str, Any], width: int) -> tuple[int, ...]:
    return tuple(row[f"key_{n}"] for n in range(width))


def _text(key: tuple[int, ...] | None) -> str:
    return "" if key is None else ".".join(map(str, key))


def _parse(cursor: str | None, width: int) -> tuple[int, ...] | None:
    if not cursor:
        return None
    if not _CURSOR.fullmatch(cursor) or len(parts := cursor.split(".")) != width:
        raise UsageError(message("cursor_malformed", cursor=cursor))
    return tuple(map(int, parts))
