"""Puts faults into a room's code, one at a time, and says which of them its tests do not notice (docs/testing.md).

It works in a copy of the checkout. For each fault the tests that mirror the module run first, then those of its room;
with --wide those further away too. What is printed as SURVIVED wants a test, or a reason in docs/testing.md.
"""

from __future__ import annotations

import argparse
import difflib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Final

from tests.mutation.mutants import Mutant, mutated, sample, sites

Stage = tuple[str, ...]
ROOT: Final = Path(__file__).resolve().parents[2]
PYTEST: Final = [sys.executable, "-m", "pytest", "-x", "-q", "--tb=no", "-p", "no:cacheprovider", "--timeout=90"]
PLAIN: Final = ["-o", "addopts=--import-mode=importlib", "--hypothesis-seed=0"]
#: Where else a room's faults are felt: the commands and pages that stand on it, and what is killed on purpose.
WIDE: Final = {
    "db": ["tests/db", "tests/pipeline/actions", "tests/faults/tampering", "tests/pages/_routes"],
    "pipeline/export": ["tests/pipeline/actions", "tests/pipeline/cli", "tests/faults/test_durability_order.py"],
    "pipeline/files": ["tests/db/store", "tests/pipeline/actions", "tests/faults/test_durability_order.py"],
    "pipeline/run": ["tests/faults/test_workers.py", "tests/faults/test_dask.py", "tests/pipeline/cli"],
    "pipeline/sources": ["tests/pipeline/actions", "tests/pipeline/cli"],
    "pages/_routes": ["tests/pages", "tests/faults/test_one_name.py"],
}


def copy_of_checkout(to: Path) -> Path:
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)
    return to


def stages(copy: Path, path: str, wide: bool) -> list[Stage]:
    """Tests to run, nearest first: the module's own file, its folder, its room and what stands on it."""
    folder = Path("tests", path).parent
    own = folder / f"test_{Path(path).stem.lstrip('_')}.py"
    found = [(str(own),)] if (copy / own).is_file() else []
    found.append((str(folder if any((copy / folder).glob("test_*.py")) else folder.parent),))
    if wide:
        room = next(room for room in WIDE if path.startswith(f"{room}/"))
        found.append(tuple(WIDE[room]))
    return found


def ends(copy: Path, tests: Sequence[str], limit_s: float) -> str:
    """ "passed", "failed" (or nothing could be collected), or "too slow"."""
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "MOUE_TEST_COMPILE": "anew"}
    process = subprocess.Popen(
        [*PYTEST, *PLAIN, *tests], cwd=copy, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    try:
        return "passed" if process.wait(limit_s) == 0 else "failed"
    except subprocess.TimeoutExpired:
        return "too slow"
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # and the servers and workers that it has started
        process.wait()


def sound_limits(copy: Path, mutants: list[Mutant], wide: bool) -> dict[Stage, float]:
    """Seconds that each stage may take, five times what it takes without a fault.

    Tests that fail then would notice each fault: that ends it.
    """
    limits: dict[Stage, float] = {}
    for tests in sorted({stage for m in mutants for stage in stages(copy, m.path, wide)}):
        start = time.monotonic()
        if (ended := ends(copy, tests, 3600)) != "passed":
            sys.exit(f"without any fault these tests are {ended}: {' '.join(tests)}")
        limits[tests] = 5 * (time.monotonic() - start) + 60
    return limits


def noticed_by(copy: Path, mutant: Mutant, wide: bool, limits: dict[Stage, float]) -> str | None:
    file = copy / mutant.path
    before = file.read_text("utf-8")
    try:
        file.write_text(mutated(copy, mutant), "utf-8")
        for tests in stages(copy, mutant.path, wide):
            if (ended := ends(copy, tests, limits[tests])) != "passed":
                return " ".join(tests) + (" (too slow)" if ended == "too slow" else "")
        return None
    finally:
        file.write_text(before, "utf-8")


def difference(copy: Path, mutant: Mutant) -> str:
    before, after = (copy / mutant.path).read_text("utf-8"), mutated(copy, mutant)
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    return "\n".join(line for line in lines if line[0] in "+-" and line[:3] not in ("+++", "---"))


def run(copy: Path, mutants: list[Mutant], args: argparse.Namespace) -> Counter[str]:
    counts: Counter[str] = Counter()
    limits = sound_limits(copy, mutants, args.wide)
    for number, mutant in enumerate(mutants, 1):
        tests = noticed_by(copy, mutant, args.wide, limits)
        counts["noticed" if tests else "survived"] += 1
        print(f"{number}/{len(mutants)} {'noticed by ' + tests if tests else 'SURVIVED'}: {mutant.name}")
        if not tests:
            print(difference(copy, mutant))
        sys.stdout.flush()
        if args.out:
            with args.out.open("a", encoding="utf-8") as out:
                out.write(
                    json.dumps({**asdict(mutant), "noticed_by": tests, "difference": difference(copy, mutant)}) + "\n"
                )
    return counts


def survivors(copy: Path, path: Path) -> list[Mutant]:
    """Those of an earlier run that nothing noticed, sought again by what they change: the code may have moved."""
    found: list[Mutant] = []
    for line in path.read_text("utf-8").splitlines():
        old = json.loads(line)
        if old["noticed_by"]:
            continue
        places = sites(copy, old["path"]).values() if (copy / old["path"]).is_file() else []
        same = (m for place in places for m in place if m.operator == old["operator"])
        mutant = next((m for m in same if difference(copy, m) == old["difference"]), None)
        print(f"no longer there: {old['path']} {old['difference']}") if mutant is None else found.append(mutant)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("room", help=f"a folder or one file of the code; --wide knows {', '.join(WIDE)}")
    parser.add_argument("--sample", type=int, default=50, help="how many faults, drawn at random (default 50)")
    parser.add_argument("--seed", type=int, default=11, help="which of them (default 11)")
    parser.add_argument("--wide", action="store_true", help="run the tests further away before a fault has survived")
    parser.add_argument("--again", type=Path, help="instead of a sample: the survivors that an earlier --out holds")
    parser.add_argument("--out", type=Path, help="a file to which each fault is added as a line of JSON")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="moue-mutants-") as folder:
        copy = copy_of_checkout(Path(folder))
        if args.again:
            mutants, places = survivors(copy, args.again), 0
        else:
            mutants, places = sample(copy, args.room.rstrip("/"), args.sample, args.seed)
        counts = run(copy, mutants, args)
    noticed, total = counts["noticed"], counts.total()
    print(f"{args.room}: {noticed} of {total} noticed" + (f", drawn from {places} places" if places else ""))


if __name__ == "__main__":
    main()
