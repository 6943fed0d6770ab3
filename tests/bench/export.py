"""Exporting: crops a second beside plain copies of the same files, peak memory, and the time of a diff of two releases.

    python -m tests.bench.export                # 10,000 and 100,000 crops, each in a process of its own
    python -m tests.bench.export 2000           # as many as are given

Prints a line a size. ratio: to `shutil.copyfile` of the same files, which flushes nothing. In brackets the same with
every file flushed, as an export does. MB: the most that the process held.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np

from pipeline.core.geometry import BoundingBox, CropBox
from pipeline.core.records import ExportItem, crop_version
from pipeline.export.export import plan
from pipeline.export.place import flush
from pipeline.export.release.by_lines import compared, read_text
from pipeline.export.write import write
from pipeline.pixels.encode import encode_png

SIZES: Final = (10_000, 100_000)
CLASSES: Final = ("none", "openmouth", "pout", "smile")
DISTINCT: Final = 200
"""Pictures that the crops are made of: more would only take longer to make."""


def made_items(folder: Path, number: int) -> list[ExportItem]:
    """So many accepted faces, their crops of 96 x 96 pixels in `folder`, named by face."""
    chance = np.random.default_rng(0)
    pictures = [encode_png(_smooth(chance)) for _ in range(DISTINCT)]
    versions = [crop_version(png) for png in pictures]
    items = []
    for at in range(number):
        sha = hashlib.sha256(f"photo {at // 2}".encode()).hexdigest()
        face = hashlib.sha256(f"face {at}".encode()).hexdigest()[:32]
        (folder / face).write_bytes(pictures[at % DISTINCT])
        label = CLASSES[at // 2 % len(CLASSES)]
        items.append(
            ExportItem(
                face, sha, sha, label, "Ada", "yunet", BoundingBox(1, 2, 200, 300), CropBox(50, 60, 96, 96),
                versions[at % DISTINCT], f"/photos/{at // 2}.jpg",
            )
        )  # fmt: skip
    return items


def _smooth(chance: np.random.Generator) -> np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]:
    """Pixels that a PNG takes as many bytes for as for a mouth: about 12 KB."""
    rough = chance.integers(60, 200, (96, 96, 3))
    return ((rough + np.roll(rough, 1, 0) + np.roll(rough, 1, 1) + np.roll(rough, 2, 1)) // 4).astype(np.uint8)


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def copy_all(source: Path, target: Path) -> None:
    target.mkdir()
    for name in os.listdir(source):
        shutil.copyfile(source / name, target / name)


def measure(number: int) -> None:
    with tempfile.TemporaryDirectory(prefix="moue-bench-") as scratch:
        root, crops = Path(scratch), Path(scratch) / "crops"
        crops.mkdir()
        items = made_items(crops, number)
        os.sync()
        copying = seconds(lambda: copy_all(crops, root / "copies"))
        flushing = copying + seconds(lambda: flush(root / "copies"))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        first = plan(items, CLASSES)
        planning = seconds(lambda: plan(items, CLASSES))
        writing = seconds(lambda: write(first, lambda face: crops / face, root / "first"))
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{number:>9,} crops: planned in {planning:.1f} s; {number / writing:,.0f} crops/s, ratio"
            f" {copying / writing:.2f} ({flushing / writing:.2f}); {memory:,.0f} MB, {memory - before:,.0f} MB of them"
            " since the items were there"
        )
        shutil.rmtree(root / "copies")
        write(plan(items[number // 50 :], CLASSES), lambda face: crops / face, root / "second")
        took = seconds(lambda: compared(read_text(root / "first"), read_text(root / "second")))
        print(f"{number:>9,} crops: two releases compared in {took:.1f} s")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.export", description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=list(SIZES))
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    for size in args.sizes:
        if args.here:
            measure(size)
        else:
            subprocess.run([sys.executable, "-m", "tests.bench.export", "--here", str(size)], check=True)


if __name__ == "__main__":
    main()
