"""Photos a second on two local Dask workers against `processes:2`, on the same photos, start-up apart.

    python -m tests.bench.executors PATH... [--n 300] [--workers 2] [--rounds 5]

Both executors are started and have worked once before the clock starts; the laps take turns at who goes first. What
comes back is only counted: storing it costs both the same. The scheduler and the workers are real processes.
"""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import psutil

from pipeline.core.records import ImageRef, Settings
from pipeline.run.executors import Executor, open_executor
from tests.bench.throughput import find_photos
from tests.faults.cluster import cluster


def refs_of(photos: Sequence[Path], count: int) -> Iterator[ImageRef]:
    """`count` refs; photos come again where there are fewer."""
    for path in itertools.islice(itertools.cycle(photos), count):
        yield ImageRef(str(path), str(path), path.stat().st_size)


def lap(executor: Executor, photos: Sequence[Path], count: int) -> float:
    """Seconds for all of them."""
    start = time.perf_counter()
    done = sum(1 for _ in executor.outcomes(refs_of(photos, count), Settings()))
    assert done == count
    return time.perf_counter() - start


def cpu_seconds() -> dict[int, float]:
    """CPU seconds by process, of this one and all below it."""
    family = [psutil.Process(), *psutil.Process().children(recursive=True)]
    return {p.pid: sum(p.cpu_times()[:2]) for p in family}


def measure(
    executors: dict[str, Executor], photos: Sequence[Path], count: int, rounds: int
) -> dict[str, list[tuple[float, float]]]:
    """Wall and CPU seconds of each lap."""
    laps: dict[str, list[tuple[float, float]]] = {name: [] for name in executors}
    for executor in executors.values():
        lap(executor, photos, min(count, 32))
    for number in range(rounds):
        for name in list(executors)[:: 1 if number % 2 == 0 else -1]:
            before = cpu_seconds()
            seconds = lap(executors[name], photos, count)
            spent = sum(after - before.get(pid, 0.0) for pid, after in cpu_seconds().items())
            laps[name].append((seconds, spent))
            print(f"  round {number + 1}: {name:12}{seconds:7.2f} s, {spent:7.2f} s of CPU", file=sys.stderr)
    return laps


def table(laps: dict[str, list[tuple[float, float]]], count: int) -> str:
    lines = [f"{'':14}{'photos/s':>10}{'CPU ms/photo':>14}"]
    for name, taken in laps.items():
        wall, cpu = (statistics.median(column) for column in zip(*taken, strict=True))
        lines.append(f"{name:14}{count / wall:10.1f}{cpu / count * 1000:14.1f}")
    first, second = laps.values()
    ratios = sorted(p[0] / d[0] for p, d in zip(first, second, strict=True))
    lines.append(f"{'ratio':14}{statistics.median(ratios):9.2f}x   ({ratios[0]:.2f}x to {ratios[-1]:.2f}x)")
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.executors", description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a photo or a folder of photos")
    parser.add_argument("--n", type=int, default=300, help="how many photos a lap (300)")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args(argv)
    photos = find_photos(args.paths)
    pool = f"processes:{args.workers}"
    with (
        tempfile.TemporaryDirectory(prefix="moue-bench-") as name,
        cluster(Path(name), args.workers) as dask,
        closing(open_executor(pool)) as first,
        closing(open_executor(f"dask:{dask.address}")) as second,
    ):
        laps = measure({pool: first, "dask": second}, photos, args.n, args.rounds)
    print(f"{args.n} photos, {args.workers} workers, {args.rounds} rounds, {os.cpu_count()} cores")
    print(table(laps, args.n))


if __name__ == "__main__":
    main()
