"""A job's work once more, as the job keeps what was asked for; and who may start, pause or cancel it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import streamlit as st

from db.store.store import Store
from db.tables.jobs import Job
from pages import _ui
from pages._server import jobs, permission, workspace
from pages._words import recorded
from pipeline.core.errors import MoueError
from pipeline.core.roles import Action


def action_of(job: Job) -> Action:
    """What one must be allowed to do to start, pause or cancel the job."""
    return "reprocess" if job.kind == "reprocess" else "collect"


def restart(job: Job) -> None:
    """The same work once more: what is done is skipped."""
    try:
        who = permission.require(action_of(job))
        RESTARTS.get(job.kind, _ingest)(workspace.get_store(), job, who)
    except MoueError as e:
        st.error(_ui.escaped(recorded.sentence(e.message)))
        return
    st.rerun()


def _crawl(store: Store, job: Job, who: str) -> None:
    jobs.start_crawl(store, job.params, who)


def _video(store: Store, job: Job, who: str) -> None:
    jobs.start_video(store, job.params, who)


def _import(store: Store, job: Job, who: str) -> None:
    jobs.start_import(store, job.params, who)


def _reprocess(store: Store, job: Job, who: str) -> None:
    known = job.params
    jobs.start_reprocess(
        store,
        known.get("detector"),
        _options_of(job),
        known.get("faces"),
        known.get("margin"),
        known.get("upright"),
        known.get("border"),
        annotator=who,
        from_border=known.get("from_border"),
        landmarks=known.get("landmarks"),
    )


def _ingest(store: Store, job: Job, who: str) -> None:
    kind = job.params.get("source_kind") or None
    jobs.start_ingest(
        store,
        [jobs.as_path(path) for path in job.params.get("paths", [])],
        kind,
        annotator=who,
        detector=str(job.params.get("detector") or "yunet"),
        options=_options_of(job),
        faces=str(job.params.get("faces") or "all"),
        margin=job.params.get("margin"),
        upright=job.params.get("upright"),
        border=job.params.get("border"),
        copy=bool(job.params.get("copy")),
        proposals=bool(job.params.get("propose_classes", True)),
        name=job.params.get("source_name")
        or (f"Upload of {_ui.format_time(job.started_at)}" if kind == "upload" else None),
        class_name=job.params.get("class_name"),
        frames=str(job.params.get("frames") or "first"),
        watch=job.params.get("watch"),
        landmarks=job.params.get("landmarks"),
    )


def _options_of(job: Job) -> list[tuple[str, float]]:
    return [(str(name), float(value)) for name, value in job.params.get("options") or ()]


RESTARTS: Final[dict[str, Callable[[Store, Job, str], None]]] = {
    "reprocess": _reprocess, "crawl": _crawl, "video": _video, "import": _import,
}  # fmt: skip
"""How work of each kind is started once more; files and folders otherwise."""
