"""The numbers of many faces by their ids, without a row in Python for each."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from sqlite_utils.db import Database as Db

from pipeline.agreement.answers import stable_order

Numbers = npt.NDArray[np.int64]
Ids = npt.NDArray[np.uint64]
"""Shape (n, 2): an id's halves."""

GONE: Final = -1
"""The number of a face whose photo was erased."""
_ID: Final = 32
_HALF: Final = np.uint64(32)
_FEW: Final = 1000
"""Ids that are looked up one by one."""
_FACES_SQL: Final = """
SELECT group_concat(id, ''), group_concat(seq) FROM (SELECT f.id, f.seq FROM {faces} ORDER BY f.id)
"""
_ALL: Final = "faces f"
_SOME: Final = "json_each(?) j CROSS JOIN faces f ON f.id = j.value"


def seqs_of(db: Db, text: str) -> Numbers:
    """The seqs of faces whose ids (32 hex digits each) stand one behind the other; GONE for one that was erased.

    Ids are compared as two numbers of 64 bits, by a search for the first: nearly in its order, since neighbours are
    found where the cache has them already. Of few ids only those are read.
    """
    few = len(text) <= _FEW * _ID
    asked = json.dumps(sorted({text[at : at + _ID] for at in range(0, len(text), _ID)})) if few else None
    packed = db.execute(_FACES_SQL.format(faces=_SOME if few else _ALL), [asked] if few else []).fetchone()
    wanted = np.frombuffer(bytes.fromhex(text), ">u8").astype(np.uint64).reshape(-1, 2)
    if packed[0] is None:
        return np.full(len(wanted), GONE, np.int64)
    known = np.frombuffer(bytes.fromhex(packed[0]), ">u8").astype(np.uint64).reshape(-1, 2)
    order = stable_order((wanted[:, 0] >> _HALF).astype(np.int64))
    found = np.empty(len(wanted), np.int64)
    found[order] = _places(known, np.fromstring(packed[1], np.int64, sep=","), wanted[order])
    return found


def all_there(db: Db, seqs: Sequence[int]) -> bool:
    """Whether none of these faces was erased. seqs: each once."""
    sql = "SELECT count(*) FROM json_each(?) j CROSS JOIN faces f ON f.seq = j.value"
    return bool(db.execute(sql, [json.dumps(list(seqs))]).fetchone()[0] == len(seqs))


def _places(known: Ids, seqs: Numbers, wanted: Ids) -> Numbers:
    found = np.full(len(wanted), GONE, np.int64)
    first = np.ascontiguousarray(known[:, 0])
    at = np.searchsorted(first, wanted[:, 0])
    looking = np.arange(len(wanted))
    while len(looking):  # twice only where two ids begin alike
        looking = looking[at[looking] < len(first)]
        looking = looking[first[at[looking]] == wanted[looking, 0]]
        hit = known[at[looking], 1] == wanted[looking, 1]
        found[looking[hit]] = seqs[at[looking[hit]]]
        looking = looking[~hit]
        at[looking] += 1
    return found
