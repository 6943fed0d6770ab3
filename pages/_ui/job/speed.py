"""How fast a job works, and how long it still takes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from db.tables.jobs import Job
from pages import _ui
from pages._words import t


def seconds_of(job: Job) -> float:
    """How long a job has run, or ran, from its start to its end."""
    start = datetime.fromisoformat(job.started_at.replace("Z", "+00:00"))
    end = datetime.fromisoformat(job.finished_at.replace("Z", "+00:00")) if job.finished_at else datetime.now(UTC)
    return max(0.0, (end - start).total_seconds())


def describe_speed(job: Job) -> str:
    """Photos a second and the time left, once both mean something; rests are not counted."""
    done, seconds = _since_first(job)
    if not done or seconds < 1:
        return ""
    rate = done / seconds
    words = t("{n} photos a second", n=f"{rate:,.0f}" if rate >= 10 else f"{rate:.1f}")
    if not job.total or job.total <= job.done:
        return words
    return t("{speed}, about {time} left", speed=words, time=_ui.format_duration((job.total - job.done) / rate))


def _since_first(job: Job) -> tuple[int, float]:
    """Photos, and the seconds that they took: from the first ones on, for what comes before them is the workers' start.

    Of a job that does not say when that was: all of both."""
    since = job.counts.get("since")
    if not since:
        return job.done, seconds_of(job) - job.paused_seconds
    rested = job.paused_seconds - float(job.counts.get("since_rested", 0.0))
    return job.done - int(job.counts.get("since_done", 0)), seconds_of(replace(job, started_at=str(since))) - rested
