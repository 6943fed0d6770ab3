"""`python -m pipeline …` in a process of its own, as a script would call it."""

from __future__ import annotations

import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from pipeline.__main__ import main

ROOT = Path(__file__).resolve().parents[2]


def command(*words: object) -> list[str]:
    return [sys.executable, "-m", "pipeline", *map(str, words)]


def environment(**more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("MOUE_")}
    return kept | {"PYTHONPATH": str(ROOT)} | more


def call(*words: object, cwd: Path = ROOT, **env: str) -> subprocess.CompletedProcess[str]:
    """Run to the end; never raises for an exit code."""
    return subprocess.run(
        command(*words), cwd=cwd, env=environment(**env), capture_output=True, text=True, timeout=150, check=False
    )


def inside(*words: object) -> subprocess.CompletedProcess[str]:
    """The same in this process: to come quickly to where a test begins."""
    given = [str(word) for word in words]
    out, err = io.StringIO(), io.StringIO()
    before = signal.getsignal(signal.SIGTERM)
    try:
        with redirect_stdout(out), redirect_stderr(err):
            code = main(given)
    except SystemExit as e:  # how argparse ends
        code = int(e.code or 0)
    finally:
        signal.signal(signal.SIGTERM, before)
    return subprocess.CompletedProcess(given, code, out.getvalue(), err.getvalue())


def call_json(*words: object) -> dict[str, Any]:
    """The one JSON object on stdout of a call that must end with 0."""
    return _figures(call(*words, "--json"))


def inside_json(*words: object) -> dict[str, Any]:
    """The same of a call in this process."""
    return _figures(inside(*words, "--json"))


def _figures(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert isinstance(figures, dict)
    return figures


def ingest(workspace: Path, *words: object) -> dict[str, Any]:
    """Ingest in this process and return the JSON figures."""
    return _figures(inside("ingest", *words, "--workspace", workspace, "--executor", "serial", "--json"))


def nonzero(figures: dict[str, Any]) -> dict[str, int]:
    """The outcomes that occurred."""
    return {name: number for name, number in figures["images"].items() if number}


def rows(workspace: Path, sql: str) -> list[tuple[Any, ...]]:
    """Ask the database itself, past Moue's own code."""
    db = sqlite3.connect(f"file:{workspace / 'moue.db'}?mode=ro", uri=True, timeout=10)
    try:
        return db.execute(sql).fetchall()
    finally:
        db.close()


def one_line(text: str) -> bool:
    return len(text.strip().splitlines()) == 1 and "Traceback" not in text
