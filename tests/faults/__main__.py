"""Interrupt Moue for some minutes and say what was lost: `python -m tests.faults --minutes 30`.

Two thirds of the time people label through the real server, which is killed; in the rest the power is cut amid
decisions. Ends with 1 if anything was lost, doubled or damaged. All states that a power cut can leave of a small
ingest, export, erase, restore …, a full disk at every call and the migrations killed at every statement are another
command, which takes hours:

    MOUE_TEST_ALL_STEPS=1 python -m pytest -n 2 --timeout 0 tests/faults/power tests/faults/kills tests/faults/full
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.faults.kills.killed import killer
from tests.faults.kills.labelled import labelled_and_killed
from tests.faults.power.decided import decided_and_cut
from tests.faults.power.sqlite_calls import library
from tests.faults.tally import Tally
from tests.pipeline.commands import ingest
from tests.pipeline.photos import numbered_head

PHOTOS = 24
PHOTOS_OF_CUTS = 4
"""Few: the folders are looked through at each call that is recorded."""
PEOPLE = 4
KILLED_SHARE = 2 / 3


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=("kills", "cuts"), help="one of the two, for all of the minutes")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="moue-faults-") as name:
        root = Path(name)
        (root / "photos").mkdir()
        for number in range(PHOTOS):
            (root / "photos" / f"{number}.jpg").write_bytes(numbered_head(number))
        ingest(root / "w", root / "photos")
        ingest(root / "cut", *sorted((root / "photos").iterdir())[:PHOTOS_OF_CUTS])
        begun = time.monotonic()
        print("| interruptions | count | acknowledged decisions | lost | doubled | findings of verify |")
        print("|---|---|---|---|---|---|", flush=True)
        well = True
        if options.only != "cuts":
            share = 1.0 if options.only else KILLED_SHARE
            until = begun + options.minutes * 60 * share
            killed = labelled_and_killed(root / "w", kills=None, until=until, people=PEOPLE, seed=options.seed)
            line(f"the server killed (SIGKILL) while {PEOPLE} people label", killed)
            well = killed.well
        if options.only == "kills":
            return int(not well)
        if not library():
            print("(this Python's SQLite is no shared library: no power cuts)")
            return int(not well)
        with killer() as killing:
            until = begun + options.minutes * 60
            cut = decided_and_cut(killing, root / "cut", cuts=None, until=until, seed=options.seed)
        line("the power cut amid decisions", cut)
    return int(not (well and cut.well))


def line(what: str, tally: Tally) -> None:
    counts = (tally.cuts, tally.acknowledged, len(tally.lost), tally.doubled, len(tally.findings))
    print(f"| {what} | {' | '.join(f'{count:,}' for count in counts)} |", flush=True)
    for finding in tally.findings[:20]:
        print(f"  {finding}")


if __name__ == "__main__":
    sys.exit(main())
