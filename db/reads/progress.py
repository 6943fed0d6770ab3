"""What the Progress page shows: decisions over time, paces, targets, and what became of each source. Only
`set_targets` writes."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from sqlite_utils.db import Database as Db

from db.base.meta import put_value, value_of
from db.base.outcome_order import OUTCOME_RANKS
from db.projection import columns
from db.projection.columns import Faces
from db.reads.decision_sums import DecisionSums, Numbers
from db.reads.sources import SourceRow, list_sources
from db.tables import audit
from db.tables.annotators import RULE_PREFIX
from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.core.metrics import BY_NAME, MISSING
from pipeline.core.outcome import Outcome

MOST: Final = 10_000_000
"""The largest target of a class."""
_TARGETS_KEY: Final = "targets"

BY_SOURCE_SQL: Final = "SELECT source_id, count(*) FROM sightings WHERE outcome_rank = ? GROUP BY source_id"
REASONS_SQL: Final = """
SELECT source_id, ifnull(reason, ''), count(*) FROM face_state WHERE verdict = 'reject'
GROUP BY source_id, reason ORDER BY count(*) DESC, reason
"""


@dataclass(frozen=True, slots=True)
class Tally:
    """So many standing decisions of one annotator came to `state` in one quarter of an hour (its number since 1970)."""

    quarter: int
    annotator: str
    state: int
    decisions: int


@dataclass(frozen=True, slots=True)
class Pace:
    """One annotator's standing decisions by state, how many more were taken back, and the time that they took.

    timed: those that were timed and no pause; work_ms: what these took together; median_ms: None where none is.
    """

    annotator: str
    rule: bool
    states: dict[int, int]
    undone: int
    timed: int
    work_ms: int
    median_ms: float | None

    @property
    def decisions(self) -> int:
        return sum(self.states.values())

    @property
    def per_minute(self) -> float | None:
        """While at work."""
        return self.timed * 60_000 / self.work_ms if self.work_ms else None


@dataclass(frozen=True, slots=True)
class Funnel:
    """What became of one source. passed_over: files that were not looked at. faceless: photos in which no face was
    found; reasons: rejected faces by reason (`""`: none given), the commonest first. decided = accepted + unsure +
    rejected."""

    source: SourceRow
    faceless: int
    passed_over: int
    faces: int
    decided: int
    accepted: int
    unsure: int
    reasons: dict[str, int]

    @property
    def rejected(self) -> int:
        return sum(self.reasons.values())

    @property
    def losses(self) -> dict[str, int]:
        """file: files looked at that became no new photo; photo: photos without a face; face: rejected ones."""
        return {
            "file": self.source.files - self.source.images - self.passed_over,
            "photo": self.faceless,
            "face": self.rejected,
        }


def is_rule_annotator(annotator: str) -> bool:
    return annotator.startswith(RULE_PREFIX)


def tallies(sums: DecisionSums) -> list[Tally]:
    """The decisions that stand, by time, annotator and state, oldest first."""
    columns_of = (sums.quarter, sums.who, sums.state, sums.decisions)
    return [
        Tally(quarter, sums.names[who], state, number)
        for quarter, who, state, number in zip(*(one.tolist() for one in columns_of), strict=True)
    ]


def paces(sums: DecisionSums) -> list[Pace]:
    """Each annotator's decisions and times: people first, in alphabetical order: nobody is ranked."""
    found = []
    for index, name in enumerate(sums.names):
        mine, looked = sums.who == index, sums.looker == index
        states = np.bincount(sums.state[mine], sums.decisions[mine]).astype(int).tolist()
        took, looks = sums.took_ms[looked], sums.looks[looked]
        found.append(Pace(
            name, is_rule_annotator(name), {state: number for state, number in enumerate(states) if number},
            int(sums.undone[index]), int(looks.sum()), int(took @ looks), _median(took, looks),
        ))  # fmt: skip
    return sorted(found, key=lambda one: (one.rule, one.annotator.casefold(), one.annotator))


def _median(values: Numbers, counts: Numbers) -> float | None:
    """Of values in order, each of which came so often; None where there is none."""
    if not len(values):
        return None
    places = np.cumsum(counts)
    middle = np.searchsorted(places, [(places[-1] - 1) // 2, places[-1] // 2], "right")
    return float(values[middle].mean())


def targets(db: Db) -> dict[int, int]:
    """How many accepted faces each class shall have, by class id; only those that have a target."""
    found = json.loads(value_of(db, _TARGETS_KEY) or "{}")
    return {int(class_id): int(number) for class_id, number in found.items()}


def set_targets(db: Db, wanted: Mapping[int, int], *, by: str = audit.COMMAND_LINE) -> None:
    """Set the targets of these classes, 0 takes one away; the others' stay. Inside a write. Raises UsageError."""
    known = {class_id for (class_id,) in db.execute("SELECT id FROM classes")}
    for class_id, number in wanted.items():
        if class_id not in known:
            raise UsageError(message("class_unknown_reload", n=class_id))
        if not 0 <= number <= MOST:
            raise UsageError(message("target_range", most=MOST, n=number))
    kept = {class_id: number for class_id, number in {**targets(db), **wanted}.items() if number}
    put_value(db, _TARGETS_KEY, json.dumps(kept, sort_keys=True))
    if wanted:
        audit.append(db, by, "targets", {"targets": {str(class_id): number for class_id, number in wanted.items()}})


def funnels(db: Db) -> list[Funnel]:
    """What became of each source; the one that lost most comes first."""
    faceless, passed_over = (
        dict(db.execute(BY_SOURCE_SQL, [OUTCOME_RANKS.index(outcome)]).fetchall())
        for outcome in (Outcome.NO_FACE, Outcome.PASSED_OVER)
    )
    reasons: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for source, reason, number in db.execute(REASONS_SQL):
        reasons[source][reason] = number
    faces = _faces_by_source(db)
    found = [
        _funnel(one, (faceless.get(one.id, 0), passed_over.get(one.id, 0)), faces[one.id], reasons[one.id])
        for one in list_sources(db)
    ]
    return sorted(found, key=lambda one: (-sum(one.losses.values()), one.source.id))


def _funnel(source: SourceRow, files: tuple[int, int], states: Counter[int], reasons: dict[str, int]) -> Funnel:
    return Funnel(
        source, *files, states.total(), states.total() - states[columns.UNDECIDED] - states[columns.ANSWERED],
        sum(number for state, number in states.items() if state > columns.ACCEPTED), states[columns.UNSURE], reasons,
    )  # fmt: skip


def sum_of(found: Sequence[Funnel]) -> Funnel:
    """All of them as one, of a source that has the number 0."""
    reasons: Counter[str] = Counter()
    for one in found:
        reasons.update(one.reasons)
    commonest = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    return Funnel(
        SourceRow(0, "", "", sum(one.source.images for one in found), sum(one.source.files for one in found), ""),
        faceless=sum(one.faceless for one in found),
        passed_over=sum(one.passed_over for one in found),
        faces=sum(one.faces for one in found),
        decided=sum(one.decided for one in found),
        accepted=sum(one.accepted for one in found),
        unsure=sum(one.unsure for one in found),
        reasons=dict(commonest),
    )


def _faces_by_source(db: Db) -> defaultdict[int, Counter[int]]:
    """Faces by source and state."""
    faces = Faces(db)
    state, source = faces.column("state"), faces.column("source")
    listed = (state != columns.ABSENT) & (source != MISSING)
    states = int(state.max(initial=0)) + 1
    counts = np.bincount(source[listed].astype(np.int64) * states + state[listed])
    found: defaultdict[int, Counter[int]] = defaultdict(Counter)
    for one in np.flatnonzero(counts).tolist():
        found[one // states][one % states] = int(counts[one])
    return found


def bar_ends(name: str, bins: int, index: int) -> tuple[float | None, float | None]:
    """The range that holds exactly the faces of bar number `index` of a `db.projection.histogram`; None: open."""
    metric = BY_NAME[name]
    low, high = metric.to_stored(metric.low), metric.to_stored(metric.high)
    first, behind = (low - (-(edge * (high - low)) // bins) for edge in (index, index + 1))  # rounded up
    return (
        None if index == 0 else first / metric.scale,
        None if index == bins - 1 else (behind - 1) / metric.scale,
    )
