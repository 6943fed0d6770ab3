"""The numbers of the whole workspace at one moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from sqlite_utils.db import Database as Db

from db.base.outcome_order import OUTCOME_RANKS
from db.projection import columns
from db.projection.anew import recounts
from db.reads.face_counts import count_states, count_values, count_waiting
from db.schema.kept_results import kept
from db.tables.consensus_rules import DEFAULT, WAITING_FOR, ConsensusRule, current_rule
from pipeline.core.geometry import DLIB, LANDMARK_MODELS
from pipeline.core.metrics import MISSING
from pipeline.core.outcome import Outcome

COPIES: Final = OUTCOME_RANKS.index(Outcome.ALREADY_PRESENT)
"""The rank from which files are listed only where they are asked for."""
_COUNTED_SQL: Final = "SELECT source_id, outcome_rank, count(*) FROM sightings GROUP BY source_id, outcome_rank"
COUNT_SQL: Final = {
    "images": "SELECT count(*) FROM images",
    "decisions": "SELECT ifnull(max(seq), 0) FROM decisions",  # the log has no gaps
    "annotators": "SELECT count(*) FROM annotators",
    "sources": "SELECT count(*) FROM sources",
}
"""The statements of `workspace_counts`, for the test that looks at their plans."""
BLACK: Final = """(instr(processing, '"border": ') = 0 AND instr(processing, '"detector": "course"') = 0)"""
"""Whether crops of an image that stick out are black there, 0 or 1: the expression of the index `images_black`."""
BARS_SQL: Final = f"""
SELECT count(*) FROM images i CROSS JOIN faces f ON f.sha256 = i.sha256 CROSS JOIN face_quality q ON q.seq = f.seq
WHERE {BLACK} = 1 AND q.filled BETWEEN 1 AND {MISSING - 1}
"""


@dataclass(frozen=True, slots=True)
class Counts:
    """Numbers of the whole workspace at one moment.

    images: stored ones (added and no_face). faces = undecided + waiting + accepted + rejected + unsure. undecided:
    nobody answered; waiting: people did, and nothing counts yet. decisions: rows of the log, undos too. by_outcome:
    every outcome, over all files met. by_class: accepted faces by class name, in the classes' order, with zeros; behind
    them the archived classes that some faces carry (an undo brought them back). by_waiting: why how many wait, with
    zeros. consensus: the rule that holds. recounting: how many faces may still be counted under an earlier one, None:
    none.
    """

    images: int
    faces: int
    undecided: int
    accepted: int
    rejected: int
    unsure: int
    decisions: int
    annotators: int
    sources: int
    by_outcome: dict[str, int]
    by_class: dict[str, int]
    waiting: int = 0
    by_waiting: dict[str, int] = field(default_factory=dict)
    consensus: ConsensusRule = DEFAULT
    recounting: int | None = None

    @property
    def decided(self) -> int:
        """Faces on which something counts."""
        return self.faces - self.undecided - self.waiting


def workspace_counts(db: Db) -> Counts:
    """All counts; also what `status` prints."""
    states = count_states(db)
    by_class_id = {state - columns.ACCEPTED: n for state, n in states.items() if state > columns.ACCEPTED}
    recount = recounts.waiting(db)
    rows = db.execute("SELECT id, name, archived FROM classes ORDER BY archived, position, id").fetchall()
    classes = [(number, name) for number, name, archived in rows if not archived or by_class_id.get(number)]
    single = {name: _single(db, COUNT_SQL[name]) for name in ("decisions", "annotators", "sources")}
    return Counts(
        **single,
        images=count_images(db),
        faces=sum(states.values()),
        undecided=states.get(columns.UNDECIDED, 0),
        waiting=states.get(columns.ANSWERED, 0),
        accepted=sum(by_class_id.values()),
        rejected=states.get(columns.REJECTED, 0),
        unsure=states.get(columns.UNSURE, 0),
        by_outcome=count_outcomes(db),
        by_class={name: by_class_id.get(number, 0) for number, name in classes},
        by_waiting=count_waiting(db) if states.get(columns.ANSWERED) else dict.fromkeys(WAITING_FOR, 0),
        consensus=current_rule(db),
        recounting=None if recount is None else recount.left,
    )


def count_images(db: Db) -> int:
    """How many images are stored."""
    return kept(db, _images, "images")


def _images(db: Db) -> int:
    return _single(db, COUNT_SQL["images"])


class _Counted(NamedTuple):
    """How many files have each outcome, by its rank; and in each source."""

    by_rank: Mapping[int, int]
    by_source: Mapping[tuple[int, int], int]


def count_files(db: Db, outcome: str | None, source_id: int | None) -> int:
    """How many files `db.reads.files.clean_page` has in all."""
    counted = kept(db, _counted, "sightings")
    ranks = range(COPIES) if outcome is None else (OUTCOME_RANKS.index(Outcome(outcome)),)
    if source_id is None:
        return sum(counted.by_rank.get(rank, 0) for rank in ranks)
    return sum(counted.by_source.get((source_id, rank), 0) for rank in ranks)


def count_outcomes(db: Db) -> dict[str, int]:
    """How many files have each outcome, with zeros."""
    by_rank = kept(db, _counted, "sightings").by_rank
    return {str(outcome): by_rank.get(rank, 0) for rank, outcome in enumerate(OUTCOME_RANKS)}


def _counted(db: Db) -> _Counted:
    by_rank: Counter[int] = Counter()
    by_source: dict[tuple[int, int], int] = {}
    for source_id, rank, number in db.execute(_COUNTED_SQL):
        by_rank[rank] += number
        by_source[source_id, rank] = number
    return _Counted(by_rank, by_source)


def count_landmarks(db: Db) -> dict[str, int]:
    """Of how many listed faces each model placed the landmarks, with zeros."""
    placed = count_values(db, "landmarks")  # dlib's number stands where no face is listed, too
    others: dict[str, int] = {model: placed[number] for number, model in enumerate(LANDMARK_MODELS) if model != DLIB}
    return {DLIB: sum(count_states(db).values()) - sum(others.values()), **others}


def black_bars(db: Db) -> int:
    """How many crops have a black bar: they stick out of their photo, and its crops' borders are black.

    Mostly all photos' borders are alike, which an index tells, and a column counts their crops. Where they are not,
    the photos with black borders are visited one by one.
    """
    if not _any(db, black=1):
        return 0
    if not _any(db, black=0):
        filled = columns.Faces(db).column("filled")
        return int(((filled > 0) & (filled != MISSING)).sum())
    return _single(db, BARS_SQL)


def _any(db: Db, black: int) -> bool:
    return db.execute(f"SELECT 1 FROM images WHERE {BLACK} = ? LIMIT 1", [black]).fetchone() is not None


def _single(db: Db, sql: str) -> int:
    (number,) = db.execute(sql).fetchone()
    return int(number)
