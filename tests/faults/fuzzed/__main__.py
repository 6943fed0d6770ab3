"""Files that are looked for where Moue's code did something new: `python -m tests.faults.fuzzed --minutes 3`.

By hand, and on Linux, with atheris: `pip install -r tests/faults/fuzzed/requirements.txt` into an environment of your
own. `--minutes` are for each target, one after the other. Prints, by target, how many inputs were tried, refused by
name, and ended otherwise, with the most CPU and memory that one took (atheris makes Python two to four times as slow).
What ended otherwise, or took more than 1 s or 200 MB, is kept as a file: `--again FILE` tries it without atheris. One
that hangs is ended and named, one that kills its process is named, and the rest go on. Ends with 1 if any ended
otherwise.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.faults.fuzzed.kept import heavy
from tests.faults.fuzzed.tally import HEAD, Tally
from tests.faults.fuzzed.targets import TARGETS
from tests.faults.fuzzed.watched import Watched, installed

NOT_INSTALLED = (
    "atheris is not installed here; into an environment of your own, on Linux: "
    "pip install -r tests/faults/fuzzed/requirements.txt"
)


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.fuzzed", description=__doc__)
    parser.add_argument("--minutes", type=float, default=3.0, help="for each target")
    parser.add_argument("--only", nargs="+", choices=TARGETS, metavar="TARGET", help=f"of {', '.join(TARGETS)}")
    parser.add_argument("--seed", type=int, default=1, help="another one tries others")
    parser.add_argument("--keep", type=Path, help="the folder for what is kept; a new temporary one if not given")
    parser.add_argument("--again", type=Path, nargs="+", metavar="FILE", help="try these kept files, and nothing else")
    options = parser.parse_args(words)
    if options.again:
        try:
            return _again(options.again)
        except (OSError, ValueError) as e:
            parser.error(str(e))
    if not installed():
        print(NOT_INSTALLED, file=sys.stderr)
        return 2
    folder = options.keep or Path(tempfile.mkdtemp(prefix="moue-fuzzed-kept-"))
    folder.mkdir(exist_ok=True)
    done = []
    for target in options.only or TARGETS:
        done.append(_fuzz(target, options.minutes * 60, options.seed, folder))
        print(done[-1].row(), flush=True)
    print(HEAD, *(one.row() for one in done), sep="\n")
    if not any(folder.iterdir()):
        folder.rmdir()
    return int(any(one.otherwise for one in done))


def _fuzz(target: str, seconds: float, seed: int, kept: Path) -> Tally:
    tally = Tally(target, kept)
    with tempfile.TemporaryDirectory(prefix="moue-fuzzed-") as folder:
        watched = Watched(target, Path(folder), seed)
        for done, data in watched.inputs(seconds):
            if said := tally.add(done, data):
                print(said, flush=True)
        tally.covered = watched.covered()
    return tally


def _again(paths: list[Path]) -> int:
    from tests.faults.fuzzed.again import again

    found = [(path, again(path)) for path in paths]
    for path, one in found:
        became = one.fault.rstrip() or ("refused by name" if one.refused else "read")
        print(f"{path}: {became}; {one.seconds:.2f} s of CPU, {one.bytes / 1e6:.0f} MB")
    return int(any(one.fault or heavy(one) for _, one in found))


if __name__ == "__main__":
    sys.exit(main())
