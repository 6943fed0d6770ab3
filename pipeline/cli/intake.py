"""What the commands that bring photos in share: their settings, and how a job's progress and its end are shown."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from tqdm import tqdm

from db.store.store import Store
from pipeline.actions.intake import class_names, usual_settings
from pipeline.actions.job import JobEnd
from pipeline.cli.detection import settings_of
from pipeline.core.errors import UsageError
from pipeline.core.exit_codes import INTERRUPTED
from pipeline.core.messages import message
from pipeline.core.names import find_name
from pipeline.core.outcome import Outcome
from pipeline.core.records import Settings

DETECTION: Final = ("detector", "options", "faces", "margin", "upright", "border", "landmarks", "class_name")
"""The arguments that each of these commands has, for a job's parameters."""


def chosen_settings(args: argparse.Namespace, store: Store) -> Settings:
    """What the arguments ask for; crops are cut as most photos of the workspace are. Raises UsageError."""
    return settings_of(args, usual_settings(store))


def checked_class_names(args: argparse.Namespace, store: Store) -> frozenset[str]:
    """The workspace's classes. Raises UsageError where `--class` is none of them."""
    names = class_names(store)
    check_class(args.class_name, names)
    return names


def check_class(name: str | None, names: frozenset[str]) -> None:
    """Raises UsageError where a class is asked for that the workspace does not have."""
    if name and find_name(name, names) is None:
        raise UsageError(message("class_name_unknown", name=name, names=tuple(sorted(names))))


def links_within(args: argparse.Namespace) -> tuple[str, ...] | None:
    """The real paths of the folders that links in a source may lead to; None: anywhere, as whoever types it may."""
    return None if args.within is None else tuple(os.path.realpath(path) for path in args.within)


def params_of(args: argparse.Namespace, *names: str) -> dict[str, Any]:
    """A job's parameters: what its page shows, and what starts it again."""
    return {name: getattr(args, name) for name in (*DETECTION, *names)}


@contextmanager
def photo_bar() -> Iterator[Callable[[int, int | None], None]]:
    """A progress bar on stderr where that is a terminal; gives what takes (photos done, of how many or None)."""
    with tqdm(unit="photo", disable=not sys.stderr.isatty(), file=sys.stderr) as bar:

        def show(done: int, total: int | None) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield show


def print_end(args: argparse.Namespace, end: JobEnd | None) -> int:
    """What a job came to, for people or as JSON; returns the exit code."""
    if end is None:
        return INTERRUPTED
    if end.message:
        print(f"moue: {end.message}", file=sys.stderr)
    progress = end.progress
    counts = {str(o): progress.counts[o] for o in Outcome}
    if args.json:
        stages = {name: round(seconds, 4) for name, seconds in sorted(progress.stages.items())}
        figures = {"images": counts, "faces": progress.faces, "seconds": round(progress.seconds, 3)}
        print(json.dumps(figures | {"stages": stages, "job": end.job_id}))
    else:
        found = ", ".join(f"{number:,} {name}" for name, number in counts.items() if number)
        print(f"{found or 'no files'}; {progress.faces:,} new faces in {progress.seconds:.1f} s")
    return 0 if end.state == "done" else INTERRUPTED
