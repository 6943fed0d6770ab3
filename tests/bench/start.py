"""What commands need to start, in CPU seconds, beside an empty `python -c pass`.

    python -m tests.bench.start [--rounds 9]

CPU, not the clock: user and system, of the command itself, and with all that it started (this process adopts the fork
server, which loads the models on another core meanwhile). `ingest` is timed on a folder without a photo.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
AIMS: Final = {"--version": 80.0, "status": 220.0, "ingest, no photo": 800.0}
"""Milliseconds of CPU."""
_SUBREAPER: Final = 36
"""PR_SET_CHILD_SUBREAPER of prctl(2): orphans become children of this process, which then knows what they used."""


def cpu_ms(command: list[str], workspace: Path) -> tuple[float, float]:
    """Milliseconds of CPU that a command uses itself, and that all its descendants use with it."""
    env = os.environ | {"MOUE_WORKSPACE": str(workspace), "PYTHONPATH": str(ROOT)}
    child = subprocess.Popen([sys.executable, *command], env=env, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {child.returncode}")
    alone = together = used.ru_utime + used.ru_stime
    while True:
        try:
            _, _, used = os.wait4(-1, 0)
        except ChildProcessError:
            return 1e3 * alone, 1e3 * together
        together += used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser("python -m tests.bench.start", description="CPU that commands need to start")
    parser.add_argument("--rounds", type=int, default=9)
    args = parser.parse_args()
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "empty").mkdir()
        workspace = root / "workspace"
        pipeline = ["-m", "pipeline"]
        commands = {
            "python -c pass": ["-c", "pass"],
            "--version": [*pipeline, "--version"],
            "--help": [*pipeline, "--help"],
            "status": [*pipeline, "status"],
            "ingest, no photo": [*pipeline, "ingest", str(root / "empty")],
        }
        cpu_ms(commands["ingest, no photo"], workspace)  # makes the workspace and the byte code
        print(f"CPU, median (least) of {args.rounds}, milliseconds; aim")
        rounds: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
        for _ in range(args.rounds):  # in turns, so that what else runs here disturbs all alike
            for name, command in commands.items():
                rounds[name].append(cpu_ms(command, workspace))
        for name, found in rounds.items():
            aim = f"{AIMS[name]:6.0f}" if name in AIMS else ""
            alone, together = zip(*found, strict=True)
            print(f"{name:20}{statistics.median(alone):8.0f} ({min(alone):.0f}) {aim}")
            if together != alone:
                print(f"{'  with its server':20}{statistics.median(together):8.0f} ({min(together):.0f})")


if __name__ == "__main__":
    main()
