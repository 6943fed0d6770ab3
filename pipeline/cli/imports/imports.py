"""`import`: a labelled data set, its labels as decisions and its splits as placements."""

from __future__ import annotations

import argparse
import json
import sys

from db.base.paths import to_text
from db.store.store import Store
from pipeline.actions.imports.options import Imported, ImportOptions
from pipeline.actions.imports.run import import_data_set
from pipeline.actions.ingest import IngestOptions
from pipeline.actions.job import JobRequest
from pipeline.cli.intake import checked_class_names, chosen_settings, links_within, params_of, photo_bar
from pipeline.core.exit_codes import FINDINGS, INTERRUPTED


def cmd_import(args: argparse.Namespace, store: Store) -> int:
    settings = chosen_settings(args, store)
    checked_class_names(args, store)
    ingest = IngestOptions(settings, args.executor, args.copy, None, args.source_name)
    options = ImportOptions(
        args.annotator,
        ingest,
        args.as_format or "",
        args.line or "",
        args.make_classes,
        args.mouths,
        args.take_doubts,
        links_within(args),
    )
    params = params_of(args, "as_format", "line", "make_classes", "mouths", "take_doubts", "copy", "source_name")
    params["labels_of"] = args.annotator
    params["path"] = to_text(str(args.path.absolute()))
    with photo_bar() as show:
        end, done = import_data_set(store, args.path, options, JobRequest("import", params, args.job, show))
    if done is None:
        if end is not None and end.message:
            print(f"moue: {end.message}", file=sys.stderr)
        return INTERRUPTED
    return _print(done, as_json=args.json)


def _print(done: Imported, *, as_json: bool) -> int:
    said = [*done.unmatched, *done.decided, *done.doubts]
    if as_json:
        print(json.dumps(done.as_json()))
    else:
        print(
            f"{done.labels:,} labels read as {done.format}: {done.saved:,} decisions saved, {done.repeats:,} were there"
            f" already{_others(done)}; {done.added:,} new photos, {done.placed:,} photos placed in the line {done.line}"
        )
        if done.made:
            print(f"classes made: {', '.join(done.made)}")
    for title, found in (
        ("not taken", done.unmatched), ("a person decided otherwise", done.decided),
        ("have other ids here", done.notes),
        ("wait for your word: see Collect, Labelled data set, or give --take-doubts", done.doubts),
    ):  # fmt: skip
        if found:
            print("\n".join([f"{len(found):,} {title}", *map(str, found)]), file=sys.stderr)
    return FINDINGS if said else 0


def _others(done: Imported) -> str:
    """What became of the labels that are neither new nor repeats."""
    words = ("not taken", done.not_taken), ("decided otherwise", len(done.decided)), ("wait", done.waiting)
    return "".join(f", {n:,} {word}" for word, n in (*words, ("left before", done.left)) if n)
