"""Near copies among many images: every new one against all before it, exactly, by Hamming distance.

Two images are near where their pHash differs in at most 56 bits and their dHash in at most 36 bits, of 256 each and of
the same view: both are needed (dHash alone merges dark photos, pHash alone those of one layout). numpy does it for some
ten thousand images; beyond that faiss's flat binary index, where it is installed (requirements-faiss.txt), says the
same in a third of the time on two cores.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final, Literal, Protocol

import numpy as np
import numpy.typing as npt

from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.pixels.near_matches import Joined, Matches, Relations, concatenated, of_equal, once
from pipeline.pixels.phash import HASH_BYTES, VIEWS

PHASH_BITS: Final = 56
DHASH_BITS: Final = 36
NUMPY_IMAGES: Final = 50_000
"""numpy compares as much as so many images among each other make; faiss takes over above."""
FAISS_HINT: Final = message("faiss_hint")

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


class _Index(Protocol):
    def add(self, dhash: Hashes) -> None:
        """Append rows, uint8 (n, 32); the n-th row ever added is n."""

    def candidates(self, dhash: Hashes) -> tuple[_Indices, _Indices]:
        """Parallel (query, row) indices of pairs whose dHash may be near, in any order; none near is missing."""


class Search:
    """Holds the hashes of all images added so far: about 300 bytes an image.

    Images with equal hashes, and faces that agree, are one node: the first of them is compared with the others, and
    each further one is paired with the first alone.
    """

    def __init__(
        self,
        views: Sequence[str] = ("plain",),
        engine: Literal["numpy", "faiss"] = "numpy",
        relations: Relations | None = None,
    ) -> None:
        """views: of `VIEWS`, plain among them. Raises UsageError for another name, or faiss that is not installed."""
        check_views(views)
        make = _NumpyIndex if engine == "numpy" else _FaissIndex
        self._views = [name for name in VIEWS if name in views]
        self._index: dict[str, _Index] = {name: make() for name in self._views}
        self._relations = relations or Relations()
        self._nodes = _Rows(HASH_BYTES)
        self._images: list[int] = []  # node -> the image that stands for it
        self._equal: dict[int, list[int]] = {}  # hash() of the 192 bytes -> nodes
        self._count = 0
        self._joined = Joined(self._relations)

    def extend(self, hashes: Hashes, *, search: bool = True, same: Collection[int] = ()) -> Matches:
        """Add images, uint8 (n, 192), and find the near ones among these and all before them.

        Without `search` they are known to have been compared with each other; `same` are those rows among them that
        another one stands for. The n-th image ever added is n.
        """
        image, first = self._count, len(self._nodes)
        self._count += len(hashes)
        equal: list[tuple[int, int]] = []
        if search:
            rows = []
            for n, row in enumerate(hashes):
                stands = self._standing_for(row, image + n)
                if stands is None:
                    self._nodes.add(row[None])
                    self._note_nodes(row[None], [image + n])
                    rows.append(n)
                else:
                    equal.append((image + n, stands))
        else:
            rows = [n for n in range(len(hashes)) if n not in same]
            self._nodes.add(hashes[rows])
            self._note_nodes(hashes[rows], [image + n for n in rows])
        new = hashes[rows]
        for name in self._views:
            self._index[name].add(_part(new, name, "dhash"))
        return concatenated([of_equal(equal), *(self._near(new, first) if search else ())])

    def _note_nodes(self, rows: Hashes, images: Sequence[int]) -> None:
        for row, image in zip(rows, images, strict=True):
            self._equal.setdefault(hash(row.tobytes()), []).append(len(self._images))
            self._images.append(image)

    def _standing_for(self, row: Hashes, image: int) -> int | None:
        """The image of before whose hashes are the same and whose faces agree."""
        for node in self._equal.get(hash(row.tobytes()), ()):
            other = self._images[node]
            if np.array_equal(self._nodes.rows[node], row) and self._relations.agree(image, other, 0):
                return other
        return None

    def _near(self, hashes: Hashes, first: int) -> Iterator[Matches]:
        """The near pairs of the nodes from the `first` on, block by block."""
        images = np.array(self._images, np.int64)
        for start in range(0, len(hashes), _AT_ONCE):
            some = hashes[start : start + _AT_ONCE]
            near = once([self._between(some, first + start, *pair) for pair in self._view_pairs()])
            near = replace(near, new=images[near.new], old=images[near.old])
            self._relations.expect(near)
            yield self._joined.bounded(near)

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
            us, them = hashes[new[part]], self._nodes.rows[old[part]]
            phash[part] = _bits(_part(us, one, "phash"), _part(them, other, "phash"))
            dhash[part] = _bits(_part(us, one, "dhash"), _part(them, other, "dhash"))
        close = (phash <= PHASH_BITS) & (dhash <= DHASH_BITS)
        view = np.full(int(close.sum()), VIEWS.index(other if one == "plain" else one))
        return Matches(new[close] + first, old[close], phash[close], dhash[close], view, np.zeros(len(view), bool))


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
