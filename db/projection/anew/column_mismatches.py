"""Whether the columns for quick filters hold what the tables say, computed anew of every face."""

from __future__ import annotations

import json
from typing import Final

from sqlite_utils.db import Database as Db

from db.base.lean.lazy_numpy import np
from db.projection.columns import BLOCK, GROUP_OF, GROUPS, LAST, NOTHING, Faces
from pipeline.core.messages import Finding, finding
from pipeline.core.metrics import MISSING

_STRAY_SQL: Final = """
SELECT 'face_columns', block FROM face_columns WHERE name NOT IN (SELECT value FROM json_each(:names)) OR block < 0
  OR block > (SELECT max(ifnull(max(seq), 0), ifnull((SELECT seq FROM sqlite_sequence WHERE name = 'faces'), 0))
    FROM faces) / :size
UNION ALL SELECT 'face_state', seq FROM face_state WHERE seq NOT IN (SELECT seq FROM faces)
UNION ALL SELECT 'face_changes', seq FROM face_changes WHERE seq NOT BETWEEN 0 AND
  (SELECT max(ifnull(max(seq), 0), ifnull((SELECT seq FROM sqlite_sequence WHERE name = 'faces'), 0)) FROM faces)
LIMIT 1
"""
"""Rows that belong to no face."""


def find_mismatches(db: Db) -> list[Finding]:
    """One sentence for each column that differs from the tables, empty if none. Reads every face."""
    stray = db.execute(_STRAY_SQL, {"names": json.dumps(list(GROUP_OF)), "size": BLOCK}).fetchone()
    if stray is not None:  # a number of any size would make columns of that length
        return [finding("found_stray", table=stray[0], row=str(stray[1]))]
    torn = db.execute(
        "SELECT name, block FROM face_columns WHERE length(data) IS NOT ? LIMIT 1", [4 * BLOCK]
    ).fetchone()
    if torn is not None:  # no numbers can be read from it
        return [finding("found_column_cut", name=str(torn[0]), block=str(torn[1]))]
    faces = Faces(db, keep=False)
    every = "(SELECT seq, 1 AS figures FROM face_state)"
    wrong: set[str] = set()
    for names, sql in GROUPS:
        wanted = {name: np.full(faces.length, NOTHING.get(name, MISSING), np.int32) for name in names}
        for seq, *values in db.execute(sql.replace("face_changes", every), [0, LAST]):
            if seq >= faces.length:
                wrong.add("state")
                continue
            for name, value in zip(names, values, strict=True):
                if value is None or not -(2**31) <= value < 2**31:
                    wrong.add(name)  # Moue writes no such state
                else:
                    wanted[name][seq] = value
        try:
            wrong.update(name for name in names if not np.array_equal(faces.column(name), wanted[name]))
        except (OverflowError, TypeError):  # the same, in a change that waits to be compacted
            wrong.update(names)
    return [finding("found_column", name=name) for name in GROUP_OF if name in wrong]
