"""Photos and crops a second of `python -m pipeline ingest` against the course's sequential script.

    python -m tests.bench.throughput PATH... [--two-megapixel | --as-is] [--n N] [--workers 2] [--rounds 3]

Both are whole processes, start-up included, on the same files in the same run, taking turns; medians are told. The
course's Haar keeps OpenCV's threads (it uses every core), and its script writes its crops with `cv2.imwrite`.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np

ROOT: Final = Path(__file__).resolve().parents[2]
SUFFIXES: Final = (".jpg", ".jpeg", ".png")
TWO_MEGAPIXEL: Final = 2_000_000
QUALITY: Final = 90


@dataclass(frozen=True)
class Lap:
    """One run over all files: seconds of the whole process, those of the work alone where known, crops made."""

    seconds: float
    crops: int
    work: float | None = None
    stages: str = ""


def find_photos(paths: Sequence[Path]) -> list[Path]:
    """Photos at or below `paths`, in one order. Leaves with 2 where there are none."""
    found = [f for p in paths for f in ([p] if p.is_file() else sorted(p.rglob("*"))) if f.suffix.lower() in SUFFIXES]
    if not found:
        sys.exit(f"no photos ({', '.join(SUFFIXES)}) in {', '.join(map(str, paths))}")
    return found


def two_megapixel(photos: Sequence[Path], count: int, folder: Path) -> list[Path]:
    """`count` JPEGs of about two million pixels, the largest photos first; further rounds are mirrored or trimmed."""
    pixels = [image for image in (cv2.imread(str(p)) for p in photos) if image is not None]
    pixels.sort(key=lambda image: -image.shape[0] * image.shape[1])
    made = []
    for number in range(count):
        lap, place = divmod(number, len(pixels))
        image = pixels[place]
        trim = lap // 2  # a few columns less, so that no two files are equal
        image = image[:, trim : image.shape[1] - trim] if lap % 2 == 0 else image[:, ::-1][:, trim:]
        factor = (TWO_MEGAPIXEL / (image.shape[0] * image.shape[1])) ** 0.5
        shrinks = factor < 1
        sized = cv2.resize(
            np.ascontiguousarray(image),
            None,
            fx=factor,
            fy=factor,
            interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC,
        )
        path = folder / f"photo-{number:04}.jpg"
        cv2.imwrite(str(path), sized, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
        made.append(path)
    return made


def copied(photos: Sequence[Path], count: int, folder: Path) -> list[Path]:
    """The first `count` photos as they are, side by side in `folder`."""
    made = []
    for number, photo in enumerate(photos[:count]):
        path = folder / f"photo-{number:04}{photo.suffix.lower()}"
        shutil.copyfile(photo, path)
        made.append(path)
    return made


def run_moue(folder: Path, workers: int, scratch: Path) -> Lap:
    """A fresh workspace each time: nothing is known yet."""
    workspace = scratch / "workspace"
    words = ["ingest", folder, "--workspace", workspace, "--executor", f"processes:{workers}", "--json"]
    seconds, out = timed(["-m", "pipeline", *map(str, words)])
    shutil.rmtree(workspace)
    figures = json.loads(out)
    stages = ", ".join(f"{k} {v:.2f}" for k, v in sorted(figures["stages"].items(), key=lambda s: -s[1]))
    return Lap(seconds, figures["faces"], figures["seconds"], stages)


def run_course(files: Sequence[Path], scratch: Path) -> Lap:
    out = scratch / "crops"
    out.mkdir()
    seconds, printed = timed(["-m", "tests.course_recipe", str(out), *map(str, files)])
    shutil.rmtree(out)
    return Lap(seconds, int(printed))


def timed(words: Sequence[str]) -> tuple[float, str]:
    """Seconds and stdout of `python words`. Raises CalledProcessError where it fails."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MOUE_")}
    start = time.perf_counter()
    done = subprocess.run([sys.executable, *words], cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True)
    return time.perf_counter() - start, done.stdout.decode()


def measure(
    files: Sequence[Path], folder: Path, workers: int, rounds: int, scratch: Path
) -> tuple[list[Lap], list[Lap]]:
    """`rounds` laps of each, taking turns at who goes first, after one look at every file."""
    for file in files:
        file.read_bytes()
    moue: list[Lap] = []
    course: list[Lap] = []
    for number in range(rounds):
        for who in ("moue", "course") if number % 2 == 0 else ("course", "moue"):
            lap = run_moue(folder, workers, scratch) if who == "moue" else run_course(files, scratch)
            (moue if who == "moue" else course).append(lap)
            print(f"  round {number + 1}: {who:6} {lap.seconds:7.2f} s, {lap.crops} crops", file=sys.stderr)
    return moue, course


def table(photos: int, moue: Sequence[Lap], course: Sequence[Lap]) -> str:
    """Medians over the laps, and the span of the whole run's seconds."""
    lines = [f"{'':34}{'photos/s':>10}{'crops/s':>10}{'crops':>8}   seconds"]
    for name, laps in (("Moue", moue), ("the course's script", course)):
        seconds = statistics.median(lap.seconds for lap in laps)
        low, high = min(lap.seconds for lap in laps), max(lap.seconds for lap in laps)
        crops = laps[0].crops
        lines.append(
            f"{name:34}{photos / seconds:10.1f}{crops / seconds:10.1f}{crops:8}   {seconds:.2f} ({low:.2f}-{high:.2f})"
        )
    of_moue, of_course = (statistics.median(lap.seconds for lap in laps) for laps in (moue, course))
    photo_ratio = of_course / of_moue
    crop_ratio = photo_ratio * moue[0].crops / course[0].crops if course[0].crops else float("inf")
    pairs = [c.seconds / m.seconds for m, c in zip(moue, course, strict=True)]
    lines.append(f"{'ratio, start-up included':34}{photo_ratio:9.2f}x{crop_ratio:9.2f}x")
    lines.append(f"{'  photos/s round by round':34}" + "  ".join(f"{ratio:.2f}x" for ratio in pairs))
    work = statistics.median(lap.work for lap in moue if lap.work is not None)
    lines.append(
        f"{'Moue without its start-up':34}{photos / work:10.1f}{moue[0].crops / work:10.1f}{'':8}   {work:.2f}"
    )
    lines.append(f"Moue's stages, seconds over all workers: {moue[0].stages}")
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.throughput", description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a photo or a folder of photos")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--as-is", action="store_true", help="the photos as they are (default)")
    size.add_argument("--two-megapixel", action="store_true", help="photos of 2 megapixels made of them")
    parser.add_argument("--n", type=int, default=None, help="how many photos (all; 92 of 2 megapixels)")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="moue-bench-") as name:
        scratch = Path(name)
        folder = scratch / "photos"
        folder.mkdir()
        found = find_photos(args.paths)
        if args.two_megapixel:
            files = two_megapixel(found, args.n or 92, folder)
        else:
            files = copied(found, args.n or len(found), folder)
        kind = "of 2 megapixels" if args.two_megapixel else "as they are"
        print(f"{len(files)} photos {kind}, {args.workers} workers, {args.rounds} rounds, {os.cpu_count()} cores")
        moue, course = measure(files, folder, args.workers, args.rounds, scratch)
        print(table(len(files), moue, course))


if __name__ == "__main__":
    main()
