"""What a release tells of faces beside their classes: landmarks, quality, and how many people gave which answer."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict

from sqlite_utils.db import Database as Db

from db.base.quality_columns import QUALITY_COLUMNS, quality_of
from db.reads.details import unpack_landmarks
from pipeline.core.metrics import FaceFacts


def face_facts(db: Db, face_ids: Sequence[str]) -> list[FaceFacts]:
    """Of each of the faces, in their order; of one that is gone nothing is told."""
    asked = json.dumps(list(face_ids))
    votes: dict[str, dict[str, int]] = defaultdict(dict)
    answered = """
    SELECT a.face_id, CASE WHEN a.verdict = 'accept' THEN c.name ELSE a.verdict END AS answer, count(*)
    FROM json_each(?) AS j JOIN answers a ON a.face_id = j.value LEFT JOIN classes c ON c.id = a.class_id
    GROUP BY a.face_id, answer ORDER BY a.face_id, answer
    """
    for face_id, answer, number in db.execute(answered, [asked]):
        votes[face_id][answer] = number
    sql = f"""
    SELECT f.id, f.landmarks, {QUALITY_COLUMNS} FROM json_each(?) AS j
    JOIN faces f ON f.id = j.value LEFT JOIN face_quality q ON q.seq = f.seq
    """
    found = {}
    for face_id, landmarks, *stored in db.execute(sql, [asked]):
        quality = quality_of(stored)
        metrics = {} if quality is None else asdict(quality)
        found[face_id] = FaceFacts(unpack_landmarks(landmarks), metrics, tuple(votes[face_id].items()))
    return [found.get(face_id, FaceFacts()) for face_id in face_ids]
