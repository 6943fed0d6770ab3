"""The map of many faces in a real Chromium: CPU of a frame while it is zoomed and dragged, of a lasso, and memory.

    python -m tests.bench.map [--faces 100000]

The faces are rows alone with places made up, so no crop is drawn. Chromium's main thread is asked for its CPU time, so
other work on the machine counts less than by the clock; frames are those that the page drew.
"""

from __future__ import annotations

import argparse
import json
import math
import tempfile
from pathlib import Path
from typing import Any, Final

import numpy as np

from db.store.store import Db, Store
from tests.bench import scale_rows
from tests.bench.review.browser import chromium, visit
from tests.bench.review.server import MOUE, load_average, serve

MOVES: Final = 60
_COUNT_FRAMES: Final = """
(() => {
  window.drawn = 0
  const paint = CanvasRenderingContext2D.prototype.putImageData
  CanvasRenderingContext2D.prototype.putImageData = function (...given) {
    window.drawn += 1
    return paint.apply(this, given)
  }
})()
"""


def make(root: Path, faces: int) -> None:
    """A workspace of made faces, each with a place on the map, thick in the middle."""
    scale_rows.make(root, faces // 5, faces, faces // 20)
    places = np.random.default_rng(2).normal(0, 1, (faces, 48)).astype("<f2")
    with Store.open(root) as store:

        def work(db: Db) -> None:
            db.execute("INSERT INTO descriptor_bases VALUES (1, 'hog-colour-geometry-1', 1000, x'00')")
            rows = ((seq + 1, places[seq].tobytes()) for seq in range(faces))
            db.conn.executemany("INSERT INTO descriptors VALUES (?, 1, ?)", rows)

        store.write(work)


class Thread:
    """CPU of the page's main thread, in ms."""

    def __init__(self, page: Any) -> None:
        self._session = page.context.new_cdp_session(page)
        self._session.send("Performance.enable", {"timeDomain": "threadTicks"})
        self._page = page

    def figures(self) -> dict[str, float]:
        found = self._session.send("Performance.getMetrics")["metrics"]
        return {one["name"]: float(one["value"]) for one in found}

    def a_frame(self, work: Any) -> tuple[float, int]:
        """Of each frame drawn while `work` goes on, and how many those were."""
        before, drawn = self.figures()["TaskDuration"], self._page.evaluate("window.drawn")
        work()
        number = self._page.evaluate("window.drawn") - drawn
        return 1000 * (self.figures()["TaskDuration"] - before) / max(1, number), number


def measure(page: Any) -> dict[str, object]:
    page.locator(".map[data-ready]").wait_for()
    box = page.locator(".above").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    thread = Thread(page)

    def zoom() -> None:
        page.mouse.move(x, y)
        for step in range(MOVES):
            page.mouse.wheel(0, -60 if step < MOVES / 2 else 60)

    def drag() -> None:
        page.mouse.move(x, y)
        page.mouse.down()
        for step in range(MOVES):
            page.mouse.move(x + 80 * math.sin(step / 5), y + 60 * math.cos(step / 5))
        page.mouse.up()

    def lasso() -> None:
        page.get_by_role("button", name="Lasso").click()
        page.mouse.move(x + 200, y)
        page.mouse.down()
        for step in range(MOVES):
            turn = 2 * math.pi * step / MOVES
            page.mouse.move(x + 200 * math.cos(turn), y + 200 * math.sin(turn))
        page.mouse.up()
        page.locator(".count").filter(has_text="selected").wait_for()

    found: dict[str, object] = {}
    for name, work in (("zoom", zoom), ("drag", drag), ("lasso", lasso)):
        cpu, frames = thread.a_frame(work)
        found |= {f"{name}_cpu_ms_a_frame": round(cpu, 1), f"{name}_frames": frames}
    found["heap_mb"] = round(thread.figures()["JSHeapUsedSize"] / 1e6, 1)
    found["selected"] = page.locator(".count").inner_text()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.map", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--faces", type=int, default=100_000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="moue-map-") as name:
        template = Path(name) / "template"
        make(template, args.faces)
        with (
            serve(MOUE, template, Path(name)) as server,
            chromium() as browser,
            visit(browser, server, "Ann") as page,
        ):
            page.add_init_script(_COUNT_FRAMES)
            page.goto(f"{server.address}/suggestions?section=map")
            print(json.dumps({"faces": args.faces, **measure(page), "load": load_average()}))


if __name__ == "__main__":
    main()
