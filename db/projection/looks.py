"""The orders by what mouths look like: how far each stored vector, or each shape, lies from one face's."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from sqlite_utils.db import Database as Db

from db.projection import columns
from db.projection.columns import Column, Faces
from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.core.metrics import MISSING

LOOKS: Final = "looks:"
"""Prefix of the order that shows mouths first that look like a face's; the face id follows it."""
DIMENSIONS: Final = 48
"""Numbers of a stored vector, see `pipeline.suggest.descriptor`."""
SHAPE: Final = ("opening", "width", "lift")
"""The metrics of a mouth's geometry."""
_FACE: Final = re.compile(r"[0-9a-f]{32}")
_FINE: Final = 1e6
_SHAPE_FINE: Final = 1000
"""Distances of shapes differ down to a thousandth of a standard deviation."""
_FARTHEST: Final = 2.0**30
_BLOCK_SQL: Final = """
SELECT seq, data FROM descriptors WHERE seq BETWEEN ? AND ? AND basis_id = ? AND length(data) > 0 ORDER BY seq
"""
_WORKSPACES: Final = 2
"""Whose vectors are kept in memory: 200 MB at a million faces."""


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """All vectors of the basis in force. rows: (n, DIMENSIONS) float32 by seq, zeros where there is none. known: (n,),
    whether there is one. n is a multiple of BLOCK. The first two numbers of a row are its place on the map: rows are
    principal components, the largest first. basis, tokens: what they hold for; the token of each block."""

    basis: int | None
    tokens: dict[int, int]
    rows: npt.NDArray[np.float32]
    known: npt.NDArray[np.bool_]


_kept: Final[OrderedDict[str, Looks]] = OrderedDict()
_lock: Final = threading.Lock()


def newest_basis(db: Db) -> int | None:
    """The id of the basis in force."""
    row = db.execute("SELECT max(id) FROM descriptor_bases").fetchone()
    return None if row[0] is None else int(row[0])


def stored(db: Db) -> Looks:
    """All vectors, from memory but for the blocks that changed since they were read last. Read-only arrays.

    A token is another random number with each change of its block, so what holds for a block's token is what the
    snapshot of `db` says, also after a restore.
    """
    path = str(db.execute("PRAGMA database_list").fetchone()[2])
    with _lock:
        before = _kept.get(path)
    basis = newest_basis(db)
    tokens = dict(db.execute("SELECT block, token FROM descriptor_blocks ORDER BY block").fetchall())
    if before is not None and (before.basis, before.tokens) == (basis, tokens):
        found = before
    else:
        found = _read(db, basis, tokens, before if before is not None and before.basis == basis else None)
    with _lock:
        _kept[path] = found
        _kept.move_to_end(path)
        while len(_kept) > _WORKSPACES:
            _kept.popitem(last=False)
    return found


def _read(db: Db, basis: int | None, tokens: dict[int, int], before: Looks | None) -> Looks:
    """`before`, with the blocks read anew whose token is another."""
    length = (max(tokens, default=-1) + 1) * columns.BLOCK
    rows = np.zeros((length, DIMENSIONS), np.float32)
    known = np.zeros(length, bool)
    old: dict[int, int] = {}
    if before is not None:
        old, both = before.tokens, min(length, len(before.rows))
        rows[:both], known[:both] = before.rows[:both], before.known[:both]
    for block, token in tokens.items():
        if old.get(block) == token:
            continue
        first = block * columns.BLOCK
        found = db.execute(_BLOCK_SQL, [first, first + columns.BLOCK - 1, basis]).fetchall()
        at = [seq for seq, _ in found]
        rows[first : first + columns.BLOCK], known[first : first + columns.BLOCK] = 0, False
        rows[at] = np.frombuffer(b"".join([data for _, data in found]), "<f2").reshape(-1, DIMENSIONS)
        known[at] = True
    rows.flags.writeable = known.flags.writeable = False
    return Looks(basis, tokens, rows, known)


def vectors(db: Db) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float32]]:
    """(n,) seqs, ascending, and (n, 48) float32 vectors of all faces that have one."""
    found = stored(db)
    seqs = np.flatnonzero(found.known)
    return seqs, found.rows[seqs]


def distances(rows: npt.NDArray[np.float32], to: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Euclidean distance of each of (n, d) rows from one (d,) vector: exact, by numpy."""
    apart = rows - to
    found: npt.NDArray[np.float64] = np.sqrt(np.einsum("ij,ij->i", apart, apart).astype(np.float64))
    return found


def ranks(faces: Faces, face_id: str) -> Column:
    """Distance of each mouth's looks from that of `face_id`, in millionths; MISSING where either has no vector yet.

    The face itself comes first. Raises UsageError for a malformed face id.
    """
    if not _FACE.fullmatch(face_id):
        raise UsageError(message("face_id_malformed", face=face_id))
    rank = np.full(faces.length, MISSING, np.int32)
    index = faces.index_of(face_id)
    if index is None:
        return rank
    found = stored(faces.db)
    if index < len(found.rows) and found.known[index]:
        apart = np.minimum(distances(found.rows, found.rows[index]) * _FINE, _FARTHEST).round().astype(np.int32)
        both = min(len(apart), faces.length)
        rank[:both] = np.where(found.known[:both], apart[:both], MISSING)
    rank[faces.column("state") == columns.ABSENT] = MISSING
    rank[index] = -1
    return rank


def shape_distance(faces: Faces, face_id: str) -> Column:
    """Distance of each mouth's shape from that of `face_id`, in thousandths; MISSING where either was not measured.

    The standardised Euclidean distance (scipy.spatial.distance.seuclidean): each difference over the metric's
    standard deviation among all faces. The face itself has the least; a face that is not listed is similar to none.
    Raises UsageError for a malformed face id.
    """
    if not _FACE.fullmatch(face_id):
        raise UsageError(message("face_id_malformed", face=face_id))
    listed, index = faces.column("state") != columns.ABSENT, faces.index_of(face_id)
    if index is None:
        return np.full(len(listed), MISSING, np.int32)
    squares, known = np.zeros(len(listed)), listed.copy()
    for name in SHAPE:
        values = faces.column(name)
        known &= values != MISSING
        spread = float(values[listed & (values != MISSING)].std()) if known[index] else 0.0
        squares += ((values - float(values[index])) / (spread or 1.0)) ** 2
    distance = np.minimum(np.sqrt(squares) * _SHAPE_FINE, _FARTHEST).round().astype(np.int32)
    rank = np.where(known & known[index], distance, np.int32(MISSING))
    rank[index] = -1
    return rank
