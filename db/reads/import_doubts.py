"""Labels of an imported data set that wait for a person: the photo may be one that was here, or the face another.

They stand as JSON in `meta`, at most `MOST`: few, short-lived, and never on the way of a key or a photo.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Literal

from sqlite_utils.db import Database as Db

from db.base.meta import forget_value, put_value, value_of
from db.reads.imports import keep_report, last_report

KEY: Final = "import_doubts"
MOST: Final = 2_000
"""Those beyond are met again when the data set is imported once more."""
_SHOWN_SQL: Final = """
SELECT f.id, f.crop_version, ifnull(o.id, ''), ifnull(o.crop_version, ''), ifnull(c.name, '')
FROM json_each(?) j CROSS JOIN faces f ON f.id = j.value ->> 0 AND f.removed_at IS NULL
LEFT JOIN faces o ON o.id = (SELECT x.id FROM faces x WHERE x.sha256 = j.value ->> 1 AND x.removed_at IS NULL
                             ORDER BY x.rank, x.seq LIMIT 1)
LEFT JOIN face_state s ON s.face_id = o.id AND s.verdict = 'accept' LEFT JOIN classes c ON c.id = s.class_id
WHERE NOT EXISTS (SELECT 1 FROM answers a WHERE a.face_id = f.id AND substr(a.annotator, 1, 5) <> 'rule:')
ORDER BY j.key
"""


@dataclass(frozen=True, slots=True)
class Doubt:
    """face_id, sha256: whose label it would be. place: the picture in the data set.

    why: `near`, the photo looks like `other` (SHA-256), which was here before; `face`, the release names a face that
    the photo does not have; `box`, its box lies beside the face. left: somebody said that the label is not to be taken.
    """

    face_id: str
    sha256: str
    label: str
    split: str
    line: str
    annotator: str
    place: str
    why: Literal["near", "face", "box"]
    other: str = ""
    left: bool = False


@dataclass(frozen=True, slots=True)
class ShownDoubt:
    """A doubt as it is shown. other_face: "" where the other photo has none; other_label: what that face is."""

    doubt: Doubt
    crop_version: str
    other_face: str
    other_version: str
    other_label: str

    @property
    def agrees(self) -> bool:
        """Whether the two photos would have one label."""
        return self.doubt.label == self.other_label


def kept(db: Db) -> list[Doubt]:
    """All that were noted and not taken, also those that were left."""
    found = value_of(db, KEY)
    return [] if found is None else [Doubt(**one) for one in json.loads(found)]


def open_doubts(db: Db) -> list[ShownDoubt]:
    """Those that wait, oldest first: neither left nor of a face that a person has answered meanwhile."""
    waiting = {one.face_id: one for one in kept(db) if not one.left}
    asked = json.dumps([[one.face_id, one.other] for one in waiting.values()])
    return [ShownDoubt(waiting[face_id], *rest) for face_id, *rest in db.execute(_SHOWN_SQL, [asked])]


def add(db: Db, doubts: Sequence[Doubt]) -> int:
    """Note these, each face once; how many found no room. Inside a write."""
    known = {one.face_id: one for one in kept(db)}
    known |= {one.face_id: one for one in doubts if not (one.face_id in known and known[one.face_id].left)}
    found = list(known.values())
    _put(db, found[:MOST])
    return max(0, len(found) - MOST)


def drop(db: Db, face_ids: Collection[str]) -> None:
    """Forget these. Inside a write."""
    _put(db, [one for one in kept(db) if one.face_id not in face_ids])


def leave(db: Db, face_ids: Collection[str]) -> None:
    """Note that these labels are not to be taken, also when the data set comes again. Inside a write."""
    _put(db, [replace(one, left=one.left or one.face_id in face_ids) for one in kept(db)])


def forget_image(db: Db, sha256: str, names: Iterable[str]) -> None:
    """Take an erased photo out, and the names of its files out of the last report. Inside a write."""
    others = [one for one in kept(db) if one.sha256 != sha256]
    _put(db, [replace(one, other="") if one.other == sha256 else one for one in others])
    report = last_report(db)
    if report is None:
        return
    places = tuple(names)
    left = {
        key: [one for one in value if not _names(one, places)] if isinstance(value, list) else value
        for key, value in report.items()
    }
    keep_report(db, left)


def _names(told: Any, names: Sequence[str]) -> bool:
    """Whether an entry of a report is of one of these files."""
    place = str(told.get("params", {}).get("place", "")) if isinstance(told, dict) else ""
    other = str(told.get("params", {}).get("other", "")) if isinstance(told, dict) else ""
    return any((place and name.endswith(place)) or (other and other == name) for name in names)


def _put(db: Db, doubts: Sequence[Doubt]) -> None:
    if not doubts:
        forget_value(db, KEY)
        return
    put_value(db, KEY, json.dumps([asdict(one) for one in doubts]))
