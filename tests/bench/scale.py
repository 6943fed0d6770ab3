"""Every list, filter and count of the pages in a workspace of a million faces, and what a photo costs there.

    python -m tests.bench.scale [--images 200000] [--faces 1000000] [--decisions 200000] [--repeat 20]
                                [--photos FOLDER [--n 1000] [--rounds 2]] [--workspace DIR]

The rows are made up (about two minutes and 1.6 GB; `--workspace` keeps them for the next time). Queries are listed in
milliseconds of CPU, and as a ratio to `SELECT count(*) FROM faces` in the same run. With photos, the same files go
into an empty workspace and into the large one, taking turns.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

from db.decisions import rules
from db.decisions.log import apply_ops
from db.decisions.ops import DecideOp
from db.duplicates import groups, not_duplicates
from db.images import images
from db.images.ledger import DatabaseLedger
from db.projection import columns, histogram
from db.projection.filters import ReviewFilter
from db.reads import details, files
from db.reads.counts import workspace_counts
from db.reads.review import proposal_counts, review_page
from db.reads.sources import list_sources
from db.store.store import DATABASE_NAME, Db, Store
from db.tables import jobs
from db.tables.jobs import jobs_recent
from pipeline.core.records import ImageRef, Verdict
from tests.bench import scale_rows
from tests.bench.throughput import ROOT, find_photos
from tests.db.make import review_total

LIMIT_MS: Final = 100
RANGES: Final = (("side", 200.0, None), ("sharpness", 300.0, None), ("yaw", -30.0, 30.0))
NONE_MATCH: Final = (("side", 499.5, 499.7),)
BEHIND: Final = f"{2**31}.{2**31}"
MIDDLE: Final = "0.0"
"""Half of the faces have a lift below 0."""
Query = Callable[[Db], object]


def overview() -> Iterator[tuple[str, Query]]:
    """What every page asks."""
    yield "counts (navigation)", workspace_counts
    yield "sources", list_sources
    yield "proposed classes", proposal_counts
    yield "duplicates: open groups (navigation)", groups.open_groups
    yield "duplicates: totals", groups.totals
    for state in ("open", "resolved", "conflicts", "all"):
        yield f"duplicates: a page, {state}", group_page(state)
    yield "duplicates: a page, not duplicates", lambda db: not_duplicates.not_duplicate_page(db, 20)
    yield "rules", rules.list_rules
    yield "failures of a job", lambda db: jobs.failures_of(db, scale_rows.JOB)
    yield "ledger: size known", lambda db: images.has_size(db, 100_007)
    yield "ledger: file known", lambda db: images.known(db, 1, "/photos/1/3.jpg")
    yield "last jobs", jobs_recent


def reviews() -> Iterator[tuple[str, Query]]:
    """Dense, sparse and empty filters, in every order; the last page."""
    for state in ("undecided", "all", "class:3", "rejected"):
        for order in ("import", "proposal", "sharpness", "-side", "doubtful"):
            yield f"review {state}, by {order}", page(ReviewFilter(state, order=order))
    for name, flt in (
        ("one large source", ReviewFilter(source_id=1, order="yaw")),
        ("one small source", ReviewFilter(source_id=7, order="yaw")),
        ("one proposal", ReviewFilter(proposal=2, order="lift")),
        ("three ranges", ReviewFilter(ranges=RANGES, order="lift")),
        ("three ranges and a source", ReviewFilter(source_id=1, ranges=RANGES, order="-lift")),
        ("a range that none passes", ReviewFilter(ranges=NONE_MATCH, order="lift")),
    ):
        yield f"review {name}", page(flt)
    yield "review last page, by import", page(ReviewFilter(), before=str(2**31))
    yield "review last page, by lift", page(ReviewFilter(order="lift"), before=BEHIND)
    yield "review last page, three ranges", page(ReviewFilter(order="lift", ranges=RANGES), before=BEHIND)
    for order in ("lift", "-lift"):
        flt = ReviewFilter(order=order)
        yield f"review behind the middle, by {order}", page(flt, after=MIDDLE)
        yield f"review before the middle, by {order}", page(flt, before=MIDDLE)
    yield "review total", lambda db: review_total(db, ReviewFilter(ranges=RANGES))


def others() -> Iterator[tuple[str, Query]]:
    """The quality page and the clean page."""
    yield "histogram", lambda db: histogram.histogram(db, "sharpness", 80, ReviewFilter())
    yield "histogram, three ranges", lambda db: histogram.histogram(db, "lift", 80, ReviewFilter(ranges=RANGES))
    yield "keeps, of the undecided", lambda db: histogram.count_passing(db, RANGES, "undecided")
    yield "keeps, of all", lambda db: histogram.count_passing(db, RANGES, "all")
    yield "rule: would reject", lambda db: rules.would_reject(db, RANGES)
    yield "clean", files.clean_page
    yield "clean, last page", lambda db: files.clean_page(db, before=f"6.{2**40}")
    yield "clean, added", lambda db: files.clean_page(db, "added")
    yield "clean, one source", lambda db: files.clean_page(db, None, 1)
    yield "clean, added, one source", lambda db: files.clean_page(db, "added", 1)
    yield "clean, exact copies", lambda db: files.clean_page(db, "already_present")
    yield "clean, none matching", lambda db: files.clean_page(db, "quarantined")


def lookups(store: Store) -> Iterator[tuple[str, Query]]:
    """One face, one image, one file, from the middle of the tables."""
    sql = "SELECT id, sha256 FROM faces WHERE seq >= (SELECT max(seq) / 2 FROM faces) LIMIT 1"
    face, sha = store.read(lambda db: db.execute(sql).fetchone())
    yield "one face", lambda db: details.face_info(db, face)
    yield "one image", lambda db: details.image_info(db, sha)
    ledger = DatabaseLedger(store, 1, scale_rows.JOB)
    yield "ledger: finished", lambda _: ledger.finished(ImageRef("/p", "/photos/1/3.jpg", 100_003, 3))
    yield "ledger: image known", lambda _: ledger.known([sha])


def page(flt: ReviewFilter, before: str | None = None, after: str | None = None) -> Query:
    return lambda db: review_page(db, flt, 96, after, before)


def group_page(state: groups.GroupState) -> Query:
    return lambda db: groups.group_page(db, state, 20)


@dataclass(frozen=True)
class Line:
    """CPU milliseconds of one query."""

    name: str
    middle: float
    high: float


def clock(store: Store, name: str, query: Query, repeat: int) -> Line:
    store.read(query)  # the pages of the file come into memory
    laps = []
    for _ in range(repeat):
        start = time.process_time()
        store.read(query)
        laps.append((time.process_time() - start) * 1000)
    laps.sort()
    return Line(name, median(laps), laps[min(len(laps) - 1, round(0.95 * (len(laps) - 1)))])


def print_queries(store: Store, repeat: int) -> None:
    base = clock(store, "baseline: SELECT count(*) FROM faces", lambda db: db.execute(
        "SELECT count(*) FROM faces").fetchone(), repeat)  # fmt: skip
    print(f"\n{'':42}{'p50 ms':>9}{'p95 ms':>9}{'ratio':>8}")
    parts = (overview(), reviews(), others(), lookups(store))
    slow = print_line(base, base) + sum(
        print_line(clock(store, *query, repeat), base) for part in parts for query in part
    )
    slow += print_decisions(store, base, repeat)
    print(f"{slow} over {LIMIT_MS} ms; memory at most {megabytes(resource.getrusage(resource.RUSAGE_SELF)):,.0f} MB")


def print_line(line: Line, base: Line) -> bool:
    """Print one line; returns whether it is over the limit."""
    over = line.high > LIMIT_MS
    mark = f"  over {LIMIT_MS} ms" if over else ""
    print(f"{line.name:42}{line.middle:9.1f}{line.high:9.1f}{line.middle / base.middle:8.2f}{mark}", flush=True)
    return over


def print_decisions(store: Store, base: Line, repeat: int) -> int:
    """Decisions a second of CPU, in batches of ten as the page sends them, and the queries with as many changes
    waiting as ever do. Returns how many of those are over the limit."""
    store.write(columns.compact)
    number = 2 * columns.COMPACT_AT - 10  # compacted once on the way
    rows = store.read(lambda db: db.execute(
        "SELECT s.face_id, f.sha256 FROM face_state s JOIN faces f ON f.seq = s.seq"
        " WHERE s.verdict IS NULL AND s.seq % 97 = 0 LIMIT ?", [number]).fetchall())  # fmt: skip
    ops = [
        DecideOp(str(uuid.uuid4()), str(uuid.uuid4()), face, sha, Verdict.ACCEPT, 3) for face, sha in rows
    ]  # fmt: skip
    laps = []
    for first in range(0, len(ops), 10):
        batch, start = ops[first : first + 10], time.process_time()
        store.write(lambda db, batch=batch: apply_ops(db, "Bob", batch))
        laps.append((time.process_time() - start) * 1000)
    waiting = store.read(lambda db: db.execute("SELECT count(*) FROM face_changes").fetchone()[0])
    queue = (
        ("counts", workspace_counts),
        ("review by import", page(ReviewFilter())),
        ("review three ranges", page(ReviewFilter(order="lift", ranges=RANGES))),
        ("histogram", lambda db: histogram.histogram(db, "lift", 80, ReviewFilter())),
    )
    slow = sum(
        print_line(clock(store, f"{name}, {waiting:,} changes waiting", query, repeat), base) for name, query in queue
    )
    if laps:
        print(f"decisions: {1000 * len(ops) / sum(laps):,.0f} a second of CPU, in batches of ten; the slowest batch"
              f" {max(laps):.0f} ms")  # fmt: skip
    return slow


def megabytes(usage: resource.struct_rusage) -> float:
    return usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


@dataclass(frozen=True)
class Ingest:
    """One run: seconds of the work and of CPU, both without the search for near copies, and its peak memory."""

    photos: int
    seconds: float
    compare: float
    cpu: float
    megabytes: float


def ingest(files: Path, workspace: Path) -> Ingest:
    """A process of its own. Raises CalledProcessError where it fails."""
    words = ["ingest", str(files), "--workspace", str(workspace), "--executor", "serial", "--json"]
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen([sys.executable, "-m", "pipeline", *words], cwd=ROOT, stdout=out)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, words)
        out.seek(0)
        figures: dict[str, Any] = json.loads(out.read())
    photos = sum(figures["images"].values())
    compare = float(figures["stages"].get("compare", 0.0))
    cpu = usage.ru_utime + usage.ru_stime - compare  # one thread searches, without waiting
    return Ingest(photos, figures["seconds"] - compare, compare, cpu, megabytes(usage))


def tell_ingest(photos: Sequence[Path], large: Path, rounds: int, scratch: Path) -> None:
    """Each round has photos of its own: the large workspace knows those of the round before."""
    print(f"\n{'ingest, one process':42}{'ms a photo':>11}{'search ms':>11}{'CPU s':>8}{'MB':>7}")
    laps: dict[str, list[Ingest]] = {"empty": [], "large": []}
    for number in range(rounds):
        folder = scratch / f"photos-{number}"
        folder.mkdir()
        for photo in photos[number::rounds]:
            shutil.copyfile(photo, folder / f"{photo.stem}-{len(os.listdir(folder))}{photo.suffix}")
        for name in ("empty", "large") if number % 2 == 0 else ("large", "empty"):
            workspace = large if name == "large" else scratch / f"empty-{number}"
            done = ingest(folder, workspace)
            laps[name].append(done)
            label = f"  round {number + 1}, {name}"
            each, search = (1000 * seconds / done.photos for seconds in (done.seconds, done.compare))
            print(f"{label:42}{each:11.1f}{search:11.1f}{done.cpu:8.1f}{done.megabytes:7.0f}", flush=True)
    cpu, wall, searched = (
        median(of(lap) / lap.photos for lap in laps["large"]) / median(of(lap) / lap.photos for lap in laps["empty"])
        for of in (lambda lap: lap.cpu, lambda lap: lap.seconds, lambda lap: lap.seconds + lap.compare)
    )
    print(f"a photo in the large workspace costs {cpu:.2f}x the CPU and {wall:.2f}x the time of one in the empty one;"
          f" {searched:.2f}x the time with the search for near copies")  # fmt: skip


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.scale", description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=200_000)
    parser.add_argument("--faces", type=int, default=1_000_000)
    parser.add_argument("--decisions", type=int, default=200_000)
    parser.add_argument("--repeat", type=int, default=20)
    parser.add_argument("--photos", type=Path, help="real photos to ingest (none without it)")
    parser.add_argument("--n", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--workspace", type=Path, help="made there and kept; used again where it is there")
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="moue-scale-") as name:
        scratch = Path(name)
        large = args.workspace or scratch / "large"
        if not (large / DATABASE_NAME).exists():
            # in a process of its own, or its memory would count as that of the queries and of the ingests
            maker = multiprocessing.get_context("spawn").Process(
                target=scale_rows.make, args=(large, args.images, args.faces, args.decisions)
            )
            maker.start()
            maker.join()
            if maker.exitcode:
                sys.exit(maker.exitcode)
        print(scale_rows.describe(large))
        with Store.open(large) as store:
            print_queries(store, args.repeat)
        if args.photos:
            tell_ingest(find_photos([args.photos])[: args.n], large, args.rounds, scratch)


if __name__ == "__main__":
    main()
