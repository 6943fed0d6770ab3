"""The live view of a job, and the words for how jobs ended."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

import streamlit as st

from db.jobs import Job
from pages import _jobs, _ui, _workspace
from pipeline.errors import MoueError

EVERY_SECONDS: Final = 1.0
STATE_WORDS: Final = {
    "queued": "Starting",
    "running": "Running",
    "done": "Done",
    "failed": "Failed",
    "cancelled": "Cancelled",
    "interrupted": "Interrupted",
}


def seconds_of(job: Job) -> float:
    """How long a job has run, or ran."""
    start = datetime.fromisoformat(job.started_at.replace("Z", "+00:00"))
    end = datetime.fromisoformat(job.finished_at.replace("Z", "+00:00")) if job.finished_at else datetime.now(UTC)
    return max(0.0, (end - start).total_seconds())


def tell_counts(counts: Mapping[str, int]) -> str:
    """`440 added, 26 no face found; 512 faces`."""
    told = [f"{counts[key]:,} {word.lower()}" for key, word in _ui.OUTCOME_WORDS.items() if counts.get(key)]
    return f"{', '.join(told) or 'nothing yet'}; {_ui.count(counts.get('faces', 0), 'new face')}"


def tell_speed(job: Job) -> str:
    """Photos a second and the time left, once both mean something."""
    seconds = seconds_of(job)
    if not job.done or seconds < 1:
        return ""
    rate = job.done / seconds
    words = f"{rate:,.0f} photos a second" if rate >= 10 else f"{rate:.1f} photos a second"
    if job.total and job.total > job.done:
        words += f", about {_ui.span((job.total - job.done) / rate)} left"
    return words


@st.fragment(run_every=EVERY_SECONDS)
def live(job_id: str) -> None:
    """Follow one job; the whole page runs again when it has ended, so that every count is true."""
    job = _jobs.watch(_workspace.get_store(), job_id)
    if job is None or job.state not in ("queued", "running"):
        st.rerun()
        return
    with st.container(border=True, key="live-job"):
        if job.total is None:
            st.progress(0.0, "Looking through the files …")
        else:
            share = min(1.0, job.done / job.total) if job.total else 1.0
            st.progress(share, f"**{job.done:,} of {job.total:,}** · {_ui.share(job.done, job.total)}")
        words = [tell_counts(job.counts), tell_speed(job)]
        st.caption(". ".join(word for word in words if word))
        if job.cancel:
            st.caption("Stopping after the photos at hand; what is stored stays.")
        elif st.button("Cancel", icon=":material/stop_circle:", key="cancel-job"):
            _jobs.cancel(_workspace.get_store(), job.id)
            st.rerun(scope="fragment")


def ended(job: Job) -> None:
    """How the last job went, in one line, and the way on where it stopped early."""
    took = _ui.span(seconds_of(job))
    if job.state == "done":
        st.markdown(f":material/check: Last run: {tell_counts(job.counts)}, in {took}.")
        return
    # the job's own words for a cancel are those of the command line
    why = "what was stored stays" if job.state == "cancelled" else job.error or "it stopped early"
    show = st.warning if job.state in ("cancelled", "interrupted") else st.error
    show(f"{STATE_WORDS[job.state]}: {_ui.plain(why)} ({tell_counts(job.counts)}).", icon=":material/error:")
    paths = [str(path) for path in job.params.get("paths", [])]
    if paths and st.button("Go on where it stopped", key="resume-job"):
        start_again(job)


def start_again(job: Job) -> None:
    """The same photos once more: what is stored is skipped."""
    kind = job.params.get("source_kind") or None
    try:
        _jobs.start_ingest(
            _workspace.get_store(),
            [_jobs.as_path(path) for path in job.params.get("paths", [])],
            kind,
            detector=str(job.params.get("detector") or "yunet"),
            copy=bool(job.params.get("copy")),
            proposals=bool(job.params.get("propose_classes", True)),
            name=job.params.get("source_name")
            or (f"Upload of {_ui.when(job.started_at)}" if kind == "upload" else None),
        )
    except MoueError as e:
        st.error(_ui.plain(str(e)))
        return
    st.rerun()
