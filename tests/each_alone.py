"""Runs each file of tests in a process of its own: none may need what another one has set up.

`python -m tests.each_alone` takes all but browsers and faults (minutes); name folders or files for a part of it, and
with --collect-only nothing is run but the imports and parameter sets, in each folder as well.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
SLOW: Final = ("tests/e2e", "tests/faults")
PYTEST: Final = [sys.executable, "-m", "pytest", "-q", "-n", "0", "--tb=short", "-p", "no:cacheprovider"]


def files_of(places: list[Path]) -> list[Path]:
    found = {f for place in places for f in ([place] if place.is_file() else place.rglob("test_*.py"))}
    return sorted(found)


def folders_of(files: list[Path]) -> list[Path]:
    return sorted({file.parent for file in files})


def run(place: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*PYTEST, *options, str(place)], cwd=ROOT, capture_output=True, text=True, check=False)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.each_alone", description=__doc__)
    parser.add_argument("places", nargs="*", type=Path, help=f"folders or files (default tests, but {', '.join(SLOW)})")
    parser.add_argument("--collect-only", action="store_true", help="import each, and run nothing")
    args = parser.parse_args()
    chosen = [ROOT / place for place in args.places] or [ROOT / "tests"]
    files = files_of(chosen)
    if not args.places:
        files = [f for f in files if not f.relative_to(ROOT).as_posix().startswith(SLOW)]
    failed = []
    todo = [*files, *folders_of(files)] if args.collect_only else files
    for number, place in enumerate(todo, 1):
        start = time.monotonic()
        done = run(place, *(["--collect-only"] if args.collect_only else []))
        name = place.relative_to(ROOT).as_posix()
        ended = "ok" if done.returncode == 0 else "FAILS"
        print(f"{number}/{len(todo)} {name}: {ended}, {time.monotonic() - start:.0f} s")
        if done.returncode != 0:
            failed.append(name)
            print(done.stdout[-4000:], done.stderr[-2000:], sep="\n")
        sys.stdout.flush()
    print(f"{len(todo) - len(failed)} of {len(todo)} pass alone" + "".join(f"\n  not {name}" for name in failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
