"""CI's second look at browser tests that failed: alone, one at a time, once.

`python -m pytest || python -m tests.second_look $?`. A browser test waits for a browser and a server that share two
cores with three other tests; what is wrong fails again when nothing else runs. What failed without a browser, what
could not be collected and more failures than FEW are refused at once. What passes only now is named: it is a fault of
the test, or of the page on a slow machine, that nobody has found yet.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
FAILED: Final = Path(".pytest_cache/v/cache/lastfailed")
BROWSERS: Final = "tests/e2e/"
FEW: Final = 5
TESTS_FAILED: Final = 1
"""What pytest ends with where all ran and some failed."""


def refused(failed: Iterable[str]) -> list[str]:
    """Of the ids of failed tests those that get no second look: of no browser, or a file as a whole."""
    return [test for test in failed if not (test.startswith(BROWSERS) and "::" in test)]


def main(ended: int, root: Path = ROOT) -> int:
    if ended != TESTS_FAILED:
        return ended
    failed = sorted(json.loads((root / FAILED).read_text("utf-8")))
    if not failed or len(failed) > FEW or refused(failed):
        print(f"no second look at {len(failed)} failed tests: {', '.join(refused(failed)) or 'too many'}")
        return ended
    print(f"a second look at {len(failed)} browser tests, alone:", *failed, sep="\n  ", flush=True)
    again = subprocess.run([sys.executable, "-m", "pytest", "-n", "0", *failed], cwd=root, check=False)
    if again.returncode == 0:
        print("FLAKY, passed alone only:", *failed, sep="\n  ")
    return again.returncode


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
