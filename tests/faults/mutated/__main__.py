"""Damage files of every format for some minutes: `python -m tests.faults.mutated --minutes 10`.

Prints, by format, how many were tried, refused by name, and how many ended otherwise, with the most CPU and memory that
one took. Ends with 1 if any ended otherwise. As many processes as there are cores.
"""

from __future__ import annotations

import argparse
import itertools
import multiprocessing
import os
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from tests.faults.mutated.attempts import Attempt, attempts
from tests.faults.mutated.samples import samples

_CHUNK: Final = 50


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.mutated", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--first", type=int, default=1, help="the first mutation: another part of all there are")
    options = parser.parse_args()
    until = time.monotonic() + options.minutes * 60
    found: dict[str, list[Attempt]] = defaultdict(list)
    with multiprocessing.get_context("spawn").Pool(os.cpu_count()) as pool:
        for start in itertools.count(options.first, _CHUNK):
            for done in pool.imap_unordered(attempts, _chunks(start)):
                found[done[0].name] += done
            if time.monotonic() > until:
                break
    return _report(found)


def _chunks(start: int) -> Iterator[tuple[str, range]]:
    return ((name, range(start, start + _CHUNK)) for name in samples())


def _report(found: dict[str, list[Attempt]]) -> int:
    print("| format | damaged files | refused by name | ended otherwise | most CPU, s | most memory, MB |")
    print("|---|---|---|---|---|---|")
    everything = [one for some in found.values() for one in some]
    for name, some in [*sorted(found.items()), ("all", everything)]:
        refused, faults = sum(one.refused for one in some), sum(bool(one.fault) for one in some)
        cpu, memory = max(one.seconds for one in some), max(one.bytes for one in some) / 1e6
        print(f"| {name} | {len(some):,} | {refused:,} | {faults} | {cpu:.2f} | {memory:.0f} |")
    faulty = [one for one in everything if one.fault]
    for one in faulty[:20]:
        print(f"{one.name} {one.number}: {one.fault}")
    return int(bool(faulty))


if __name__ == "__main__":
    sys.exit(main())
