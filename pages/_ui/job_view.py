"""The live view of a job, and the words for how jobs ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import Any, Final

import streamlit as st

from db.store.store import Store
from db.tables import settings
from db.tables.jobs import Job, failures_of
from pages import _ui
from pages._server import jobs, permission, pseudonyms, workspace
from pages._ui import watch_view
from pages._ui.job.restarts import action_of, restart
from pages._ui.job.speed import describe_speed, seconds_of
from pages._words import as_sentence, count, labelled, mark, recorded, sentences, t, vocabulary
from pipeline.core.messages import message_of
from pipeline.crawl.engines.registry import ENGINES

EVERY_SECONDS: Final = 1.0
ENGINE_WORDS: Final = {info.name: info.label for info in ENGINES.values()}
WORKING: Final = mark("Working")
_FAILURES_SHOWN: Final = 6
_CAME: Final = ("added", "already_present", "no_face")


def describe_counts(counts: Mapping[str, Any]) -> str:
    """`440 added, 26 no face found; 512 faces`."""
    parts = [
        t("{n} {outcome}", n=f"{counts[key]:,}", outcome=t(word).lower())
        for key, word in vocabulary.OUTCOME_WORDS.items() if counts.get(key)
    ]  # fmt: skip
    faces = count(counts.get("faces", 0), "new face")
    return t("{outcomes}; {faces}", outcomes=_ui.join_words(parts) or t("nothing yet"), faces=faces)


def outcome_tiles(counts: Mapping[str, Any]) -> str:
    """HTML: every outcome with its number, zeros too, so that nothing moves when one begins to count."""
    named = {**vocabulary.OUTCOME_WORDS, "faces": mark("New faces")}
    tiles = "".join(
        f'<div role="listitem" class="{"" if counts.get(key) else "zero"}"><span>{escape(t(word))}</span> '
        f"<b>{counts.get(key, 0):,}</b></div>" for key, word in named.items()
    )  # fmt: skip
    return f'<div role="list" class="moue-outcomes">{tiles}</div>'


@st.fragment(run_every=EVERY_SECONDS)
def live(job_id: str, *, follow: bool = False) -> None:
    """Follow one job; the whole page runs again when it has ended, so that every count is true. follow: also while a
    folder is watched, which has no end."""
    store = workspace.get_store()
    job = jobs.watch(store, job_id)
    if job is None or job.state not in ("queued", "running"):
        st.rerun()
        return
    if follow and jobs.watches(job) and watch_view.outdated(job):
        st.rerun()
    with st.container(border=True, key="live-job"):
        with st.container(horizontal=True, vertical_alignment="center", key="live-head"):
            st.markdown(f"**{title(job)}**", width="stretch")
            _buttons(store, job)
        _bar(job)
        st.html(outcome_tiles(job.counts))
        notes(job)
        failures(store, job)
        if job.annotator:
            st.caption(t("Started by {name}", name=_ui.escaped(pseudonyms.shown()(job.annotator))))


def title(job: Job) -> str:
    return t(watch_view.TITLE if jobs.watches(job) else vocabulary.JOB_KIND_WORDS.get(job.kind, WORKING))


def _bar(job: Job) -> None:
    phase = str(job.counts.get("phase") or "")
    if jobs.watches(job):
        watch_view.show(job)
    elif job.total is None and job.kind in ("crawl", "video") and job.done:
        st.progress(0.0, count(counted(job), "photo"))
    elif job.total is None:
        st.progress(0.0, t("Looking through the files …") if job.kind == "ingest" else t("Starting …"))
    elif phase:
        st.progress(1.0, t(vocabulary.JOB_PHASE_WORDS.get(phase, f"{phase.capitalize()} …")))
    else:
        done = counted(job)
        share = min(1.0, done / job.total) if job.total else 1.0
        message = f"**{t('{n} of {all}', n=f'{done:,}', all=f'{job.total:,}')}** · {_ui.percentage(done, job.total)}"
        speed = t("paused") if job.pause else describe_speed(job)
        message += f" · {_ui.format_duration(seconds_of(job) - job.paused_seconds)}"
        st.progress(share, f"{message} · {speed}" if speed else message)


def counted(job: Job) -> int:
    """What counts towards a job's total: of a search the photos that arrived, else whatever has an outcome."""
    return int(job.counts.get("held", 0)) if job.kind == "crawl" else job.done


def _said(note: Mapping[str, Any]) -> str:
    """A note of a search; an older job has its words alone."""
    return recorded.translate(message_of(note["message"], note.get("code", ""), note.get("params", {})))


def notes(job: Job) -> None:
    """What the image searches said: one that blocks is an error that is seen."""
    if job.counts.get("now") and job.state == "running":
        st.caption(t("Now at {query}.", query=_ui.escaped(job.counts["now"])))
    for one in job.counts.get("notes") or ():
        about = ": ".join(filter(None, (ENGINE_WORDS.get(one["engine"], one["engine"]), one["query"])))
        words = _ui.escaped(as_sentence(labelled(about, _said(one)), capital=False))
        if one["blocked"]:
            st.error(words, icon=":material/block:")
        else:
            st.caption(words)


def _buttons(store: Store, job: Job) -> None:
    """Pause or go on, and cancel. One key a place, so that nothing jumps."""
    if job.cancel:
        st.caption(t("Stopping after the photos at hand; what is stored stays."), width="content")
        return
    action = action_of(job)
    if jobs.watches(job):
        _ui.button(t("Stop watching"), action, icon=":material/stop_circle:", key="cancel-job", on_click=_tell,
                   args=(jobs.cancel, store, job))  # fmt: skip
        return
    label, icon, act = (t("Go on"), "play_arrow", jobs.resume) if job.pause else (t("Pause"), "pause", jobs.pause)
    _ui.button(label, action, icon=f":material/{icon}:", key="pause-job", on_click=_tell, args=(act, store, job))
    _ui.button(
        t("Cancel"), action, icon=":material/stop_circle:", key="cancel-job", on_click=_tell,
        args=(jobs.cancel, store, job),
    )  # fmt: skip


def _tell(word: Callable[[Store, str], None], store: Store, job: Job) -> None:
    """Ask the job to stop, to rest or to go on."""
    permission.require(action_of(job))
    word(store, job.id)


def failures(store: Store, job: Job) -> None:
    """What did not become faces, by reason, with one example each; a button opens Clean with that outcome."""
    failed = {key for key in vocabulary.OUTCOME_WORDS if key not in ("added", "already_present")}
    if not any(job.counts.get(key) for key in failed):
        return
    groups = [one for one in store.read(lambda db: failures_of(db, job.id)) if one.outcome in failed]
    for number, group in enumerate(groups[:_FAILURES_SHOWN]):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"failure-{number}"):
            label = f"{t(vocabulary.OUTCOME_WORDS[group.outcome])} · {group.count:,}"
            if st.button(label, key=f"failed-{number}", help=t("Show them on Clean")):
                st.switch_page("clean.py", query_params={"outcome": group.outcome})
            reason = _ui.escaped(recorded.sentence(group.reason))
            st.caption(t("{reason} For example {file}", reason=reason, file=_ui.escaped(group.example)))
    if len(groups) > _FAILURES_SHOWN:
        more = count(len(groups) - _FAILURES_SHOWN, "more reason")
        st.caption(t("and {reasons}: Clean lists every file.", reasons=more))


def ended(store: Store, job: Job) -> None:
    """How the last job went and when, in one line, and the way on where it stopped early.

    Of one that stopped early nothing is said any more to who has put it away.
    """
    who = _ui.require_annotator()
    if store.read(lambda db: settings.job_put_away(db, who)) == job.id:
        return
    took = _ui.format_duration(seconds_of(job) - job.paused_seconds)
    if job.state == "done":
        message = t("Last run: {outcomes}, in {time}.", outcomes=describe_counts(job.counts), time=took)
        st.markdown(f":material/check: {sentences(message, _when(job))}")
        notes(job)
        if not any(job.counts.get(outcome) for outcome in _CAME):
            failures(store, job)  # nothing came of it: why is to be seen here
        return
    if jobs.watches(job):
        watch_view.ended(job, describe_counts(job.counts), _when(job))
    else:
        _stopped_early(job)
    notes(job)
    failures(store, job)
    can_restart = bool(job.params.get("paths")) or job.kind in ("reprocess", "crawl")
    can_restart |= job.kind == "import" and job.state != "failed"  # one that was refused would be again
    label = t("Go on watching") if jobs.watches(job) else t("Go on where it stopped")
    with st.container(horizontal=True, vertical_alignment="center", key="ended-job"):
        if can_restart and st.button(label, key="resume-job"):
            restart(job)
        st.button(
            t("Put this away"), type="tertiary", icon=":material/close:", key="put-away-job", on_click=_put_away,
            args=(store, job.id), help=t("What is stored stays; the run stands on Overview"),
        )  # fmt: skip


def _put_away(store: Store, job_id: str) -> None:
    who = permission.require("see")
    store.write(lambda db: settings.put_job_away(db, who, job_id))


def _when(job: Job) -> str:
    """That of an interrupted one is when it was last seen alive: nobody was there at its end."""
    at = job.heartbeat_at if job.state == "interrupted" else job.finished_at or job.heartbeat_at
    return t("Ended {at}.", at=_ui.format_time(at))


def _stopped_early(job: Job) -> None:
    # the job's own words for a cancel are those of the command line
    why = t("what was stored stays") if job.state == "cancelled" else recorded.translate(job.error)
    show = st.warning if job.state in ("cancelled", "interrupted") else st.error
    values = {
        "state": t(vocabulary.JOB_STATE_WORDS[job.state]), "why": _ui.escaped(why or t("it stopped early")),
        "outcomes": describe_counts(job.counts),
    }  # fmt: skip
    text = t("{state}: {why} ({outcomes}).", **values) if any(job.counts.values()) else t("{state}: {why}.", **values)
    show(sentences(text, _when(job)), icon=":material/error:")


def busy_words(job: Job) -> str:
    """Why nothing else can be collected now."""
    if jobs.watches(job):
        return t("Stop watching, and other photos can be collected.")
    return t("The next photos can be collected once this is done.")
