"""A watched folder on the pages: what is told while it is watched, and how that ended."""

from __future__ import annotations

import time
from typing import Final

import streamlit as st

from db.tables.jobs import Job
from pages import _ui
from pages._words import count, mark, recorded, sentences, t

TITLE: Final = mark("Watching a folder")
FOLLOW_SECONDS: Final = 5.0
"""At least so long between two runs of a whole page, however fast photos come."""
_SEEN: Final = "watch_seen"


def folder_of(job: Job) -> str:
    """The folder, as Markdown shows it."""
    return _ui.escaped(str((job.params.get("paths") or [""])[0]))


def arrived(job: Job) -> int:
    """Files that were not known before, and not passed over."""
    return job.done - sum(int(job.counts.get(outcome, 0)) for outcome in ("already_present", "passed_over"))


def summary(job: Job) -> str:
    """`Since 2026-01-31 09:05; 12 new files came, the last one at 2026-01-31 09:40.`"""
    since = _ui.format_time(job.started_at)
    last = _ui.format_time(str(job.counts.get("came_at") or "")) if arrived(job) else ""
    if not last:
        return t("{path}, since {since}. No new file came so far.", path=folder_of(job), since=since)
    files = count(arrived(job), "new file")
    return t("{path}, since {since}. {files} came, the last at {last}.", path=folder_of(job), since=since, files=files,
             last=last)  # fmt: skip


def show(job: Job) -> None:
    """In place of a bar: nobody knows how many will come."""
    waiting = int(job.counts.get("waiting", 0))
    more = t("Still being written: {files}.", files=count(waiting, "file")) if waiting else ""
    st.markdown(f":material/visibility: {sentences(summary(job), more)}")


def outdated(job: Job) -> bool:
    """Whether photos came since the whole page last ran, so that its other figures are behind."""
    now = time.monotonic()
    kept = st.session_state.get(_SEEN)
    if kept is None or kept[0] != job.id:
        st.session_state[_SEEN] = (job.id, job.done, now)
        return False
    _, done, at = kept
    if job.done == done or job.counts.get("phase") or now - at < FOLLOW_SECONDS:
        return False
    st.session_state[_SEEN] = (job.id, job.done, now)
    return True


def ended(job: Job, outcomes: str, when: str) -> None:
    """How it ended, and when: to be stopped is its usual end, anything else is told as what it is."""
    if job.state == "cancelled":
        message = t("{path} is not watched any more: {outcomes}.", path=folder_of(job), outcomes=outcomes)
        st.markdown(f":material/visibility_off: {sentences(message, when)}")
        return
    why = _ui.escaped(recorded.sentence(job.error))
    message = t("{path} is not watched any more: {outcomes}. {why}", path=folder_of(job), outcomes=outcomes, why=why)
    show = st.warning if job.state == "interrupted" else st.error
    show(sentences(message, when), icon=":material/visibility_off:")
