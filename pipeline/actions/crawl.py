"""Collects photos from image searches and lists of URLs, and records where each one is from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

from db.images.ledger import WebLedger
from db.store.store import Store
from db.tables import jobs, provenance
from pipeline.actions.intake import finished
from pipeline.actions.job import JobEnd, JobReport, JobRequest, run_job, spool_folder, workspace_held
from pipeline.core.durable import make_folder
from pipeline.core.errors import EngineError
from pipeline.core.messages import message
from pipeline.core.outcome import Outcome
from pipeline.core.records import ImageRef, Settings
from pipeline.crawl.budget import Budget
from pipeline.crawl.engines.query import HttpOptions
from pipeline.crawl.search import FILTER_CODES, Note, Search, find_candidates, unsupported_filters
from pipeline.crawl.url_list import read_list
from pipeline.fetch.candidate import ImageCandidate
from pipeline.fetch.fetch import Fetched, fetch_all
from pipeline.fetch.request import FetchLimits
from pipeline.files.blobs import BlobStore
from pipeline.run.coordinator import Progress, RunContext, run
from pipeline.run.executors import open_executor

MOST_NOTES: Final = 50


@dataclass(frozen=True, slots=True)
class CrawlOptions:
    """Options of a crawl. search: None if the URLs come from the files in `lists`.

    total: photos to collect, each: photos per keyword; None for no limit. class_name: proposed for every photo that has
    no proposal of its own.
    """

    settings: Settings
    search: Search | None
    lists: tuple[Path, ...]
    limits: FetchLimits
    http: HttpOptions
    total: int | None = None
    each: int | None = None
    class_name: str | None = None
    executor: str = "processes"


def crawl(store: Store, options: CrawlOptions, request: JobRequest) -> JobEnd | None:
    """Search and fetch until the wanted number of photos is reached or nothing is left; see `run_job`.

    Raises UsageError for a list that cannot be read, EngineError where no engine gave anything, BusyError,
    StorageError.
    """
    progress = Progress()
    with workspace_held(store, request.job_id):
        # It counts what is there: nobody else may be adding to it.
        texts = {one.text for one in options.search.keywords} if options.search else set[str]()
        there = {query: number for query, number in store.read(provenance.images_by_query).items() if query in texts}
        work = _Crawl(store, options, request, progress, Budget(options.total, options.each, there))
        return run_job(store, request, progress, work.run)


@dataclass
class _Crawl:
    """A running crawl. notes: messages of the engines. current: the keyword of the photo that was fetched last."""

    store: Store
    options: CrawlOptions
    request: JobRequest
    progress: Progress
    budget: Budget
    notes: list[Note] = field(default_factory=list)
    fetched: int = 0
    current: str = ""

    def run(self, job_id: str) -> None:
        """Raises EngineError where nothing came and an engine said why."""
        store, options = self.store, self.options
        executor = open_executor(options.executor)
        report = JobReport(store, job_id, options.total, self.request.show, self._metrics)
        listed = str(options.lists[0]) if options.lists else ""
        try:
            ledger = WebLedger(store, job_id, listed)
            context = RunContext(options.settings, BlobStore(store.root), ledger, True, report)
            with finished(store, report, self.progress):
                run(self._refs(job_id), executor, context, self.progress)
                report(self.progress)
        finally:
            options.http.stop.set()
            self.budget.close()
            executor.close()
        self._raise_where_nothing_came()

    def _raise_where_nothing_came(self) -> None:
        if self.progress.done:
            return
        blocked = [note for note in self.notes if note.blocked]
        if blocked:
            raise EngineError(blocked[0].message, blocked=True)
        if self.notes and all(note.message.code != "engine_found_nothing" for note in self.notes):
            raise EngineError(self.notes[0].message)

    def _refs(self, job_id: str) -> Iterator[ImageRef]:
        """Each address as a file that was fetched, or as the failure that it ended in."""
        spool = spool_folder(self.store) / "web"
        make_folder(spool, inside=self.store.root)
        cancelled = partial(self.store.read, lambda db: jobs.is_cancelled(db, job_id))
        candidates = self.budget.limited(self._candidates(), _query)
        for fetched in fetch_all(candidates, spool, self.options.limits, cancelled):
            self.fetched += fetched.failure is None
            self.current = _query(fetched.candidate)
            self.budget.finish(self.current, good=fetched.failure is None)
            yield _ref(fetched, self.options.class_name)

    def _candidates(self) -> Iterator[ImageCandidate]:
        options = self.options
        known = self.store.read(provenance.known_urls)
        if options.search is None:
            yield from (one for path in options.lists for one in read_list(path) if one.url not in known)
            return
        for name, missing in unsupported_filters(options.search).items():
            filters = tuple(message(FILTER_CODES[one]) for one in missing)
            self._note(Note(name, "", message("engine_without_filter", engine=name, filters=filters)))
        yield from find_candidates(
            options.search, options.http, self._note, known.__contains__, self.budget.share_is_full
        )

    def _note(self, note: Note) -> None:
        if note not in self.notes:
            self.notes.append(note)

    def _metrics(self) -> dict[str, Any]:
        """For the page, beside the outcomes."""
        return {"fetched": self.fetched, "held": self.budget.arrived, "now": self.current, "notes": [
            {"engine": n.engine, "query": n.query, "message": n.message.text, "code": n.message.code,
             "params": n.message.json_params(), "blocked": n.blocked}
            for n in self.notes[-MOST_NOTES:]
        ]}  # fmt: skip


def _query(candidate: ImageCandidate) -> str:
    return candidate.provenance.query


def _ref(fetched: Fetched, class_name: str | None) -> ImageRef:
    candidate = fetched.candidate
    url, origin, proposal = candidate.url, candidate.provenance, candidate.proposal or class_name
    if fetched.failure is None:
        return ImageRef(
            fetched.path, url, fetched.size, proposal=proposal, spooled=bool(fetched.path), provenance=origin,
            person=candidate.person,
        )  # fmt: skip
    outcome, reason = fetched.failure
    return ImageRef(url, url, 0, proposal=proposal, failure=(Outcome(outcome), reason), provenance=origin)
