"""Long work that runs in a process of its own: what it is, how far it is, how it ended."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlite_utils.db import Database as Db

from db.base.clock import now_iso
from db.base.messages import from_columns, to_columns, with_message
from db.base.outcome_order import OUTCOME_RANKS
from db.tables import audit
from pipeline.core.errors import UsageError
from pipeline.core.messages import Message, message
from pipeline.core.outcome import Outcome

ENDED: Final = ("done", "failed", "cancelled", "interrupted")
_COLUMNS: Final = (
    "id, kind, params, state, pid, total, done, counts, error, error_code, error_params, cancel, started_at,"
    " heartbeat_at, finished_at, pause, paused_seconds"
)
_DATA_SETS_SQL: Final = """
SELECT DISTINCT params ->> 'labels_of' FROM jobs WHERE kind = 'import' AND params ->> 'labels_of' IS NOT NULL
"""
_QUEUED_FOR_S: Final = 120.0
_STARTED_BY: Final = "annotator"
"""The parameter that says who started a job."""
_FAILED: Final = (
    Outcome.UNDECODABLE,
    Outcome.TOO_LARGE,
    Outcome.UNSUPPORTED,
    Outcome.UNAVAILABLE,
    Outcome.QUARANTINED,
    Outcome.PASSED_OVER,
)
FAILURES_SQL: Final = f"""
SELECT outcome_rank, reason, count(*), min(id) FROM sightings
WHERE first_job = ? AND outcome_rank IN ({", ".join(str(OUTCOME_RANKS.index(o)) for o in _FAILED)})
GROUP BY outcome_rank, reason
"""
_BESIDE: Final = frozenset({"companion_file", "system_file", "sidecar_file"})
"""Codes of the reasons for files that are kept beside photos."""
_DIFFERS: Final = re.compile(r"'[^']*'|\"[^\"]*\"|(?:/[^\s:,]+)+|\d[\d,.]*")
"""Quoted names, paths and numbers: what differs between two failures of one kind."""


@dataclass(frozen=True, slots=True)
class Job:
    """One job. state: queued, running, done, failed, cancelled or interrupted (its process died).

    counts: by outcome, `faces`, where it has one the `phase` it is in, and once photos are done `since` when (and
    `since_done`, `since_rested`: how many were, and its seconds of rest, by then). pause: somebody asked it to rest;
    paused_seconds: how long it did.

    total is None while it is unknown; the times are UTC, ISO 8601.
    """

    id: str
    kind: str
    params: dict[str, Any]
    state: str
    pid: int | None
    total: int | None
    done: int
    counts: dict[str, Any]
    error: Message | None
    cancel: bool
    started_at: str
    heartbeat_at: str
    finished_at: str | None
    pause: bool = False
    paused_seconds: float = 0.0

    @property
    def annotator(self) -> str:
        """Who started it; "" for a job from before that was noted."""
        return str(self.params.get(_STARTED_BY, ""))


@dataclass(frozen=True, slots=True)
class Failure:
    """Files of one job that ended alike. reason: that of one of them, with what differs replaced by an ellipsis.

    example: the location of the first one.
    """

    outcome: str
    reason: Message
    count: int
    example: str


def start_job(
    db: Db,
    kind: str,
    params: Mapping[str, Any],
    pid: int | None = None,
    *,
    job_id: str | None = None,
    annotator: str = audit.COMMAND_LINE,
) -> str:
    """Note a job, also in the audit, and return its id: `queued` without a process id, else `running`. Inside a write.

    A page queues the job for `annotator` and passes its id on; the process calls this again with that `job_id` and its
    own `pid`, and the job stays that annotator's.
    """
    number = job_id or str(uuid.uuid4())
    state = "queued" if pid is None else "running"
    at = now_iso()
    queued = db.execute("SELECT params FROM jobs WHERE id = ?", [number]).fetchone()
    if queued is None:
        audit.append(db, annotator, kind, {"job": number})
    else:
        annotator = str(json.loads(queued[0]).get(_STARTED_BY, annotator))
    params = {**params, _STARTED_BY: annotator}
    db.execute(
        "INSERT INTO jobs (id, kind, params, state, pid, started_at, heartbeat_at) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET params = excluded.params, state = excluded.state, pid = excluded.pid,"
        " heartbeat_at = excluded.heartbeat_at, error = NULL, error_code = '', error_params = '{}', finished_at = NULL",
        [number, kind, json.dumps(dict(params), sort_keys=True), state, pid, at, at],
    )
    return number


def progress(db: Db, job_id: str, total: int | None, done: int, counts: Mapping[str, Any]) -> None:
    """Note how far a job is; also its sign of life. Inside a write."""
    db.execute(
        "UPDATE jobs SET total = ?, done = ?, counts = ?, heartbeat_at = ? WHERE id = ?",
        [total, done, json.dumps(dict(counts), sort_keys=True), now_iso(), job_id],
    )


def finish(db: Db, job_id: str, state: str, error: Message | None = None) -> None:
    """Note how a job ended: done, failed, cancelled or interrupted. Inside a write. Raises UsageError."""
    if state not in ENDED:
        raise UsageError(f"{state!r} is no end of a job; one of: {', '.join(ENDED)}")
    at = now_iso()
    why = (None, "", "{}") if error is None else to_columns(error)
    sql = "UPDATE jobs SET state = ?, error = ?, error_code = ?, error_params = ?, heartbeat_at = ?, finished_at = ?"
    db.execute(f"{sql} WHERE id = ?", [state, *why, at, at, job_id])


def note_death(db: Db, job_id: str, state: str, error: Message) -> None:
    """The same for its process, which is gone; an end that it noted itself stays. Inside a write. Raises UsageError."""
    if is_alive(get(db, job_id)):
        finish(db, job_id, state, error)


def is_alive(job: Job | None) -> bool:
    """Whether it is noted as one that waits or works."""
    return job is not None and job.state not in ENDED


def request_cancel(db: Db, job_id: str) -> None:
    """Ask a job to stop after the image it is at; one that never started is cancelled at once. Inside a write."""
    db.execute("UPDATE jobs SET cancel = 1 WHERE id = ? AND state IN ('queued', 'running')", [job_id])
    db.execute(
        "UPDATE jobs SET state = 'cancelled', finished_at = ? WHERE id = ? AND state = 'queued' AND pid IS NULL",
        [now_iso(), job_id],
    )


def is_cancelled(db: Db, job_id: str) -> bool:
    """Whether somebody asked the job to stop."""
    row = db.execute("SELECT cancel FROM jobs WHERE id = ?", [job_id]).fetchone()
    return bool(row and row[0])


def request_pause(db: Db, job_id: str) -> None:
    """Ask a job to rest after the photos at hand. Inside a write."""
    db.execute("UPDATE jobs SET pause = 1 WHERE id = ? AND state IN ('queued', 'running')", [job_id])


def request_resume(db: Db, job_id: str) -> None:
    """Ask a resting job to go on. Inside a write."""
    db.execute("UPDATE jobs SET pause = 0 WHERE id = ?", [job_id])


def is_paused(db: Db, job_id: str) -> bool:
    """Whether somebody asked the job to rest."""
    row = db.execute("SELECT pause FROM jobs WHERE id = ?", [job_id]).fetchone()
    return bool(row and row[0])


def rested(db: Db, job_id: str, seconds: float) -> None:
    """Note that a job slept for so long; also its sign of life. Inside a write."""
    sql = "UPDATE jobs SET paused_seconds = paused_seconds + ?, heartbeat_at = ? WHERE id = ?"
    db.execute(sql, [seconds, now_iso(), job_id])


def failures_of(db: Db, job_id: str) -> list[Failure]:
    """What no photo came of in a job, the commonest first: reasons that differ only in numbers and names are one."""
    groups: dict[tuple[str, str], tuple[int, int]] = {}
    for rank, reason, number, first in db.execute(FAILURES_SQL, [job_id]):
        key = (str(OUTCOME_RANKS[rank]), _DIFFERS.sub("…", reason))
        count, earliest = groups.get(key, (0, first))
        groups[key] = (count + number, min(earliest, first))
    commonest = sorted(groups.items(), key=lambda group: (-group[1][0], group[0]))
    return _beside_as_one([_failure(db, outcome, count, first) for (outcome, _), (count, first) in commonest])


def _beside_as_one(found: list[Failure]) -> list[Failure]:
    """Whatever lies beside photos (`Thumbs.db`, `._a.jpg` …) as one: nobody need do anything about it."""
    beside = [one for one in found if one.outcome == Outcome.PASSED_OVER and one.reason.code in _BESIDE]
    if len(beside) < 2:
        return found
    number = sum(one.count for one in beside)
    joined = Failure(str(Outcome.PASSED_OVER), message("files_beside"), number, beside[0].example)
    return sorted([one for one in found if one not in beside] + [joined], key=lambda one: -one.count)


def _failure(db: Db, outcome: str, count: int, first: int) -> Failure:
    sql = "SELECT location, reason, reason_code, reason_params FROM sightings WHERE id = ?"
    location, *reason = db.execute(sql, [first]).fetchone()
    without_details = from_columns(*reason).map_scalars(lambda value: _DIFFERS.sub("…", str(value)))
    return Failure(outcome, without_details, count, location)


def get(db: Db, job_id: str) -> Job | None:
    """One job, None where it is unknown."""
    row = next(db.query(f"SELECT {_COLUMNS} FROM jobs WHERE id = ?", [job_id]), None)
    return _job(row) if row else None


def jobs_recent(db: Db, n: int = 10) -> list[Job]:
    """The last `n` jobs, newest first: as they were noted, not by a clock that may have been set back."""
    sql = f"SELECT {_COLUMNS} FROM jobs ORDER BY rowid DESC LIMIT ?"
    return [_job(row) for row in db.query(sql, [n])]


def recover(db: Db, lock_free: bool, keep: str | None = None, *, starter_gone: bool = False) -> int:
    """Mark jobs whose process died as `interrupted`; returns how many. Inside a write.

    `lock_free`: the caller holds, or could take, the lock that a living job holds; without that nothing is touched.
    `keep`: the caller's own job. starter_gone: nobody lives who started one, and no process that was started; without
    that a queued job counts as dead when it has not begun for two minutes.
    """
    if not lock_free:
        return 0
    at = now_iso()
    return db.execute(
        "UPDATE jobs SET state = 'interrupted', finished_at = ?, error = ?, error_code = ?, error_params = ?"
        " WHERE id IS NOT ?"
        " AND (state = 'running' OR (state = 'queued' AND (? OR started_at < ?)))",
        [at, *to_columns(message("job_vanished")), keep, starter_gone, now_iso(_QUEUED_FOR_S)],
    ).rowcount


def interrupted_spans(db: Db, lock_free: bool) -> list[tuple[str, str]]:
    """(start, last sign of life), UTC, ISO 8601, of the jobs that did not come to their end.

    lock_free: as in `recover`; a job that is noted as running is dead only then.
    """
    sql = """
    SELECT started_at, heartbeat_at FROM jobs
    WHERE pid IS NOT NULL AND (state IN ('interrupted', 'failed') OR (state = 'running' AND ?))
    """
    return db.execute(sql, [lock_free]).fetchall()


def newest_interrupted_spans(db: Db, keep: str | None = None) -> list[tuple[str, str]]:
    """The same, of those alone behind which no other job has ended: each job removes what is left when it starts.

    The caller holds the lock that a living job holds. keep: its own job.
    """
    sql = """
    SELECT started_at, heartbeat_at FROM jobs WHERE pid IS NOT NULL AND state IN ('running', 'interrupted', 'failed')
    AND id IS NOT ? AND rowid > ifnull(
      (SELECT max(rowid) FROM jobs WHERE pid IS NOT NULL AND state IN ('done', 'cancelled')), 0)
    """
    return db.execute(sql, [keep]).fetchall()


def _job(row: dict[str, Any]) -> Job:
    decoded = {name: json.loads(row[name]) for name in ("params", "counts")}
    return Job(**{**with_message(row, "error"), **decoded, "cancel": bool(row["cancel"]), "pause": bool(row["pause"])})


def names_of_data_sets(db: Db) -> list[str]:
    """The names under which the labels of data sets came in."""
    return [str(name) for (name,) in db.execute(_DATA_SETS_SQL)]
