"""`ingest`: files, folders and zips to images, faces and crops, as a job that can be watched, paused and cancelled."""

from __future__ import annotations

import argparse
from dataclasses import replace

from db.base.paths import to_text
from db.store.store import Store
from pipeline.actions.ingest import IngestOptions, as_uploads, ingest
from pipeline.actions.job import JobRequest, spool_folder
from pipeline.actions.watch import watch_folder
from pipeline.cli.intake import checked_class_names, chosen_settings, links_within, params_of, photo_bar, print_end
from pipeline.sources.plan import plan_source


def cmd_ingest(args: argparse.Namespace, store: Store) -> int:
    settings = chosen_settings(args, store)
    names = checked_class_names(args, store)
    proposable = names if args.propose_classes else frozenset[str]()
    chosen = {
        "class_name": args.class_name,
        "class_names": proposable,
        "frames": args.frames,
        "within": links_within(args),
    }
    plans = [replace(plan_source(path, spool_folder(store), settings.max_bytes), **chosen) for path in args.paths]
    if args.source_kind:
        plans = as_uploads(store, plans)
    params = params_of(args, "copy", "frames", "propose_classes", "source_kind", "source_name", "watch")
    params["paths"] = [to_text(str(plan.root)) for plan in plans]
    options = IngestOptions(settings, args.executor, args.copy, args.source_kind, args.source_name)
    with photo_bar() as show:
        request = JobRequest("ingest", params, args.job, show)
        if args.watch:
            end = watch_folder(store, plans, options, request, args.watch, args.watch_owner)
        else:
            end = ingest(store, plans, options, request)
    return print_end(args, end)
