"""What Export's preview costs those who label meanwhile: `python -m tests.bench.export_page [--faces 100000]`.

A server on a workspace of made-up rows (or a copy of `--workspace DIR`) with so many accepted faces, and Export in a
Chromium. Somebody saves a decision every 50 ms, first with no page open, then while Export is opened and an option
changed: how long they wait for "saved", and how much CPU the server's own process takes until the counts are there.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import threading
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from db.store.store import Store
from pipeline.actions.release.accepted import read_accepted
from tests.bench import scale_rows
from tests.bench.review import table
from tests.bench.review.browser import quantile
from tests.bench.review.server import MOUE, Server, load_average, serve
from tests.bench.review.table import Line
from tests.e2e.conftest import CHROMIUM, FLAGS

AIM_MS = 100.0
EVERY_S = 0.05
_PROBE = """() => {
  const shown = [...document.querySelectorAll('.moue-table')].find(one => one.textContent.includes('val'))
  return shown && !shown.textContent.includes('…')
    && !!document.querySelector('[data-testid=stApp][data-test-script-state=notRunning]')
}"""
_SHIFT = """(() => {
  window.shifted = 0
  new PerformanceObserver(found => {
    for (const one of found.getEntries()) if (!one.hadRecentInput) window.shifted += one.value
  }).observe({type: 'layout-shift', buffered: true})
})()"""


class Labelling:
    """Saves a decision every `EVERY_S` and keeps how long each took, milliseconds."""

    def __init__(self, server: Server, faces: dict[str, str]) -> None:
        self._server, self._faces = server, list(faces.items())
        self._cookie = server.sign_in("Lee")
        self._dice = random.Random(1)
        self._over = threading.Event()
        self.took: list[float] = []
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._over.wait(EVERY_S):
            key, (face, sha) = str(uuid.uuid4()), self._dice.choice(self._faces)
            op = {"op": "decide", "uuid": key, "step": key, "face_id": face, "sha256": sha, "seq": 1,
                  "verdict": "accept", "class_id": 1 + self._dice.randrange(4), "seen": ""}  # fmt: skip
            headers = {"Content-Type": "application/json", "Origin": self._server.address, "Cookie": self._cookie}
            body = json.dumps({"ops": [op]}).encode()
            request = urllib.request.Request(f"{self._server.address}/api/decisions", body, headers)
            start = time.perf_counter()
            with urllib.request.urlopen(request, timeout=60) as answer:
                answer.read()
            self.took.append(1000 * (time.perf_counter() - start))

    def end(self) -> list[float]:
        self._over.set()
        self._thread.join()
        return self.took


def _own_cpu(server: Server) -> float:
    """Milliseconds of the server's process alone, without the programs beside it."""
    return 1000 * float(sum(server.process.cpu_times()[:2]))


def _while_labelled(server: Server, faces: dict[str, str], work: Callable[[], object]) -> tuple[list[float], float]:
    """What each decision took while `work` ran, and the CPU of the server's process."""
    labelling, cpu = Labelling(server, faces), _own_cpu(server)
    work()
    cpu = _own_cpu(server) - cpu
    return labelling.end(), cpu


def _opened(page: Page, address: str) -> float:
    start = time.perf_counter()
    page.goto(f"{address}/export")
    page.wait_for_function(_PROBE, timeout=300_000)
    return time.perf_counter() - start


def _reseeded(page: Page) -> float:
    """Another seed, until what it gives is there."""
    page.get_by_text("Options", exact=True).first.click()
    seed = page.get_by_label("Seed of the split")
    start = time.perf_counter()
    seed.fill("7")
    seed.press("Enter")
    page.wait_for_function(f"() => !({_PROBE})()", timeout=60_000)
    page.wait_for_function(_PROBE, timeout=300_000)
    return time.perf_counter() - start


def _measure(server: Server, page: Page, faces: dict[str, str]) -> Iterator[Line]:
    page.add_init_script(_SHIFT)
    took: dict[str, float] = {}
    works: list[tuple[str, Callable[[], Any]]] = [
        ("nobody on Export", lambda: time.sleep(5)),
        ("Export is opened", lambda: took.update(opened=_opened(page, server.address))),
        ("another seed", lambda: took.update(seed=_reseeded(page))),
    ]
    for words, work in works:
        saved, cpu = _while_labelled(server, faces, work)
        yield Line(f"{words}: {len(saved)} decisions saved, p50", quantile(saved, 0.5), "ms")
        yield Line("  the longest", max(saved), "ms")
        yield Line("  CPU of the server's own process, those decisions too", cpu, "ms")
    yield Line("Export opened until its counts are there", 1000 * took["opened"], "ms")
    yield Line("another seed until its counts are there", 1000 * took["seed"], "ms")
    yield Line("layout shift of both", float(page.evaluate("window.shifted")), "")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.export_page", description=__doc__.splitlines()[0])
    parser.add_argument("--faces", type=int, default=100_000)
    parser.add_argument("--workspace", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="moue-export-page-") as name:
        scratch = Path(name)
        template = args.workspace or scratch / "template"
        if args.workspace is None:
            made = args.faces * 4 // 3  # three in four are accepted
            scale_rows.make(template, made // 2, made, made)
            with Store.open(template) as store:
                read_accepted(store)  # compares what is not compared yet
        print(table.head())
        with serve(MOUE, template, scratch) as server, sync_playwright() as playwright:
            faces = dict(server.rows("SELECT id, sha256 FROM faces ORDER BY seq LIMIT 5000"))
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            cookie, _, value = server.sign_in("Ann").partition("=")
            context.add_cookies([{"name": cookie, "value": value, "url": server.address}])
            for line in _measure(server, context.new_page(), faces):
                table.print_line(line)
            browser.close()
        print(f"{'':4}load average {load_average()}")


if __name__ == "__main__":
    main()
