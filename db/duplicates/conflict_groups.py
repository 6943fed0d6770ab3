"""Which groups have a label conflict, without their faces being read again for each answer.

Which faces of a group are the same one is told by boxes and members, which answers leave alone: it is worked out once
for a group that may have a conflict, and kept. What the faces are labelled stands in a column.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations, groupby
from operator import itemgetter
from typing import Final

from sqlite_utils.db import Database as Db

from db.duplicates.conflicts import CANDIDATES_SQL, conflicts, same_face, views_of
from db.projection import columns
from db.reads.face_counts import FEW
from db.schema import table_digests
from db.schema.kept_results import kept

MOST_FACES: Final = 12
"""Of a group; the frames of a still film are hundreds, and have tens of thousands of pairs."""
MOST_GROUPS: Final = 1 << 15
"""Kept of a workspace, some 10 MB; the others are worked out each time."""
MOST_WORKSPACES: Final = 4
_OF: Final = ("faces", "images", "near_pairs")
_MEMBERS_SQL: Final = "SELECT group_concat(group_id || ' ' || sha256) FROM duplicate_members"
_FACES_SQL: Final = """
SELECT m.group_id, f.sha256, f.seq, f.x1 / i.width, f.y1 / i.height, f.x2 / i.width, f.y2 / i.height,
       NOT EXISTS (SELECT 1 FROM faces o WHERE o.sha256 = f.sha256 AND o.seq <> f.seq AND o.removed_at IS NULL)
FROM json_each(?) w CROSS JOIN duplicate_members m ON m.group_id = w.value
CROSS JOIN images i ON i.sha256 = m.sha256 CROSS JOIN faces f ON f.sha256 = m.sha256
ORDER BY m.group_id, f.sha256, f.seq
"""

_Noted = tuple[tuple[str, int, bytes], ...] | None
_Pairs = tuple[tuple[int, int], ...]


@dataclass(slots=True, eq=False)
class _Known:
    """noted: of `_OF`. grouped: the digest of `duplicate_members`, which an answer on a face of theirs changes, too;
    members: that of who is in which group. same: of each group the seqs of the faces that are the same, None where they
    are too many."""

    noted: _Noted
    grouped: _Noted
    members: bytes
    same: dict[int, _Pairs | None] = field(default_factory=dict)


_known: Final[OrderedDict[str, _Known]] = OrderedDict()
_lock: Final = threading.Lock()


def conflict_groups(db: Db) -> tuple[int, ...]:
    """The numbers of the groups with at least one of `conflicts`, ascending."""
    candidates = kept(db, _candidates, "duplicate_members")
    noted, grouped = (table_digests.noted(db, tables) for tables in (_OF, ("duplicate_members",)))
    if not candidates or not db.conn.in_transaction or noted is None or grouped is None:
        return _plain(db, candidates)
    same = _same_faces(db, noted, grouped)
    room = max(0, MOST_GROUPS - len(same))
    same |= _learn(db, [number for number in candidates if number not in same][:room])
    faces = columns.Faces(db)
    state = faces.plain_column("state") if faces.length <= FEW else faces.column("state")
    found = [number for number in candidates if any(_differ(state[a], state[b]) for a, b in same.get(number) or ())]
    return tuple(sorted([*found, *_plain(db, [number for number in candidates if same.get(number) is None])]))


def _candidates(db: Db) -> tuple[int, ...]:
    return tuple(number for (number,) in db.execute(CANDIDATES_SQL.format(chosen="")))


def _differ(one: int, other: int) -> bool:
    return one != other and min(one, other) > columns.ACCEPTED


def _plain(db: Db, numbers: Sequence[int]) -> tuple[int, ...]:
    return tuple(sorted({conflict.group_id for conflict in conflicts(db, numbers)})) if numbers else ()


def _same_faces(db: Db, noted: _Noted, grouped: _Noted) -> dict[int, _Pairs | None]:
    """What is known of the groups as this snapshot has them; what is put into it is kept."""
    key = str(db.execute("PRAGMA database_list").fetchone()[2])
    with _lock:
        known = _known.get(key)
    if known is None or (known.noted, known.grouped) != (noted, grouped):
        (listed,) = db.execute(_MEMBERS_SQL).fetchone()
        members = hashlib.sha256((listed or "").encode()).digest()
        again = known is not None and (known.noted, known.members) == (noted, members)
        known = _Known(noted, grouped, members, known.same if known is not None and again else {})
    with _lock:
        _known[key] = known
        _known.move_to_end(key)
        while len(_known) > MOST_WORKSPACES:
            _known.popitem(last=False)
    return known.same


def _learn(db: Db, numbers: Sequence[int]) -> dict[int, _Pairs | None]:
    listed = json.dumps(numbers)
    views = views_of(db, listed)
    found: dict[int, _Pairs | None] = {}
    for number, rows in groupby(db.execute(_FACES_SQL, [listed]) if numbers else (), itemgetter(0)):
        faces = list(rows)
        found[number] = None if len(faces) > MOST_FACES else tuple(
            (one[2], other[2])
            for one, other in combinations(faces, 2)
            if one[1] != other[1] and same_face(one[3:], other[3:], views.get((one[1], other[1])))
        )  # fmt: skip
    return found
