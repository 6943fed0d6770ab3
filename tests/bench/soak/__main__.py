"""Hours of a team at work: does a server that is never restarted stay as it was?

    python -m tests.bench.soak --minutes 60 --annotators 32 [--rate 2] [--visitors 4] [--look 2] [--out SAMPLES.csv]

The annotators label through the real routes (`tests.bench.team.people`); the visitors open every page over a session of
their own, look at each for a while, and begin again. Every five seconds the server's memory, descriptors, threads and
the log that SQLite writes ahead are read. The first third is warm-up: a slope is told of the rest. The workspace is
made of rows.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Final

import numpy as np

from tests.bench import scale_rows
from tests.bench.pages.__main__ import PAGES
from tests.bench.review import table
from tests.bench.review.browser import quantile
from tests.bench.review.server import MOUE, Server, load_average, serve
from tests.bench.review.session import Session
from tests.bench.review.table import Line
from tests.bench.throughput import ROOT

EVERY_S: Final = 5.0
GROWTH_AN_HOUR: Final = 5.0
"""Per cent of what it was after the warm-up, at most."""
LOG_MB: Final = 64.0
SAVED_MS: Final = 250.0
PARTS: Final = 6
_SHARE_OF_FACES: Final = 1.2
"""Faces for each answer that fits into the time: nobody may run out of them."""


@dataclass(frozen=True)
class Sample:
    """seconds: since the start. memory: resident MB of the server. log: MB of the WAL."""

    seconds: float
    memory: float
    descriptors: float
    threads: float
    log: float


@dataclass(frozen=True)
class Asked:
    """rate: answers a second of each annotator. look: seconds for each page of a visitor. out: None: not kept."""

    minutes: float
    annotators: int
    rate: float
    visitors: int
    look: float
    out: Path | None


@dataclass
class Visits:
    """Pages that were opened, and what went wrong."""

    pages: int = 0
    sessions: int = 0
    errors: int = 0


def slope(samples: Sequence[Sample], name: str) -> float:
    """Per cent an hour by which a figure grows after the warm-up: least squares over the last two thirds."""
    kept = samples[len(samples) // 3 :]
    hours = np.array([one.seconds for one in kept]) / 3600
    values = np.array([getattr(one, name) for one in kept])
    return float(100 * np.polyfit(hours, values, 1)[0] / values.mean())


def read(server: Server, seconds: float) -> Sample:
    wal = server.workspace / "moue.db-wal"
    size = wal.stat().st_size / 1e6 if wal.exists() else 0.0
    return Sample(seconds, server.memory(), server.process.num_fds(), server.process.num_threads(), size)


async def visit(server: Server, number: int, until: float, look: float, visits: Visits) -> None:
    """All pages, again and again, each for `look` seconds, each round in a session of its own."""
    cookie = server.sign_in(f"visitor {number}")
    while time.monotonic() < until:
        session = await Session.open(server.address, cookie)
        visits.sessions += 1
        for page in PAGES:
            if time.monotonic() > until:
                break
            try:
                async with asyncio.timeout(60):
                    await session.visit(page)
            except (OSError, TimeoutError):
                visits.errors += 1
            visits.pages += 1
            await asyncio.sleep(look)
        await session.close()


async def all_visits(server: Server, asked: Asked, until: float, visits: Visits) -> None:
    await asyncio.gather(*(visit(server, number, until, asked.look, visits) for number in range(asked.visitors)))


def measure(scratch: Path, asked: Asked) -> Iterator[Line]:
    seconds, annotators, rate = 60 * asked.minutes, asked.annotators, asked.rate
    count = int(_SHARE_OF_FACES * annotators * rate * seconds) + 1000
    template = scratch / "template"
    scale_rows.make(template, count, count, 0)
    with serve(MOUE, template, scratch) as server:
        faces = scratch / "faces.json"
        faces.write_text(json.dumps(dict(server.rows("SELECT id, sha256 FROM faces"))))
        command = [sys.executable, "-m", "tests.bench.team.people", server.address, str(faces),
                   "--people", str(annotators), "--seconds", str(seconds), "--rate", str(rate)]  # fmt: skip
        start = time.monotonic()
        crowd = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
        visits, samples = Visits(), []
        going = all_visits(server, asked, start + seconds, visits)
        pages = threading.Thread(target=asyncio.run, args=(going,), name="visitors")
        pages.start()
        while time.monotonic() < start + seconds:
            samples.append(read(server, time.monotonic() - start))
            time.sleep(EVERY_S)
        seen = json.loads(crowd.communicate()[0])
        pages.join()
        logged, faces_decided = server.rows("SELECT count(*), count(DISTINCT face_id) FROM decisions")[0]
    for error in seen["errors"][:5]:
        print(error)
    if asked.out:
        _write(asked.out, samples)
    words = f"saved, {annotators} people for {asked.minutes:g} min, p99"
    yield Line(words, quantile(seen["saves"], 0.99), "ms", SAVED_MS)
    yield from _by_part(seen["saves"], seen["saved_at"], seconds)
    yield Line(f"  answers, and in the log {logged:,}", len(seen["saves"]), "")
    yield Line("  lost or doubled", abs(len(seen["saves"]) - logged) + logged - faces_decided, "", 0)
    yield Line("  errors", len(seen["errors"]) + visits.errors, "", 0)
    yield Line(f"  pages opened, in {visits.sessions:,} sessions", visits.pages, "")
    yield from _slopes(samples)


def _write(path: Path, samples: Sequence[Sample]) -> None:
    with path.open("w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(one.name for one in fields(Sample))
        rows.writerows(astuple(one) for one in samples)


def _by_part(saves: Sequence[float], saved_at: Sequence[float], seconds: float) -> Iterator[Line]:
    """Whether it rises with the answers, or what is slow is a moment."""
    laps, part = np.array(saves), np.minimum(np.array(saved_at) * PARTS / seconds, PARTS - 1).astype(int)
    for number in range(PARTS):
        mine = laps[part == number].tolist()
        if mine:
            p99, p50 = quantile(mine, 0.99), quantile(mine, 0.5)
            yield Line(f"  p99 in part {number + 1} of {PARTS}", p99, "ms", base=p50, against="p50")


def _slopes(samples: Sequence[Sample]) -> Iterator[Line]:
    last = samples[-1]
    for name, now, unit in (("memory", last.memory, "MB"), ("descriptors", last.descriptors, ""),
                            ("threads", last.threads, "")):  # fmt: skip
        yield Line(f"{name} at the end", now, unit)
        yield Line("  slope an hour, without the first third", slope(samples, name), "%", GROWTH_AN_HOUR)
    yield Line("log written ahead, the largest", max(one.log for one in samples), "MB", LOG_MB)


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.soak", description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--annotators", type=int, default=32)
    parser.add_argument("--rate", type=float, default=2, help="answers a second of each")
    parser.add_argument("--visitors", type=int, default=4)
    parser.add_argument("--look", type=float, default=2, help="seconds for which a visitor looks at each page")
    parser.add_argument("--out", type=Path, help="a CSV of all readings")
    args = parser.parse_args(argv)
    print(f"load before: {load_average()}")
    print(table.head())
    with tempfile.TemporaryDirectory() as scratch:
        for line in measure(Path(scratch), Asked(**vars(args))):
            table.print_line(line)
    print(f"load after: {load_average()}")


if __name__ == "__main__":
    main()
