"""A team at work: 25 people label for two minutes through the routes; what claims and large steps cost.

    python -m tests.bench.team [--only crowd,claims,writes] [--people 25] [--seconds 120] [--faces 1000000]
        [--step-faces 100000] [--workspace DIR]

The workspaces are made of rows alone (`tests.bench.scale_rows`), no photo is behind them. `claims` needs some minutes
to make a million faces; with --workspace they are made once, in DIR, and used again. Aims are for two quiet cores.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tests.bench import agreement, scale_rows
from tests.bench.review import table
from tests.bench.review.browser import quantile
from tests.bench.review.server import MOUE, load_average, serve
from tests.bench.review.table import Line
from tests.bench.team import claims, writes
from tests.bench.throughput import ROOT

PARTS = ("crowd", "claims", "writes")
CROWD_FACES = 50_000


def crowd(scratch: Path, people: int, seconds: float) -> Iterator[Line]:
    """What everybody met, and what the log says of it."""
    template = scratch / "template"
    scale_rows.make(template, CROWD_FACES, CROWD_FACES, 0)
    with serve(MOUE, template, scratch) as server:
        faces = scratch / "faces.json"
        faces.write_text(json.dumps(dict(server.rows("SELECT id, sha256 FROM faces"))))
        words = [sys.executable, "-m", "tests.bench.team.people", server.address, str(faces), "--people", str(people),
                 "--seconds", str(seconds)]  # fmt: skip
        before = server.cpu()
        seen = json.loads(subprocess.run(words, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout)
        used = server.cpu() - before
        logged = server.rows("SELECT count(*), count(DISTINCT face_id) FROM decisions")[0]
    for error in seen["errors"][:5]:
        print(error)
    served = Counter(face for _, face in seen["served"])
    yield Line(f"saved, {people} people for {seconds:.0f} s, p95", quantile(seen["saves"], 0.95), "ms", 250)
    yield Line("  the same, p50", quantile(seen["saves"], 0.5), "ms")
    yield Line("  decisions a second of all", len(seen["saves"]) / seconds, "")
    yield Line("  errors", len(seen["errors"]), "", 0)
    yield Line("  faces served twice", sum(number > 1 for number in served.values()), "", 0)
    yield Line("  answers that are not in the log, or in it twice", abs(len(seen["saves"]) - logged[1])
               + logged[0] - logged[1], "", 0)  # fmt: skip
    yield Line(f"  next for me, {len(seen['claims'])} times, p95", quantile(seen["claims"], 0.95), "ms")
    yield Line("  a page's own requests (changes, claims, renewals), p95",
               quantile(seen["changes"] + seen["renewals"], 0.95), "ms")  # fmt: skip
    yield Line("  one core of the server busy", 100 * used / seconds, "%")
    yield Line("  one core of the load generator busy", 100 * seen["cpu"] / seconds, "%")


def large(folder: Path, faces: int, rounds: int) -> Iterator[Line]:
    """Claims on a workspace of so many faces, made where `folder` is empty."""
    if not (folder / "moue.db").exists():
        scale_rows.make(folder, faces // 5, faces, faces // 10)
    yield from claims.measure(folder, rounds)


def steps(folder: Path, faces: int) -> Iterator[Line]:
    """Large steps in a workspace where two or three people of five answered four in five of so many faces."""
    agreement.make(folder, faces, 2 * faces, 5)
    yield from writes.measure(folder)


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.team", description=__doc__.splitlines()[0])
    parser.add_argument("--only", default=",".join(PARTS), help=f"some of {','.join(PARTS)}")
    parser.add_argument("--people", type=int, default=25)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--faces", type=int, default=1_000_000)
    parser.add_argument("--step-faces", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--workspace", type=Path)
    args = parser.parse_args(argv)
    chosen = args.only.split(",")
    if not set(chosen) <= set(PARTS):
        parser.error(f"--only takes some of {','.join(PARTS)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the server ends with us
    with tempfile.TemporaryDirectory(prefix="moue-team-") as name:
        scratch = Path(name)
        work: dict[str, Callable[[], Iterator[Line]]] = {
            "crowd": lambda: crowd(scratch, args.people, args.seconds),
            "claims": lambda: large(args.workspace or scratch / "large", args.faces, args.rounds),
            "writes": lambda: steps(scratch / "steps", args.step_faces),
        }
        print(table.head())
        missed = 0
        for part in chosen:
            for line in work[part]():
                table.print_line(line)
                missed += not line.reached
            print(f"{'':4}load average {load_average()}", flush=True)
    print(f"{missed} missed")


if __name__ == "__main__":
    main()
