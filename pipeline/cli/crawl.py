"""`crawl`: photos from image searches and lists of addresses, each with where it is from, as a job like any other."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

from db.images.ledger import WebLedger
from db.store.store import Store
from db.tables import jobs, provenance
from pipeline.cli.intake import check_class, chosen_settings, class_names, finish_new, params_of, spool_of, working
from pipeline.cli.job import Report, run_as_job
from pipeline.core.errors import EngineError, UsageError
from pipeline.core.records import ImageRef, Outcome, Provenance, Settings
from pipeline.crawl.budget import Budget
from pipeline.crawl.engines.query import Way
from pipeline.crawl.engines.registry import engine
from pipeline.crawl.keywords import Keyword, parse_lines, parse_typed, read_keywords
from pipeline.crawl.search import Note, Search, ignored, offers
from pipeline.crawl.url_list import read_list
from pipeline.fetch.candidate import Wanted
from pipeline.fetch.fetch import Fetched, FetchLimits, fetch_all
from pipeline.fetch.request import agent_of
from pipeline.fetch.session import check_proxy
from pipeline.files.blobs import BlobStore
from pipeline.run.coordinator import Progress, RunContext, run
from pipeline.run.executors import open_executor

PARAMS: Final = (
    "keywords", "engines", "total", "each", "safe", "face_only", "size", "licence", "proxy", "parallel", "timeout",
    "retries", "contact", "ignore_noai",
)  # fmt: skip
MOST_NOTES: Final = 50


@dataclass
class Crawl:
    """One crawl: what is asked for, and what was told meanwhile."""

    store: Store
    search: Search | None
    lists: tuple[Path, ...]
    limits: FetchLimits
    way: Way
    budget: Budget
    class_name: str | None
    notes: list[Note] = field(default_factory=list)
    fetched: int = 0
    now: str = ""

    def tell(self, note: Note) -> None:
        if note not in self.notes:
            self.notes.append(note)

    def figures(self) -> dict[str, Any]:
        """For the page, beside the outcomes."""
        return {"fetched": self.fetched, "held": self.budget.held, "now": self.now, "notes": [
            {"engine": n.engine, "query": n.query, "message": n.message, "blocked": n.blocked}
            for n in self.notes[-MOST_NOTES:]
        ]}  # fmt: skip


def cmd_crawl(args: argparse.Namespace, store: Store) -> int:
    settings = chosen_settings(args, store)
    names = class_names(args, store)
    progress = Progress()
    with working(args, store):
        crawl = _crawl_of(args, store, names)  # it counts what is there: nobody else may be adding to it
        params = params_of(args, *PARAMS)
        params |= {"keyword_file": str(args.keyword_file or ""), "lists": list(map(str, args.lists))}
        params["keywords"] = [[one.text, one.proposal] for one in crawl.search.keywords] if crawl.search else []
        return run_as_job(
            args, store, "crawl", params, progress, lambda job: _crawl(args, crawl, settings, job, progress)
        )


def _crawl_of(args: argparse.Namespace, store: Store, names: frozenset[str]) -> Crawl:
    """The arguments, checked. Raises UsageError."""
    keywords = _keywords(args)
    for one in keywords:
        check_class(one.proposal, names)
    if bool(keywords) == bool(args.lists):
        raise UsageError("give keywords to search for, or --list with addresses, one of both")
    search = None
    if keywords:
        engines = tuple(engine(name) for name in dict.fromkeys(args.engines or ["bing", "duckduckgo"]))
        search = Search(keywords, engines, args.safe, args.face_only, args.size, args.licence)
    agent = agent_of(args.contact)
    check_proxy(args.proxy)
    limits = FetchLimits(
        proxy=args.proxy, ca=args.ca, total_s=args.timeout, parallel=args.parallel,
        per_host=min(args.parallel, FetchLimits().per_host), retries=args.retries, obey_noai=not args.ignore_noai,
        agent=agent,
    )  # fmt: skip
    way = Way(args.proxy, args.ca, agent, retries=args.retries)
    for path in args.lists:
        for row in read_list(path):  # a bad row is told before anything is fetched
            check_class(row.proposal, names)
    each = args.each
    if each is None and args.total is not None and keywords:
        each = -(-args.total // len(keywords))
    texts = {one.text for one in keywords}
    held = {query: number for query, number in store.read(provenance.had).items() if query in texts}
    return Crawl(store, search, tuple(args.lists), limits, way, Budget(args.total, each, held), args.class_name)


def _keywords(args: argparse.Namespace) -> tuple[Keyword, ...]:
    typed = parse_typed("\n".join(args.keywords))
    read = read_keywords(args.keyword_file) if args.keyword_file else ()
    return parse_lines("\n".join(f"{one.text}\t{one.proposal or ''}" for one in (*typed, *read)))


def _crawl(args: argparse.Namespace, crawl: Crawl, settings: Settings, job_id: str, progress: Progress) -> None:
    executor = open_executor(args.executor)
    report = Report(crawl.store, job_id, args.total, crawl.figures)
    listed = str(crawl.lists[0]) if crawl.lists else ""
    try:
        context = RunContext(
            settings, BlobStore(crawl.store.root), WebLedger(crawl.store, job_id, listed), True, report
        )
        run(_refs(crawl, job_id), executor, context, progress)
        report(progress)
        finish_new(crawl.store, report, progress)
    finally:
        crawl.way.stop.set()
        crawl.budget.close()
        executor.close()
        report.close()
    blocked = [note for note in crawl.notes if note.blocked]
    if blocked and not progress.done:
        raise EngineError(blocked[0].message, blocked=True)
    if not progress.done and crawl.notes and all("found nothing" not in note.message for note in crawl.notes):
        raise EngineError(crawl.notes[0].message)


def _refs(crawl: Crawl, job_id: str) -> Iterator[ImageRef]:
    """Each address as a file that was fetched, or as the failure that it ended in."""
    spool = spool_of(crawl.store) / "web"
    cancelled = partial(crawl.store.read, lambda db: jobs.is_cancelled(db, job_id))
    wanted = crawl.budget.limited(_wanted(crawl), _share)
    for one in fetch_all(wanted, spool, crawl.limits, cancelled):
        crawl.fetched += one.failure is None
        crawl.now = one.wanted.query
        crawl.budget.settle(_share(one.wanted), good=one.failure is None)
        yield _ref(one, crawl.class_name)


def _share(wanted: Wanted) -> str:
    return wanted.query


def _wanted(crawl: Crawl) -> Iterator[Wanted]:
    known = crawl.store.read(provenance.known_urls)
    if crawl.search is None:
        yield from (one for path in crawl.lists for one in read_list(path) if one.url not in known)
        return
    for name, missing in ignored(crawl.search).items():
        words = ", ".join(missing).replace("_", " ")
        crawl.tell(Note(name, "", f"{name} has no filter for: {words}"))
    yield from offers(crawl.search, crawl.way, crawl.tell, known.__contains__, crawl.budget.share_is_full)


def _ref(one: Fetched, class_name: str | None) -> ImageRef:
    told = one.wanted
    origin = Provenance(
        told.url, told.page_url, told.title, told.author, told.licence, told.licence_url, told.engine, told.query
    )
    ref = ImageRef(
        one.path, told.url, one.size, proposal=told.proposal or class_name, spooled=bool(one.path), provenance=origin
    )
    if one.failure is None:
        return ref
    outcome, reason = one.failure
    return ImageRef(told.url, told.url, 0, proposal=ref.proposal, failure=(Outcome(outcome), reason), provenance=origin)
