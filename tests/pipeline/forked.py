"""`python -m pipeline …` by fork from one process that has its modules in memory: half a second of CPU less each.

The child runs `pipeline/__main__.py` anew on its own descriptors, with streams made as the interpreter makes them from
PYTHONIOENCODING and PYTHONUNBUFFERED, and ends as an interpreter ends.
"""

from __future__ import annotations

import gc
import importlib
import io
import json
import os
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final, TextIO

ROOT: Final = Path(__file__).resolve().parents[2]
READY: Final = "ready"
LATER: Final = ("cv2", "pandas", "sklearn.linear_model", "sklearn.model_selection", "fsspec")
"""What some commands import once they run."""


@cache
def _parent() -> subprocess.Popen[str]:
    """Of this process; it ends with it: its input ends then."""
    started = subprocess.Popen(
        [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip
    _answer(started)
    return started


def _answer(parent: subprocess.Popen[str]) -> str:
    assert parent.stdout
    line = parent.stdout.readline().strip()
    assert line, "the process that commands are forked from has ended"
    return line


def run(
    words: Sequence[str], env: Mapping[str, str], stdout_is_read: bool = True, module: str = "pipeline"
) -> subprocess.CompletedProcess[bytes]:
    """To its end. stdout_is_read: else whoever would read its output has gone before it begins. module: what stands
    behind `python -m`; another one than ours starts with ours in memory."""
    parent = _parent()
    assert parent.stdin
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        wanted = {
            "module": module, "words": list(words), "env": dict(env), "out": str(out) if stdout_is_read else "",
            "err": str(err),
        }  # fmt: skip
        parent.stdin.write(json.dumps(wanted) + "\n")
        parent.stdin.flush()
        code = int(_answer(parent))
        told = out.read_bytes() if stdout_is_read else b""
        return subprocess.CompletedProcess(list(words), code, told, err.read_bytes())


def _opened(path: str) -> int:
    if path:
        return os.open(path, os.O_WRONLY | os.O_CREAT)
    reader, writer = os.pipe()
    os.close(reader)
    return writer


def _stream(descriptor: int, errors: str) -> TextIO:
    """As the interpreter makes it."""
    encoding, _, given = os.environ.get("PYTHONIOENCODING", "utf-8").partition(":")
    raw = io.FileIO(descriptor, "w", closefd=False)
    unbuffered = bool(os.environ.get("PYTHONUNBUFFERED"))
    buffer = raw if unbuffered else io.BufferedWriter(raw)
    return io.TextIOWrapper(buffer, encoding, given or errors, write_through=unbuffered)  # type: ignore[arg-type]


def _become(wanted: dict[str, object]) -> None:
    """In the child: `python -m` its module with these words, to its SystemExit."""
    os.environ.clear()
    os.environ.update(wanted["env"])  # type: ignore[call-overload]
    null = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((null, 0), (_opened(str(wanted["out"])), 1), (_opened(str(wanted["err"])), 2)):
        os.dup2(source, target)
        os.close(source)
    sys.stdout, sys.stderr = _stream(1, "strict"), _stream(2, "backslashreplace")
    module = str(wanted["module"])
    sys.argv = [module, *wanted["words"]]  # type: ignore[misc]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def main() -> None:
    sys.path[0] = str(ROOT)
    importlib.import_module("pipeline.__main__")
    for path in sorted((ROOT / "pipeline" / "cli").rglob("*.py")):
        importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    for name in LATER:
        importlib.import_module(name)
    del sys.modules["pipeline.__main__"]  # it runs anew in each child
    gc.collect()
    gc.freeze()  # else each child goes through all of it, and copies it, whenever it collects
    print(READY, flush=True)
    for line in sys.stdin:
        if not (pid := os.fork()):
            _become(json.loads(line))
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
