"""What an export takes: the accepted faces, and which photos must not straddle its splits."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlite_utils.db import Database as Db

from db.people.persons import person_of_faces
from db.reads.groups import split_groups
from db.tables import provenance
from pipeline.core.border import Border, filled_share
from pipeline.core.geometry import BoundingBox, CropBox
from pipeline.core.metrics import BY_NAME, DIFFERENCE_METRICS
from pipeline.core.records import ExportItem, Provenance, Settings

_LOOK_UP: Final = 20
"""Rows of the log that are read in a row in the time in which one is looked up."""
_NO_CONTEXT: Final[Mapping[str, Any]] = {}


def uncompared_accepted(db: Db, *, with_rejected: bool = False) -> list[str]:
    """Images with an accepted face that were not compared with all others: their near copies are not known yet."""
    # by the faces' numbers, and what is left to do by its own indexes: half the time of joining each photo's hashes
    sql = f"""
    SELECT DISTINCT f.sha256 FROM face_state s CROSS JOIN faces f ON f.seq = s.seq
    WHERE s.verdict IN {_verdicts(with_rejected)} AND (
      NOT EXISTS (SELECT 1 FROM image_hashes h WHERE h.sha256 = f.sha256)
      OR f.sha256 IN (SELECT sha256 FROM image_hashes WHERE compared = 0)
      OR EXISTS (SELECT 1 FROM image_hashes WHERE compared = 1 AND by_faces = 0)
      OR (EXISTS (SELECT 1 FROM meta WHERE key = 'near_incomplete_again')
        AND f.sha256 IN (SELECT sha256 FROM image_hashes WHERE left_off = 1))) ORDER BY f.sha256
    """
    return [sha256 for (sha256,) in db.execute(sql)]


def _verdicts(with_rejected: bool) -> str:
    return "('accept', 'reject')" if with_rejected else "('accept')"


def accepted_items(db: Db, *, with_rejected: bool = False) -> list[ExportItem]:
    """What an export takes: the accepted faces, sorted by image hash and face id. with_rejected: and those.

    The group is the smallest SHA-256 of all it is joined with (`split_groups`), most often the image itself.
    """
    # in the order of the rows of `faces` and without `decisions`, whose keys are random: half the time
    sql = f"""
    WITH s AS MATERIALIZED (
      SELECT seq, verdict, class_id, annotator, decision_uuid FROM face_state
      WHERE verdict IN {_verdicts(with_rejected)} ORDER BY seq)
    SELECT f.id, f.sha256, ifnull(c.name, ''), s.annotator, f.detector, f.x1, f.y1, f.x2, f.y2,
           f.crop_x, f.crop_y, f.crop_width, f.crop_height, f.crop_angle, f.crop_version,
           i.width, i.height, i.processing, i.margin, i.detector,
           ifnull((SELECT g.location FROM sightings g WHERE g.sha256 = f.sha256 ORDER BY g.id LIMIT 1), i.original),
           s.decision_uuid, f.landmark_model,
           (SELECT avg(a.verdict = s.verdict AND a.class_id IS s.class_id) FROM answers a
            WHERE a.face_id = f.id AND substr(a.annotator, 1, 5) <> 'rule:'), q.sharpness, i.original, s.verdict
    FROM s
    CROSS JOIN faces f ON f.seq = s.seq
    CROSS JOIN images i ON i.sha256 = f.sha256
    LEFT JOIN classes c ON c.id = s.class_id
    LEFT JOIN face_quality q ON q.seq = f.seq
    """
    made = _Items(split_groups(db), _from_web(db, with_rejected), _persons(db), _contexts(db, with_rejected))
    items = [made.item(row) for row in db.execute(sql)]
    items.sort(key=lambda item: (item.image_sha256, item.face_id))
    return items


def _contexts(db: Db, with_rejected: bool) -> dict[str, dict[str, Any]]:
    """How the decisions that count were made, by their uuid, where that was noted. Of others, too, where that is less
    to read than to look up each one."""
    where = f"FROM face_state WHERE verdict IN {_verdicts(with_rejected)}"
    ((counting, log),) = db.execute(f"SELECT (SELECT count(*) {where}), (SELECT ifnull(max(seq), 0) FROM decisions)")
    which = "" if log < _LOOK_UP * counting else f" AND uuid IN (SELECT decision_uuid {where})"
    sql = f"SELECT uuid, context FROM decisions WHERE context IS NOT NULL{which}"
    return {uuid: json.loads(context) for uuid, context in db.execute(sql)}


def _from_web(db: Db, with_rejected: bool) -> dict[str, tuple[Provenance, ...]]:
    """Where on the web the images are from. Of others, too, where that is less to read than to look up each one."""
    where = f"face_state s CROSS JOIN faces f ON f.seq = s.seq WHERE s.verdict IN {_verdicts(with_rejected)}"
    counting = f"SELECT count(*) FROM face_state WHERE verdict IN {_verdicts(with_rejected)}"
    ((leaving, known),) = db.execute(f"SELECT ({counting}), (SELECT count(*) FROM provenance)")
    return provenance.of_all(db, None if known < _LOOK_UP * leaving else f"SELECT f.sha256 FROM {where}")


def _persons(db: Db) -> dict[str, str]:
    """Of each face whose person is known the first of all faces of that person: another workspace with the same photos
    numbers its persons otherwise."""
    of_faces = person_of_faces(db)
    first: dict[int, str] = {}
    for face in sorted(of_faces):
        first.setdefault(of_faces[face], face)
    return {face: first[person] for face, person in of_faces.items()}


def figures_of(db: Db, face_ids: Sequence[str]) -> dict[str, tuple[float | None, ...]]:
    """The metrics DIFFERENCE_METRICS of the faces that were measured, each in its own unit."""
    metrics = [BY_NAME[name] for name in DIFFERENCE_METRICS]
    columns = ", ".join(f"q.{metric.name}" for metric in metrics)
    sql = f"""
    SELECT f.id, {columns} FROM json_each(?) w JOIN faces f ON f.id = w.value JOIN face_quality q ON q.seq = f.seq
    """
    return {
        face: tuple(metric.from_stored(number) for metric, number in zip(metrics, stored, strict=True))
        for face, *stored in db.execute(sql, [json.dumps(list(face_ids))])
    }


@dataclass(frozen=True, slots=True)
class KnownFace:
    """What an export needs of a face beside what its manifest says; as in `ExportItem`."""

    crop_version: str
    border: Border
    filled: float
    provenance: tuple[Provenance, ...]
    location: str
    width: int
    height: int
    margin: float
    upright: bool
    original: str


def known_faces(db: Db, face_ids: Sequence[str]) -> dict[str, KnownFace]:
    """Those of these faces that are there, whatever was decided on them."""
    sql = """
    SELECT f.id, f.sha256, f.crop_version, f.crop_x, f.crop_y, f.crop_width, f.crop_height, f.crop_angle,
           i.width, i.height, i.processing, i.margin, i.detector,
           ifnull((SELECT g.location FROM sightings g WHERE g.sha256 = f.sha256 ORDER BY g.id LIMIT 1), i.original),
           i.original
    FROM json_each(?) w JOIN faces f ON f.id = w.value JOIN images i ON i.sha256 = f.sha256
    WHERE f.removed_at IS NULL
    """
    from_web = provenance.of_all(db)
    return {row[0]: _known(row, from_web) for row in db.execute(sql, [json.dumps(list(face_ids))])}


def _known(row: tuple[Any, ...], from_web: Mapping[str, tuple[Provenance, ...]]) -> KnownFace:
    width, height = row[8:10]
    settings = Settings.of_processing(*row[10:13])
    return KnownFace(
        row[2], settings.border, filled_share(CropBox(*row[3:8]), width, height), from_web.get(row[1], ()), row[13],
        width, height, settings.margin, settings.upright, row[14],
    )  # fmt: skip


class _Items:
    """Makes an item of each row. What many have in common is held once: a hundred thousand take half the memory."""

    def __init__(
        self,
        groups: Mapping[str, str],
        from_web: Mapping[str, tuple[Provenance, ...]],
        persons: Mapping[str, str],
        contexts: Mapping[str, Mapping[str, Any]],
    ) -> None:
        self._groups, self._from_web, self._persons, self._contexts = groups, from_web, persons, contexts
        self._settings: dict[tuple[Any, ...], Settings] = {}
        self._same: dict[Any, Any] = {}

    def item(self, row: tuple[Any, ...]) -> ExportItem:
        crop, settings, once = CropBox(*row[9:14]), self._settings_of(row[17:20]), self._same.setdefault
        sha, context = once(row[1], row[1]), self._contexts.get(row[21], _NO_CONTEXT)
        return ExportItem(
            face_id=row[0],
            image_sha256=sha,
            group=self._groups.get(sha, sha),
            label=once(row[2], row[2]),
            annotator=once(row[3], row[3]),
            detector=once(row[4], row[4]),
            box=BoundingBox(*row[5:9]),
            crop=crop,
            crop_version=row[14],
            location=once(row[20], row[20]),
            provenance=self._from_web.get(sha, ()),
            border=settings.border,
            filled=filled_share(crop, *row[15:17]),
            confirmed=_confirmed(context.get("confirmed")),
            landmark_model=once(row[22], row[22]),
            agreement=row[23],
            sharpness=None if row[24] is None else BY_NAME["sharpness"].from_stored(row[24]),
            width=once(row[15], row[15]),
            height=once(row[16], row[16]),
            margin=settings.margin,
            upright=settings.upright,
            original=once(row[25], row[25]),
            person=self._persons.get(row[0], ""),
            rejected=row[26] == "reject",
            off_screen=bool(context.get("off_screen")),
        )

    def _settings_of(self, noted: tuple[Any, ...]) -> Settings:
        found = self._settings.get(noted)
        if found is None:
            found = self._settings[noted] = Settings.of_processing(*noted)
        return found


def _confirmed(told: Mapping[str, Any] | None) -> str:
    """`moue 12 0.9712`: suggester, version and probability; "" for None."""
    if told is None:
        return ""
    return f"{told['suggester']} {told['version']} {told['probability']:.4f}"
