"""Review at speed, in a real Chromium against the real server: every figure with its aim and a baseline beside it.

    python -m tests.bench.review FOLDER [--only keys,burst,crowd,pages,rows,person,memory] [--keys 120] [--order -width]

FOLDER holds photos; for `person` a truth.csv (path, expression) lies in it or above it. The server, the browser and
the baseline (plain Streamlit: a picture and four st.button a card) run beside each other on one machine, so the load
average is told with each part. The aims are for a quiet machine with two cores.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from tests.bench.review import browser as web
from tests.bench.review import keys, memory, pages, rows, table
from tests.bench.review import person as review_person
from tests.bench.review.server import MOUE, ingest, load_average, serve, vary
from tests.bench.review.table import Line
from tests.bench.throughput import ROOT, find_photos

SIZE: Final = 200
PAGES: Final = 4
PEOPLE: Final = 25
PARTS: Final = ("keys", "burst", "crowd", "pages", "rows", "person", "memory")


def crowd(browser: Any, template: Path, scratch: Path, seconds: float) -> Iterator[Line]:
    """24 people of another process and one at a real browser: what the one waits for."""
    with serve(MOUE, template, scratch) as server, web.visit(browser, server, "Ann") as page:
        web.open_review(page, server, f"size={SIZE}")
        keys.press_all(page, ["1", "2", "3"], 0.25)
        web.wait_saved(page)
        others = server.rows(f"SELECT id, sha256, crop_version FROM faces ORDER BY seq LIMIT -1 OFFSET {SIZE}")
        faces = scratch / "faces.json"
        faces.write_text(json.dumps(others))
        words = [sys.executable, "-m", "tests.bench.review.crowd", server.address, str(faces), "--people",
                 str(PEOPLE - 1), "--seconds", str(seconds)]  # fmt: skip
        with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE) as load:
            page.wait_for_timeout(4000)
            web.note(page)
            before = server.cpu()
            keys.press_all(page, [str(1 + n % 4) for n in range(int(2 * (seconds - 7)))], 0.5)
            used = server.cpu() - before
            out, _ = load.communicate()
        web.wait_saved(page)
        laps = [lap if lap is not None else float("inf") for lap in web.noted(page)["acks"]]
    answers = json.loads(out)
    yield Line(f"key to durable acknowledgement, {PEOPLE} people, p95", web.quantile(laps, 0.95), "ms", 250)
    yield Line("  the same, p50", web.quantile(laps, 0.5), "ms")
    yield Line("  the others' own answers, p95", answers["p95"], "ms")
    yield Line("  decisions a second of all", answers["decisions"] / seconds + 2, "")
    yield Line("  refused", answers["refused"], "", 0)
    yield Line("  one core of the server busy", 100 * used / (seconds - 7), "%")
    yield Line("  one core of the load generator busy", 100 * answers["cpu"] / seconds, "%")


def person(browser: Any, folder: Path, scratch: Path, orders: Sequence[str]) -> Iterator[Line]:
    """A simulated person labels every photo of FOLDER that has an expression."""
    truth = review_person.expressions(folder)
    template = scratch / "person"
    ingest(template, *sorted(truth))
    for order in orders:
        with serve(MOUE, template, scratch) as server, web.visit(browser, server, "Ann") as page:
            smiles = review_person.known(server, truth)
            inputs = review_person.label_all(page, server, smiles, order)
            mistakes = review_person.wrong(server, smiles)
        counted = ", ".join(f"{number} {what}" for what, number in inputs.counts.items())
        yield Line(f"keys and clicks a decision, order {order}", inputs.total / len(smiles), "", 0.35, 1.0,
                   f"a click each; {counted}")  # fmt: skip
        yield Line("  decisions that are not what was meant", mistakes, "", 0)


def parts(
    args: argparse.Namespace, browser: Any, template: Path, scratch: Path
) -> dict[str, Callable[[], Iterator[Line]]]:
    return {
        "keys": lambda: keys.at_pace(browser, template, scratch, SIZE, args.keys),
        "burst": lambda: keys.burst(browser, template, scratch),
        "crowd": lambda: crowd(browser, template, scratch, args.seconds),
        "pages": lambda: pages.measure(browser, template, scratch, SIZE, PAGES, args.rounds),
        "rows": lambda: rows.measure(scratch, args.rounds),
        "person": lambda: person(browser, args.folder.resolve(), scratch, args.order.split(",")),
        "memory": lambda: memory.measure(template, scratch, SIZE),
    }


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.review", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default=",".join(PARTS), help=f"some of {','.join(PARTS)}")
    parser.add_argument("--keys", type=int, default=120)
    parser.add_argument("--seconds", type=float, default=40, help="of the crowd")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--order", default="-width,-lift", help="the orders in which the simulated person works")
    args = parser.parse_args(argv)
    chosen = args.only.split(",")
    if not set(chosen) <= set(PARTS):
        parser.error(f"--only takes some of {','.join(PARTS)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # the servers end with us
    with tempfile.TemporaryDirectory(prefix="moue-review-") as name, web.chromium() as browser:
        scratch = Path(name)
        template = scratch / "template"
        vary(find_photos([args.folder]), SIZE * PAGES + 40, scratch / "photos")
        faces = ingest(template, scratch / "photos")
        print(f"{faces} faces, {os.cpu_count()} cores, load average {load_average()}")
        print(table.head())
        work = parts(args, browser, template, scratch)
        missed = 0
        for part in chosen:
            for line in work[part]():
                table.print_line(line)
                missed += not line.reached
            print(f"{'':4}load average {load_average()}", flush=True)
    print(f"{missed} missed")


if __name__ == "__main__":
    main()
