"""The order by what mouths look like: how far each stored vector lies from one face's."""

from __future__ import annotations

import re
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
_FACE: Final = re.compile(r"[0-9a-f]{32}")
_FINE: Final = 1e6
_FARTHEST: Final = 2.0**30
_ALL_SQL: Final = "SELECT seq, data FROM descriptors WHERE basis_id = ? AND length(data) > 0 ORDER BY seq"


def newest_basis(db: Db) -> int | None:
    """The id of the basis in force."""
    row = db.execute("SELECT max(id) FROM descriptor_bases").fetchone()
    return None if row[0] is None else int(row[0])


def vectors(db: Db) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float32]]:
    """(n,) seqs, ascending, and (n, 48) float32 vectors of all faces that have one."""
    rows = db.execute(_ALL_SQL, [newest_basis(db)]).fetchall()
    data = np.frombuffer(b"".join([row[1] for row in rows]), "<f2").reshape(-1, DIMENSIONS)
    return np.array([row[0] for row in rows], np.intp), data.astype(np.float32)


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
    seqs, rows = vectors(faces.db)
    at = int(np.searchsorted(seqs, index))
    if at < len(seqs) and seqs[at] == index:
        found = np.minimum(distances(rows, rows[at]) * _FINE, _FARTHEST).round().astype(np.int32)
        inside = seqs < faces.length
        rank[seqs[inside]] = found[inside]
    rank[faces.column("state") == columns.ABSENT] = MISSING
    rank[index] = -1
    return rank
