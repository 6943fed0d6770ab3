"""What a folder costs that was collected before: CPU of meeting each file and of asking what became of it.

    python -m tests.bench.known_files [--files 100000] [--rounds 3]

The baseline beside it is `os.scandir` with one `os.stat` a file. The files are tiny: none is opened.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Final

import psutil

from db.images import images
from db.images.ledger import DatabaseLedger
from db.store.store import Store
from pipeline.core.messages import verbatim
from pipeline.core.outcome import Outcome
from pipeline.core.records import ImageOutcome, ImageRef, StoredOutcome
from pipeline.sources.plan import plan_source
from pipeline.sources.walk import iter_source

A_FOLDER: Final = 10_000


def stat_all(folder: Path) -> int:
    """The least that finding a changed file takes."""
    found = 0
    for one in os.scandir(folder):
        for file in os.scandir(one.path):
            os.stat(file.path)
            found += 1
    return found


def timed(work: Callable[[], int], files: int) -> float:
    """Seconds of CPU; the work must meet every file."""
    start = time.process_time()
    found = work()
    taken = time.process_time() - start
    assert found == files
    return taken


def fill(folder: Path, files: int) -> None:
    for number in range(files):
        place = folder / f"{number // A_FOLDER:03}"
        if number % A_FOLDER == 0:
            place.mkdir(parents=True)
        (place / f"{number:06}.jpg").write_bytes(b"%d" % number)


def outcome(ref: ImageRef) -> StoredOutcome:
    sha = hashlib.sha256(ref.path.encode()).hexdigest()
    result = ImageOutcome(ref, Outcome.NO_FACE, verbatim("no face was found"), sha, 9, 9, "JPEG")
    return StoredOutcome(result, "referenced", ref.path)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.known_files", description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as made, Store.open(Path(made) / "workspace") as store:
        folder = Path(made) / "photos"
        fill(folder, args.files)
        source = store.write(lambda db: images.ensure_source(db, "folder", str(folder)))
        plan = plan_source(folder, Path(made) / "workspace" / ".incoming" / "members", 1 << 25)
        refs = iter_source(plan)
        while some := [outcome(ref) for ref in islice(refs, 500)]:
            DatabaseLedger(store, source, None).record(some)
        before = psutil.Process().memory_info().rss

        def ask_again() -> int:
            ledger = DatabaseLedger(store, source, None)
            return sum(map(ledger.is_finished, iter_source(plan, ledger)))

        bare, walk, known = (
            statistics.median(timed(work, args.files) for _ in range(args.rounds))
            for work in (lambda: stat_all(folder), lambda: sum(1 for _ in iter_source(plan)), ask_again)
        )
        grown = (psutil.Process().memory_info().rss - before) / 1e6
    print(f"{args.files:,} files: scandir and stat {bare:.2f} s of CPU")
    print(f"met: {walk:.2f} s, {walk / bare:.1f} times that; met and known: {known:.2f} s, {known / bare:.1f} times")
    print(f"memory grown: {grown:.0f} MB")


if __name__ == "__main__":
    main()
