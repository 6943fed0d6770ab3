"""`crawl`: photos from image searches and lists of addresses, each with where it is from, as a job like any other."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from db.store.store import Store
from pipeline.actions.crawl import CrawlOptions, crawl
from pipeline.actions.job import JobRequest
from pipeline.cli.intake import (
    check_class,
    checked_class_names,
    chosen_settings,
    params_of,
    photo_bar,
    print_end,
)
from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.core.records import Settings
from pipeline.crawl.engines.query import HttpOptions
from pipeline.crawl.engines.registry import engine
from pipeline.crawl.keywords import Keyword, parse_lines, parse_typed, read_keywords
from pipeline.crawl.search import Search
from pipeline.crawl.url_list import read_list
from pipeline.fetch.request import FetchLimits, agent_of
from pipeline.fetch.session import check_proxy, without_password

BROWSER: Final = ".browser"
"""The folder of a workspace in which the watched browser keeps its profile."""
PARAMS: Final = (
    "keywords", "engines", "total", "each", "safe", "face_only", "size", "licence", "proxy", "parallel", "timeout",
    "retries", "contact", "ignore_noai",
)  # fmt: skip


def cmd_crawl(args: argparse.Namespace, store: Store) -> int:
    settings = chosen_settings(args, store)
    options = _options(args, settings, checked_class_names(args, store), store.root / BROWSER)
    params = params_of(args, *PARAMS)
    params |= {"keyword_file": str(args.keyword_file or ""), "lists": list(map(str, args.lists))}
    params["proxy"] = without_password(args.proxy)
    params["keywords"] = [[one.text, one.proposal] for one in options.search.keywords] if options.search else []
    with photo_bar() as show:
        end = crawl(store, options, JobRequest("crawl", params, args.job, show))
    return print_end(args, end)


def _options(args: argparse.Namespace, settings: Settings, names: frozenset[str], profile: Path) -> CrawlOptions:
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
    http = HttpOptions(args.proxy, args.ca, agent, retries=args.retries, profile=profile)
    for path in args.lists:
        is_empty = True
        for row in read_list(path):  # a bad row is reported before anything is fetched
            is_empty = False
            check_class(row.proposal, names)
        if is_empty:
            raise UsageError(message("list_empty", file=path))
    each = args.each
    if each is None and args.total is not None and keywords:
        each = -(-args.total // len(keywords))
    return CrawlOptions(
        settings, search, tuple(args.lists), limits, http, args.total, each, args.class_name, args.executor
    )


def _keywords(args: argparse.Namespace) -> tuple[Keyword, ...]:
    typed = parse_typed("\n".join(args.keywords))
    read = read_keywords(args.keyword_file) if args.keyword_file else ()
    return parse_lines("\n".join(f"{one.text}\t{one.proposal or ''}" for one in (*typed, *read)))
