"""Photos and crops a second of `python -m pipeline ingest` against the course's sequential script.

    python -m tests.bench.throughput PATH... [--two-megapixel | --as-is] [--n N] [--workers 2] [--rounds 3]

Both are whole processes on the same files in the same run, taking turns; medians are printed. Start-up is what each
takes for one blank photo, and is printed by itself. The course's Haar keeps OpenCV's threads (it uses every core),
and its script writes its crops with `cv2.imwrite`. CPU time is user and system time of all processes of a lap, the
fork server's and the workers' too; pure decode is simplejpeg on the same files in one process, nothing else.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import simplejpeg

ROOT: Final = Path(__file__).resolve().parents[2]
SUFFIXES: Final = (".jpg", ".jpeg", ".png")
TWO_MEGAPIXEL: Final = 2_000_000
QUALITY: Final = 90
_PR_SET_CHILD_SUBREAPER: Final = 36


@dataclass(frozen=True)
class Lap:
    """One run over all files: wall clock and CPU seconds of all its processes, crops made, Moue's stages."""

    seconds: float
    cpu: float
    crops: int
    stages: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Laps:
    """All laps of both, those over one blank photo (start-up), and CPU seconds of decoding the files alone."""

    moue: list[Lap] = field(default_factory=list)
    course: list[Lap] = field(default_factory=list)
    moue_start: list[Lap] = field(default_factory=list)
    course_start: list[Lap] = field(default_factory=list)
    decode: list[float] = field(default_factory=list)


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
    seconds, cpu, out = timed(["-m", "pipeline", *map(str, words)])
    shutil.rmtree(workspace)
    figures = json.loads(out)
    return Lap(seconds, cpu, figures["faces"], figures["stages"])


def run_course(files: Sequence[Path], scratch: Path) -> Lap:
    out = scratch / "crops"
    out.mkdir()
    seconds, cpu, printed = timed(["-m", "tests.course_recipe", str(out), *map(str, files)])
    shutil.rmtree(out)
    return Lap(seconds, cpu, int(printed))


def timed(words: Sequence[str]) -> tuple[float, float, str]:
    """Wall clock and CPU seconds, and stdout, of `python words` with all its descendants. Raises CalledProcessError."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MOUE_")}
    before = cpu_of_children()
    start = time.perf_counter()
    done = subprocess.run([sys.executable, *words], cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True)
    seconds = time.perf_counter() - start
    return seconds, cpu_of_children() - before, done.stdout.decode()


def adopt_orphans() -> None:
    """The fork server outlives the command that started it: its time counts only where we can wait for it (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def cpu_of_children() -> float:
    """User and system seconds of all children and their descendants, once the last of them has ended."""
    try:
        while True:
            os.waitpid(-1, 0)
    except ChildProcessError:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime


def decode_alone(files: Sequence[Path]) -> float:
    """CPU seconds of reading and decoding every file at full size: the floor of any pipeline."""
    start = time.process_time()
    for file in files:
        data = file.read_bytes()
        if file.suffix == ".png":
            cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        else:
            simplejpeg.decode_jpeg(data, "BGR")
    return time.process_time() - start


def decodable(file: Path) -> bool:
    """Whether the floor can be told of it: Pillow reads a few JPEGs that simplejpeg does not."""
    try:
        decode_alone([file])
    except ValueError as e:
        print(f"left out of decoding alone: {file.name}: {e}")
        return False
    return True


def measure(files: Sequence[Path], folder: Path, workers: int, rounds: int, scratch: Path) -> Laps:
    """`rounds` laps of each, taking turns at who goes first, after one look at every file."""
    blank = scratch / "blank"
    blank.mkdir()
    cv2.imwrite(str(blank / "blank.png"), np.full((64, 64, 3), 128, np.uint8))
    laps = Laps()
    plain = [file for file in files if decodable(file)]
    for number in range(rounds):
        laps.decode.append(decode_alone(plain))
        runs: list[tuple[str, list[Lap], Callable[[], Lap]]] = [
            ("Moue's start-up", laps.moue_start, lambda: run_moue(blank, workers, scratch)),
            ("the course's start-up", laps.course_start, lambda: run_course([blank / "blank.png"], scratch)),
            ("Moue", laps.moue, lambda: run_moue(folder, workers, scratch)),
            ("the course", laps.course, lambda: run_course(files, scratch)),
        ]
        for name, done, run in runs if number % 2 == 0 else runs[::-1]:
            lap = run()
            done.append(lap)
            print(f"  round {number + 1}: {name:22}{lap.seconds:8.2f} s, {lap.crops} crops", file=sys.stderr)
    return laps


def seconds_of(laps: Sequence[Lap]) -> float:
    return statistics.median(lap.seconds for lap in laps)


def cpu_of(laps: Sequence[Lap]) -> float:
    return statistics.median(lap.cpu for lap in laps)


def table(photos: int, laps: Laps) -> str:
    """Photos and crops a second, with start-up and without; medians, and the span of the seconds."""
    lines = [f"{'':34}{'photos/s':>10}{'crops/s':>10}{'crops':>8}   seconds"]
    rates = []
    for name, done, start in (
        ("Moue", laps.moue, laps.moue_start),
        ("the course's script", laps.course, laps.course_start),
    ):
        crops, whole = done[0].crops, seconds_of(done)
        low, high = min(lap.seconds for lap in done), max(lap.seconds for lap in done)
        alone = max(whole - seconds_of(start), 1e-9)
        rates.append((photos / whole, crops / whole, photos / alone, crops / alone))
        lines.append(
            f"{name:34}{photos / whole:10.1f}{crops / whole:10.1f}{crops:8}   {whole:.2f} ({low:.2f}-{high:.2f})"
        )
        lines.append(
            f"{'  start-up apart':34}{photos / alone:10.1f}{crops / alone:10.1f}{'':8}"
            f"   {alone:.2f} + {whole - alone:.2f}"
        )
    ratios = [ours / theirs if theirs else float("inf") for ours, theirs in zip(*rates, strict=True)]
    lines.append(f"{'ratio, start-up included':34}{ratios[0]:9.2f}x{ratios[1]:9.2f}x")
    lines.append(f"{'ratio, start-up apart':34}{ratios[2]:9.2f}x{ratios[3]:9.2f}x")
    pairs = [theirs.seconds / ours.seconds for ours, theirs in zip(laps.moue, laps.course, strict=True)]
    lines.append(f"{'  photos/s round by round':34}" + "  ".join(f"{ratio:.2f}x" for ratio in pairs))
    return "\n".join(lines)


def cpu_table(photos: int, laps: Laps) -> str:
    """CPU time over that of pure decode, and Moue's stages: milliseconds a photo by each worker's clock."""
    floor, whole = statistics.median(laps.decode), cpu_of(laps.moue)
    alone = whole - cpu_of(laps.moue_start)
    course = cpu_of(laps.course) - cpu_of(laps.course_start)
    lines = [f"{'CPU time, start-up apart':34}{'ms/photo':>10}{'of all':>10}{'x decode':>10}"]
    for name, seconds in (("decode alone", floor), ("Moue", alone), ("the course's script", course)):
        lines.append(f"{name:34}{1e3 * seconds / photos:10.2f}{seconds / alone:10.1%}{seconds / floor:9.2f}x")
    lines.append(
        f"{'Moue, start-up included':34}{1e3 * whole / photos:10.2f}{whole / alone:10.1%}{whole / floor:9.2f}x"
    )
    names = sorted({name for lap in laps.moue for name in lap.stages})
    stages = {name: statistics.median(lap.stages.get(name, 0.0) for lap in laps.moue) for name in names}
    total = sum(stages.values()) or 1.0
    lines.append(f"{'stage in the workers':34}{'ms/photo':>10}{'of all':>10}{'x decode':>10}")
    for name, seconds in sorted(stages.items(), key=lambda stage: -stage[1]):
        lines.append(f"{'  ' + name:34}{1e3 * seconds / photos:10.2f}{seconds / total:10.1%}{seconds / floor:9.2f}x")
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.throughput", description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a photo or a folder of photos")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--as-is", action="store_true", help="the photos as they are (default)")
    size.add_argument("--two-megapixel", action="store_true", help="photos of 2 megapixels made of them")
    parser.add_argument("--n", type=int, default=None, help="how many photos (all; 500 of 2 megapixels)")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args(argv)
    adopt_orphans()
    with tempfile.TemporaryDirectory(prefix="moue-bench-") as name:
        scratch = Path(name)
        folder = scratch / "photos"
        folder.mkdir()
        found = find_photos(args.paths)
        if args.two_megapixel:
            files = two_megapixel(found, args.n or 500, folder)
        else:
            files = copied(found, args.n or len(found), folder)
        kind = "of 2 megapixels" if args.two_megapixel else "as they are"
        print(f"{len(files)} photos {kind}, {args.workers} workers, {args.rounds} rounds, {os.cpu_count()} cores")
        laps = measure(files, folder, args.workers, args.rounds, scratch)
        print(table(len(files), laps), cpu_table(len(files), laps), sep="\n\n")


if __name__ == "__main__":
    main()
