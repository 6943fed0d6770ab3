"""`reprocess`: look for faces or cut crops again, from the originals. Decisions stay with their faces."""

from __future__ import annotations

import argparse
import sys

from db.store.store import Store
from pipeline.actions.job import JobRequest
from pipeline.actions.reprocess import SettingsChange, reprocess_all
from pipeline.cli.intake import photo_bar, print_end


def cmd_reprocess(args: argparse.Namespace, store: Store) -> int:
    names = ("detector", "options", "faces", "margin", "upright", "border", "from_border", "landmarks")
    change = SettingsChange(
        args.detector, tuple(args.options), args.faces, args.margin, args.upright, args.border, args.from_border,
        args.landmarks,
    )  # fmt: skip
    with photo_bar() as show:
        request = JobRequest("reprocess", {name: getattr(args, name) for name in names}, args.job, show)
        done = reprocess_all(store, change, args.executor, request)
    if done.unsettled:
        print(f"moue: {done.unsettled} photos changed all the time: start this again for them", file=sys.stderr)
    if done.failed:
        print(f"moue: {done.failed} photos stay as they were; moue.log tells why", file=sys.stderr)
    return print_end(args, done.job)
