"""Near copies among many images: every new one against all before it, exactly, by Hamming distance.

Two images are near where their pHash differs in at most 56 bits and their dHash in at most 36 bits, of 256 each and of
the same view: both are needed (dHash alone merges dark photos, pHash alone those of one layout). numpy does it for some
ten thousand images; beyond that faiss's flat binary index, where it is installed (requirements-faiss.txt), says the
same in a third of the time on two cores.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Literal, Protocol

import numpy as np
import numpy.typing as npt

from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.pixels.phash import HASH_BYTES, VIEWS

PHASH_BITS: Final = 56
DHASH_BITS: Final = 36
MOST_PAIRS: Final = 32
"""Of one new image the nearest pairs that are kept: a film of a still face would make millions. Of the others those
stay that join what no kept pair joins, so that what is joined is the same as without a bound (see `_Joined`)."""
NUMPY_IMAGES: Final = 50_000
"""numpy compares as much as so many images among each other make; faiss takes over above."""
FAISS_HINT: Final = "pip install -r requirements-faiss.txt makes this about three times faster"

Engine = Literal["auto", "numpy", "faiss"]
Hashes = npt.NDArray[np.uint8]
_Words = npt.NDArray[np.uint64]
_Indices = npt.NDArray[np.int64]

_AT_ONCE: Final = 256
_CANDIDATES: Final = 100_000
"""Bounds on what is in memory at a time, where all photos are alike."""
_NEW_ROWS: Final = 16
_OLD_ROWS: Final = 8192
"""A block's XORs are 1 MB: they stay in the processor's cache."""
_SCREEN: Final = (1, 2)
"""The 64-bit words of a dHash that are compared first: the middle rows of the photo, which differ most."""


@dataclass(frozen=True, slots=True, eq=False)
class Matches:
    """Near pairs as parallel arrays, by new image and nearness.

    new > old: the order in which `Search.extend` was given them. phash, dhash: bits. view: index in `VIEWS`.
    """

    new: _Indices
    old: _Indices
    phash: npt.NDArray[np.int64]
    dhash: npt.NDArray[np.int64]
    view: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.new)


class _Index(Protocol):
    def add(self, dhash: Hashes) -> None:
        """Append rows, uint8 (n, 32); the n-th row ever added is n."""

    def candidates(self, dhash: Hashes) -> tuple[_Indices, _Indices]:
        """Parallel (query, row) indices of pairs whose dHash may be near, in any order; none near is missing."""


class Search:
    """Holds the hashes of all images added so far: about 250 bytes an image."""

    def __init__(self, views: Sequence[str] = ("plain",), engine: Literal["numpy", "faiss"] = "numpy") -> None:
        """views: of `VIEWS`, plain among them. Raises UsageError for another name, or faiss that is not installed."""
        check_views(views)
        make = _NumpyIndex if engine == "numpy" else _FaissIndex
        self._views = [name for name in VIEWS if name in views]
        self._index: dict[str, _Index] = {name: make() for name in self._views}
        self._all = _Rows(HASH_BYTES)
        self._joined = _Joined()

    def extend(self, hashes: Hashes, *, search: bool = True) -> Matches:
        """Add images, uint8 (n, 192), and find the near ones among these and all before them.

        Without `search` they are known to have been compared with each other. The n-th image ever added is n.
        """
        first = len(self._all)
        self._all.add(hashes)
        for name in self._views:
            self._index[name].add(_part(hashes, name, "dhash"))
        found: list[Matches] = []
        for start in range(0, len(hashes) if search else 0, _AT_ONCE):
            some = hashes[start : start + _AT_ONCE]
            near = [self._between(some, first + start, *pair) for pair in self._view_pairs()]
            found.append(self._joined.bounded(_once(near)))
        return _concatenated(found)

    def _view_pairs(self) -> list[tuple[str, str]]:
        """Which view of the new image is compared with which of the old one."""
        pairs = [("plain", "plain")]
        for name in self._views[1:]:
            pairs += [("plain", name), (name, "plain")]
        return pairs

    def _between(self, hashes: Hashes, first: int, one: str, other: str) -> Matches:
        new, old = self._index[other].candidates(_part(hashes, one, "dhash"))
        before = old < new + first
        new, old = new[before], old[before]
        phash, dhash = np.empty(len(new), np.int64), np.empty(len(new), np.int64)
        for start in range(0, len(new), _CANDIDATES):
            part = slice(start, start + _CANDIDATES)
            us, them = hashes[new[part]], self._all.rows[old[part]]
            phash[part] = _bits(_part(us, one, "phash"), _part(them, other, "phash"))
            dhash[part] = _bits(_part(us, one, "dhash"), _part(them, other, "dhash"))
        close = (phash <= PHASH_BITS) & (dhash <= DHASH_BITS)
        view = np.full(int(close.sum()), VIEWS.index(other if one == "plain" else one))
        return Matches(new[close] + first, old[close], phash[close], dhash[close], view)


def choose_engine(new: int, everything: int, wanted: Engine = "auto") -> Literal["numpy", "faiss"]:
    """The engine that compares `new` images with `everything` soonest, of those installed. Raises UsageError."""
    if wanted == "faiss" and not has_faiss():
        raise UsageError(message("faiss_missing", hint=FAISS_HINT))
    if wanted != "auto":
        return wanted
    return "faiss" if is_large(new, everything) and has_faiss() else "numpy"


def is_large(new: int, everything: int) -> bool:
    """Whether comparing `new` images with `everything` is work for faiss."""
    return everything > NUMPY_IMAGES and new * everything > NUMPY_IMAGES**2 // 2


def has_faiss() -> bool:
    """Whether the optional package is installed."""
    return importlib.util.find_spec("faiss") is not None


def check_views(views: Sequence[str]) -> tuple[str, ...]:
    """The views in their own order, plain first. Raises UsageError for a name that is none, or without plain."""
    unknown = [name for name in views if name not in VIEWS]
    if unknown:
        raise UsageError(f"{unknown[0]!r} is no view; one or more of: {', '.join(VIEWS)}")
    if VIEWS[0] not in views:
        raise UsageError(f"the view {VIEWS[0]} is always compared: name it too")
    return tuple(name for name in VIEWS if name in views)


class _Rows:
    """A uint8 table that grows at its end without being copied each time."""

    def __init__(self, width: int) -> None:
        self._table = np.empty((1024, width), np.uint8)
        self._used = 0

    def __len__(self) -> int:
        return self._used

    @property
    def rows(self) -> Hashes:
        return self._table[: self._used]

    def add(self, rows: Hashes) -> None:
        used = self._used + len(rows)
        if used > len(self._table):
            bigger = np.empty((max(used, len(self._table) * 3 // 2), self._table.shape[1]), np.uint8)
            bigger[: self._used] = self.rows
            self._table = bigger
        self._table[self._used : used] = rows
        self._used = used


class _NumpyIndex:
    """Every query against every row in blocks: 128 of the 256 bits first, which few pairs pass."""

    def __init__(self) -> None:
        self._columns = [_Rows(8) for _ in _SCREEN]

    def add(self, dhash: Hashes) -> None:
        for column, word in zip(self._columns, _SCREEN, strict=True):
            column.add(dhash[:, 8 * word : 8 * word + 8])

    def candidates(self, dhash: Hashes) -> tuple[_Indices, _Indices]:
        queries = [_as_words(dhash[:, 8 * word : 8 * word + 8])[:, 0] for word in _SCREEN]
        columns = [_as_words(column.rows)[:, 0] for column in self._columns]
        xor = np.empty((_NEW_ROWS, _OLD_ROWS), np.uint64)
        counts = [np.empty(xor.shape, np.uint8) for _ in _SCREEN]
        found: list[_Indices] = [np.empty((0, 2), np.int64)]
        for low in range(0, len(columns[0]), _OLD_ROWS):
            old = [column[low : low + _OLD_ROWS] for column in columns]
            for start in range(0, len(dhash), _NEW_ROWS):
                new = [query[start : start + _NEW_ROWS, None] for query in queries]
                shape = (slice(len(new[0])), slice(len(old[0])))
                for one, other, count in zip(new, old, counts, strict=True):
                    np.bitwise_count(np.bitwise_xor(one, other, out=xor[shape]), out=count[shape])
                total = np.add(counts[0][shape], counts[1][shape], out=counts[0][shape])
                near = np.argwhere(total <= DHASH_BITS)
                if len(near):
                    found.append(near + np.array([start, low]))
        indices = np.concatenate(found)
        return indices[:, 0], indices[:, 1]


class _FaissIndex:
    """faiss's IndexBinaryFlat: exhaustive too, on all cores."""

    def __init__(self) -> None:
        try:
            faiss: Any = importlib.import_module("faiss")
        except ImportError as e:
            raise UsageError(message("faiss_broken", why=e, hint=FAISS_HINT)) from e
        self._index = faiss.IndexBinaryFlat(256)

    def add(self, dhash: Hashes) -> None:
        self._index.add(np.ascontiguousarray(dhash))

    def candidates(self, dhash: Hashes) -> tuple[_Indices, _Indices]:
        limits, _, rows = self._index.range_search(np.ascontiguousarray(dhash), DHASH_BITS + 1)  # nearer than that
        limits = np.asarray(limits, np.int64)
        return np.repeat(np.arange(len(dhash)), np.diff(limits)), np.asarray(rows, np.int64)


def _part(hashes: Hashes, view: str, kind: Literal["phash", "dhash"]) -> Hashes:
    start = 64 * VIEWS.index(view) + (0 if kind == "phash" else 32)
    return hashes[:, start : start + 32]


def _as_words(rows: Hashes) -> _Words:
    return np.ascontiguousarray(rows).view(np.uint64)


def _bits(one: Hashes, other: Hashes) -> npt.NDArray[np.int64]:
    counts = np.bitwise_count(_as_words(one) ^ _as_words(other))
    return np.asarray(counts.sum(axis=1, dtype=np.int64))


class _Joined:
    """Which images the pairs that were kept join, chains counted: what a split must not tear apart.

    A pair beyond the bound is kept only where it joins two sets, so of n images fewer than n such pairs are kept. Pairs
    of an earlier `Search` are not known: what they joined may be joined once more, never less.
    """

    def __init__(self) -> None:
        self._set_of: dict[int, int] = {}
        self._members: dict[int, list[int]] = {}

    def bounded(self, found: Matches) -> Matches:
        """Of each new image the `MOST_PAIRS` nearest pairs, and those beyond that join what is not joined yet."""
        kept = np.ones(len(found), bool)
        starts = np.flatnonzero(np.diff(found.new, prepend=-1))
        for start, stop in pairwise([*starts.tolist(), len(found)]):
            new, olds = int(found.new[start]), found.old[start:stop].tolist()
            for old in olds[:MOST_PAIRS]:
                self._join(new, old)
            for n, old in enumerate(olds[MOST_PAIRS:], start + MOST_PAIRS):
                kept[n] = self._set_of.get(old) != self._set_of[new] and self._join(new, old)
        return _chosen(found, np.flatnonzero(kept))

    def _join(self, one: int, other: int) -> bool:
        """Whether they were in two sets until now. The smaller set goes into the larger one."""
        a, b = self._set_of.setdefault(one, one), self._set_of.setdefault(other, other)
        if a == b:
            return False
        few, many = (self._members.pop(n, [n]) for n in (a, b))
        if len(few) > len(many):
            few, many, b = many, few, a
        for image in few:
            self._set_of[image] = b
        many.extend(few)
        self._members[b] = many
        return True


def _once(found: Sequence[Matches]) -> Matches:
    """Each pair once, in its nearest view, by new image and nearness."""
    every = _concatenated(found)
    order = np.lexsort((every.view, every.phash + every.dhash, every.old, every.new))
    once = np.ones(len(order), bool)
    once[1:] = (np.diff(every.new[order]) != 0) | (np.diff(every.old[order]) != 0)
    order = order[once]
    return _chosen(every, order[np.lexsort((every.old[order], (every.phash + every.dhash)[order], every.new[order]))])


def _concatenated(found: Sequence[Matches]) -> Matches:
    new, old, phash, dhash, view = (
        np.concatenate([np.empty(0, np.int64), *(getattr(m, name) for m in found)])
        for name in ("new", "old", "phash", "dhash", "view")
    )
    return Matches(new, old, phash, dhash, view)


def _chosen(found: Matches, order: _Indices) -> Matches:
    return Matches(found.new[order], found.old[order], found.phash[order], found.dhash[order], found.view[order])
