"""What the long commands share: a job that the pages follow, with its progress, its pause and its end."""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final

from tqdm import tqdm

from db.store.store import Store
from db.tables import jobs
from pipeline.core.errors import MoueError
from pipeline.core.records import Outcome
from pipeline.run.coordinator import Progress

INTERRUPTED: Final = 130
PAUSE_SECONDS: Final = 0.5


class CancelledError(MoueError):
    """Somebody pressed Cancel on the page. state: how the job ends by it."""

    state: ClassVar[str] = "cancelled"


class Report:
    """Brings a run's figures to the terminal and to the database, and a page's Pause and Cancel to the run.

    total: None where it is not known. more: figures of this command beside the outcomes.
    """

    def __init__(
        self, store: Store, job_id: str, total: int | None, more: Callable[[], Mapping[str, Any]] = dict[str, Any]
    ) -> None:
        self._store, self._job, self._total, self._more = store, job_id, total, more
        self._bar: tqdm[Any] = tqdm(total=total, unit="photo", disable=not sys.stderr.isatty(), file=sys.stderr)

    def __call__(self, progress: Progress) -> None:
        self._bar.update(progress.done - self._bar.n)
        self._note(progress)
        self._rest(progress)

    def tell(self, progress: Progress, phase: str) -> None:
        """A phase after the photos: what is done now, for the page."""
        self._note(progress, phase=phase)
        self._rest(progress)

    def _note(self, progress: Progress, **phase: str) -> None:
        figures = {**figures_of(progress), **self._more(), **phase}
        self._store.write(lambda db: jobs.progress(db, self._job, self._total, progress.done, figures))

    def _rest(self, progress: Progress) -> None:
        """Sleep while the job is paused; the workers finish what they have and wait. Raises CancelledError."""
        while True:
            self.end_if_asked()
            if not self._store.read(lambda db: jobs.is_paused(db, self._job)):
                return
            time.sleep(PAUSE_SECONDS)
            self._store.write(lambda db: jobs.rested(db, self._job, PAUSE_SECONDS))

    def end_if_asked(self) -> None:
        """Raises CancelledError once somebody pressed Cancel."""
        if self._store.read(lambda db: jobs.is_cancelled(db, self._job)):
            raise CancelledError("cancelled; the same command goes on where it stopped")

    def close(self) -> None:
        self._bar.close()


def figures_of(progress: Progress) -> dict[str, int | str]:
    return {**{str(k): v for k, v in progress.counts.items()}, "faces": progress.faces}


def run_as_job(
    args: argparse.Namespace,
    store: Store,
    kind: str,
    params: Mapping[str, Any],
    progress: Progress,
    work: Callable[[str], None],
) -> int:
    """Do `work(job id)` as a job under the workspace's lock (held by the caller); returns the exit code.

    Ctrl-C and a page's Cancel end it as cancelled (130), the end of its owner as interrupted; a MoueError ends it as
    failed and is passed on.
    """
    if args.job and store.read(lambda db: jobs.is_cancelled(db, args.job)):
        return INTERRUPTED  # somebody pressed Cancel before this process was there
    job_id = store.write(lambda db: jobs.start_job(db, kind, params, os.getpid(), job_id=args.job))
    state, error, code = "failed", None, 1
    try:
        work(job_id)
        state, code = "done", 0
    except (KeyboardInterrupt, CancelledError) as e:
        state = e.state if isinstance(e, CancelledError) else "cancelled"
        code, error = INTERRUPTED, str(e) or "interrupted; the same command goes on"
        print(f"moue: {error}", file=sys.stderr)
    except MoueError as e:
        error = str(e)
        raise
    finally:
        logging.info("%s %s: %s %s", kind, job_id, state, figures_of(progress))
        store.write(lambda db: jobs.finish(db, job_id, state, error))
    print_run(args, progress, job_id)
    return code


def print_run(args: argparse.Namespace, progress: Progress, job_id: str) -> None:
    """What a run came to, for people or as JSON."""
    counts = {str(o): progress.counts[o] for o in Outcome}
    if args.json:
        stages = {name: round(seconds, 4) for name, seconds in sorted(progress.stages.items())}
        figures = {"images": counts, "faces": progress.faces, "seconds": round(progress.seconds, 3)}
        print(json.dumps(figures | {"stages": stages, "job": job_id}))
        return
    told = ", ".join(f"{number:,} {name}" for name, number in counts.items() if number)
    print(f"{told or 'no files'}; {progress.faces:,} new faces in {progress.seconds:.1f} s")
