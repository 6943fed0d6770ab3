"""What is to be told of a workspace's suggestions in one line."""

from __future__ import annotations

from dataclasses import dataclass

from sqlite_utils.db import Database as Db

from db.suggest import models
from db.tables import suggesters


@dataclass(frozen=True, slots=True)
class Suggesting:
    """on: whether classes are suggested. suggester: whose suggestions are shown; version, kind, made_at and labels (it
    learned from so many): of its newest version, None and "" where there is none. waiting: faces whose suggestion is
    still to be computed."""

    on: bool
    suggester: str
    version: int | None = None
    kind: str = ""
    made_at: str = ""
    labels: int = 0
    waiting: int = 0


def read(db: Db) -> Suggesting:
    on, name = suggesters.are_on(db), suggesters.in_force(db)
    (waiting,) = db.execute("SELECT count(*) FROM suggestion_pending").fetchone()
    model = models.newest(db, name)
    if model is None:
        return Suggesting(on, name, waiting=waiting)
    return Suggesting(on, name, model.version, model.kind, model.made_at, model.n_labels, waiting)
