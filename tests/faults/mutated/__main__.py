"""Damage files of every format for some minutes: `python -m tests.faults.mutated --minutes 10`.

Prints, by format, how many were tried, refused by name, and how many ended otherwise, with the most CPU and memory that
one took, and the numbers of those. One that hangs is ended and named, one that kills its process is named, and the rest
go on. Ends with 1 if any ended otherwise. As many processes as there are cores, or as asked for.
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from tests.faults.mutated.attempt import Attempt
from tests.faults.mutated.attempts import try_one
from tests.faults.mutated.limited import attempt_all
from tests.faults.mutated.samples import samples

_WORST = 12


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.mutated", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--first", type=int, default=1, help="the first mutation: another part of all there are")
    parser.add_argument("--only", nargs="+", choices=[*samples()], metavar="FORMAT", help="these formats alone")
    parser.add_argument("--inputs", type=int, help="end after so many files, if the minutes have not passed")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    until = time.monotonic() + options.minutes * 60
    found: dict[str, list[Attempt]] = defaultdict(list)
    with tempfile.TemporaryDirectory(prefix="moue-mutated-") as folder:
        asked = itertools.takewhile(
            lambda _: time.monotonic() < until, _asked(options.first, options.only or [*samples()])
        )
        few = itertools.islice(asked, options.inputs)
        for done in attempt_all(few, try_one, Path(folder), options.processes, prepare=samples):
            found[done.name].append(done)
            if done.fault:
                print(f"{done.name} {done.number}: {done.fault}", flush=True)
    return _report(found)


def _asked(first: int, names: list[str]) -> Iterator[tuple[str, int]]:
    return ((name, number) for number in itertools.count(first) for name in names)


def _report(found: dict[str, list[Attempt]]) -> int:
    print("| format | damaged files | refused by name | ended otherwise | most CPU, s | most memory, MB |")
    print("|---|---|---|---|---|---|")
    everything = [one for some in found.values() for one in some]
    for name, some in [*sorted(found.items()), ("all", everything)]:
        refused, faults = sum(one.refused for one in some), sum(bool(one.fault) for one in some)
        cpu, memory = max(one.seconds for one in some), max(one.bytes for one in some) / 1e6
        print(f"| {name} | {len(some):,} | {refused:,} | {faults} | {cpu:.2f} | {memory:.0f} |")
    for said, by in (("most CPU", _cpu), ("most memory", _memory)):
        worst = sorted(everything, key=by, reverse=True)[:_WORST]
        print(
            f"{said}: " + ", ".join(f"{o.name} {o.number} ({o.seconds:.2f} s, {o.bytes / 1e6:.0f} MB)" for o in worst)
        )
    return int(any(one.fault for one in everything))


def _cpu(one: Attempt) -> float:
    return one.seconds


def _memory(one: Attempt) -> int:
    return one.bytes


if __name__ == "__main__":
    sys.exit(main())
