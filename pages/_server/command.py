"""How this server starts the command line: every job, a check and a comparison are processes of their own."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

from pipeline.core.errors import ERRORS_VARIABLE

PROJECT: Final = Path(__file__).resolve().parents[2]


def command_line(command: str, *words: str) -> list[str]:
    """`python -m pipeline COMMAND …` with the interpreter that runs this server."""
    return [sys.executable, "-m", "pipeline", command, *words]


def environment() -> dict[str, str]:
    """This process's, with the project where Python finds it from any folder; errors come as JSON, to be translated."""
    path = os.pathsep.join(filter(None, [str(PROJECT), os.environ.get("PYTHONPATH", "")]))
    return {**os.environ, "PYTHONPATH": path, ERRORS_VARIABLE: "json"}
