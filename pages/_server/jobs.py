"""Long work is a process of its own: started here, watched through the jobs table, ended by a word in it."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from db.base.paths import to_path, to_text
from db.store.locks import job_lock_is_free, starter_is_gone, starting
from db.store.store import Store
from db.tables import jobs
from db.tables.jobs import Job
from pages._server.command import command_line, environment
from pages._server.folders import roots
from pages._words import t
from pipeline.core.errors import BusyError, StorageError, UsageError, last_message
from pipeline.core.messages import Message, message
from pipeline.fetch.session import without_password
from pipeline.files.remote import path_or_url

_children: Final[dict[tuple[Path, str], subprocess.Popen[bytes]]] = {}
"""By workspace and job: a workspace that was copied has the other one's jobs."""
_guard: Final = threading.Lock()
_proxies: Final[dict[tuple[Path, str], str]] = {}
"""Proxies with a password by workspace and URL without one: known while the server runs, for a job that goes on."""


def start_ingest(
    store: Store,
    paths: Sequence[Path | str],
    kind: str | None = None,
    *,
    annotator: str,
    detector: str = "yunet",
    options: Sequence[tuple[str, float]] = (),
    faces: str = "all",
    margin: float | None = None,
    upright: bool | None = None,
    border: str | None = None,
    copy: bool = False,
    proposals: bool = False,
    name: str | None = None,
    class_name: str | None = None,
    frames: str = "first",
    watch: float | None = None,
    landmarks: str | None = None,
) -> str:
    """Start `python -m pipeline ingest` on its own, for `annotator`, and return the job's id.

    kind: upload or sample (with the source's `name`), None for paths of the server. options: the detector's own.
    faces: which of several count. margin, upright, border, landmarks: None does as for most photos of the
    workspace. frames: first or all, of an animation. watch: seconds between two looks into the one folder, until it is
    cancelled or this server ends. Raises UsageError for a path that pages may not read, BusyError while another job
    lives, StorageError where no process can be started.
    """
    within = [] if kind else _within(paths)
    texts = [to_text(str(path)) for path in paths]
    params = {"paths": texts, "detector": detector, "source_kind": kind, "watch": watch}
    words = [*(str(path) for path in paths), "--detector", detector, "--faces", faces, *_set(options)]
    words += [*_cut(margin, upright, border), *_placed(landmarks)]
    words += ["--copy"] if copy else []
    words += ["--propose-classes"] if proposals else []
    words += ["--source-kind", kind] if kind else []
    words += ["--source-name", name] if name else []
    words += ["--class", class_name] if class_name else []
    words += within
    words += ["--frames", frames] if frames != "first" else []
    words += [f"--watch={watch:g}", f"--watch-owner={os.getpid()}"] if watch else []
    return _start(store, "ingest", annotator, params, words)


def start_crawl(store: Store, params: Mapping[str, Any], annotator: str) -> str:
    """Start `python -m pipeline crawl` with these parameters, named as the job keeps them; the rest as usual.

    Raises as `start_ingest`.
    """
    words: list[str] = []
    proxy = str(params.get("proxy") or "")
    shown = without_password(proxy)
    if shown != proxy:
        _proxies[store.root, shown] = proxy
    params = {**params, "proxy": shown}
    for name in ("total", "each", "safe", "size", "licence", "parallel", "timeout", "retries", "contact",
                 "detector", "faces", "landmarks"):  # fmt: skip
        if params.get(name) not in (None, ""):
            words += [f"--{name}", str(params[name])]
    words += [f"--{name.replace('_', '-')}" for name in ("face_only", "ignore_noai") if params.get(name)]
    words += ["--class", str(params["class_name"])] if params.get("class_name") else []
    words += [word for name in params.get("engines") or () for word in ("--engine", str(name))]
    words += [word for path in params.get("lists") or () for word in ("--list", str(path))]
    words += _set([(str(name), float(value)) for name, value in params.get("options") or ()])
    words += _cut(params.get("margin"), params.get("upright"), params.get("border"))
    # behind the tab its class, so that a comma in a keyword separates nothing; behind "--", so that none is an option
    typed = [f"{text}\t{proposal or ''}" for text, proposal in params.get("keywords") or ()]
    secret = {"MOUE_PROXY": _proxies.get((store.root, shown), shown)} if shown else {}
    return _start(store, "crawl", annotator, params, words, ["--", *typed] if typed else [], secret)


def start_video(store: Store, params: Mapping[str, Any], annotator: str) -> str:
    """Start `python -m pipeline video` with these parameters, named as the job keeps them. Raises as `start_ingest`."""
    words = [f"--{name}={params[name]}" for name in ("every", "scenes", "sharpest") if params.get(name) is not None]
    words += [f"--{name}={params[name]}" for name in ("detector", "faces", "landmarks") if params.get(name)]
    words += ["--class", str(params["class_name"])] if params.get("class_name") else []
    words += [f"--source-name={params['source_name']}"] if params.get("source_name") else []
    words += _set([(str(name), float(value)) for name, value in params.get("options") or ()])
    words += _cut(params.get("margin"), params.get("upright"), params.get("border"))
    words += [] if params.get("source_name") else _within([as_path(path) for path in params["paths"]])
    return _start(store, "video", annotator, params, words, ["--", *(str(as_path(path)) for path in params["paths"])])


def start_import(store: Store, params: Mapping[str, Any], annotator: str) -> str:
    """Start `python -m pipeline import` with these parameters, named as the job keeps them; annotator: who starts it.

    Raises as `start_ingest`.
    """
    path = as_path(params["path"])
    words = [str(path), f"--annotator={params['labels_of']}"]
    words += [] if _is_upload(store, path) else _within([path])
    words += [f"--as={params['as_format']}"] if params.get("as_format") else []
    words += [f"--line={params['line']}"] if params.get("line") else []
    words += [f"--source-name={params['source_name']}"] if params.get("source_name") else []
    words += [f"--{name.replace('_', '-')}" for name in ("make_classes", "mouths", "copy", "take_doubts")
              if params.get(name)]  # fmt: skip
    return _start(store, "import", annotator, params, words)


def start_reprocess(
    store: Store,
    detector: str | None,
    options: Sequence[tuple[str, float]],
    faces: str | None,
    margin: float | None,
    upright: bool | None,
    border: str | None = None,
    *,
    annotator: str,
    from_border: str | None = None,
    landmarks: str | None = None,
) -> str:
    """Start `python -m pipeline reprocess`: all photos with these settings, None keeps each one's own; decisions stay.

    from_border: only photos whose crops were cut so. Raises as `start_ingest`.
    """
    chosen = {"detector": detector, "options": list(options), "faces": faces, "margin": margin, "upright": upright}
    chosen |= {"border": border, "from_border": from_border, "landmarks": landmarks}
    words = [*(["--detector", detector] if detector else []), *(["--faces", faces] if faces else [])]
    words += _placed(landmarks)
    return _start(
        store, "reprocess", annotator, chosen, [*words, *_set(options), *_cut(margin, upright, border, from_border)]
    )


def _within(paths: Sequence[Path | str]) -> list[str]:
    """Where the links in what somebody typed may lead to: not out of what pages may read. Raises UsageError for a path
    that they may not."""
    for path in paths:
        if isinstance(path, Path) and (why := roots.refusal(path)) is not None:
            raise UsageError(why)
    return [f"--within={root}" for root in roots.allowed_roots()]


def _is_upload(store: Store, path: Path | str) -> bool:
    return isinstance(path, Path) and path.resolve().is_relative_to((store.root / ".incoming").resolve())


def _cut(margin: float | None, upright: bool | None, border: str | None, from_border: str | None = None) -> list[str]:
    words = [] if margin is None else ["--margin", f"{margin:g}"]
    words += [] if border is None else ["--border", border]
    words += [] if from_border is None else ["--from-border", from_border]
    return words if upright is None else [*words, "--upright" if upright else "--no-upright"]


def _placed(landmarks: str | None) -> list[str]:
    return ["--landmarks", landmarks] if landmarks else []


def _set(options: Sequence[tuple[str, float]]) -> list[str]:
    return [word for name, value in options for word in ("--set", f"{name}={value:g}")]


def _start(
    store: Store,
    command: str,
    annotator: str,
    params: Mapping[str, Any],
    words: Sequence[str],
    last: Sequence[str] = (),
    secrets: Mapping[str, str] | None = None,
) -> str:
    """secrets: variables of the process: neither the database nor a list of processes shows them."""
    with _guard:
        if (job := running(store)) is not None:
            if watches(job):
                raise BusyError(t("a folder is being watched: stop that first"))
            raise BusyError(t("photos are already being worked on: wait for that, or cancel it"))
        with starting(store.root, "job") as passed:
            job_id = store.write(lambda db: jobs.start_job(db, command, params, annotator=annotator))
            line = command_line(command, *words, "--workspace", str(store.root), "--job", job_id, *last)
            try:
                _children[store.root, job_id] = _spawn(line, store.root, secrets or {}, passed)
            except OSError as e:
                reason = message("job_not_started", why=e.strerror or e)
                store.write(lambda db: jobs.finish(db, job_id, "failed", reason))
                raise StorageError(reason) from e
    return job_id


def _spawn(
    command: list[str], root: Path, secrets: Mapping[str, str], passed: tuple[int, ...]
) -> subprocess.Popen[bytes]:
    """In a session of its own: neither a closed tab nor a stopped server ends it. passed: as `starting` gives them."""
    with (root / ".locks" / "job.err").open("wb") as errors:
        return subprocess.Popen(
            command,
            cwd=os.getcwd(),
            env={**environment(), **secrets},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,
            pass_fds=passed,
        )


def as_path(text: object) -> Path | str:
    """A path, or a URL, as a job's parameters keep it."""
    return path_or_url(to_path(str(text)))


def running(store: Store) -> Job | None:
    """The job that waits or works now: one whose process died is marked so first."""
    noted = (job for job in store.read(lambda db: jobs.jobs_recent(db, 5)) if jobs.is_alive(job))
    return next((job for one in noted if (job := watch(store, one.id)) is not None and jobs.is_alive(job)), None)


def watches(job: Job) -> bool:
    """Whether the job follows a folder: it has no end of its own."""
    return bool(job.params.get("watch"))


def cancel(store: Store, job_id: str) -> None:
    """Ask a job to stop; what it stored stays."""
    store.write(lambda db: jobs.request_cancel(db, job_id))


def pause(store: Store, job_id: str) -> None:
    """Ask a job to rest until `resume`; its workers finish what they have at hand."""
    store.write(lambda db: jobs.request_pause(db, job_id))


def resume(store: Store, job_id: str) -> None:
    """Let a paused job go on."""
    store.write(lambda db: jobs.request_resume(db, job_id))


def watch(store: Store, job_id: str) -> Job | None:
    """The job as it is now; one whose process died is marked so first, and is over also where nothing can be noted."""
    job = store.read(lambda db: jobs.get(db, job_id))
    if job is None or not jobs.is_alive(job):
        _children.pop((store.root, job_id), None)
        return job
    if (end := _death(store.root, job)) is None:
        return job
    try:
        store.write(lambda db: jobs.note_death(db, job_id, *end))
    except StorageError:  # no room, or no disk: the next look notes it
        return replace(job, state=end[0], error=end[1])
    _children.pop((store.root, job_id), None)
    return store.read(lambda db: jobs.get(db, job_id))


def _death(root: Path, job: Job) -> tuple[str, Message] | None:
    """State and reason of a job whose process is gone, None of one that lives, or is being started: our own child's
    last words; killed (below 0) it had none of its own, and what stands there is a helper's complaint."""
    child = _children.get((root, job.id))
    if child is None:
        is_gone = job.state == "running" or starter_is_gone(root, "job", job.started_at)
        return ("interrupted", message("job_vanished")) if is_gone and job_lock_is_free(root) else None
    code = child.poll()
    if code is None:
        return None
    try:
        said = last_message((root / ".locks" / "job.err").read_text("utf-8", "replace"))
    except OSError:
        said = None
    reason = said if said is not None and code > 0 else message("job_died", n=code)
    return "failed" if code > 0 else "interrupted", reason


def recover(store: Store) -> None:
    """Mark jobs whose process died: a job holds a file lock, so a free lock means that its owner is gone."""
    if job_lock_is_free(store.root):
        gone = starter_is_gone(store.root, "job")
        store.write(lambda db: jobs.recover(db, lock_free=True, starter_gone=gone))
