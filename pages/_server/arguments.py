"""What is said to the server behind `--`: `streamlit run app.py -- --workspaces FOLDER`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from db.base import workspace, workspaces
from pipeline.core.errors import UsageError

LAUNCHER: Final = "app.py"
_OPTIONS: Final = {"--workspace": workspace.VARIABLE, "--workspaces": workspaces.VARIABLE}


def apply(argv: Sequence[str]) -> None:
    """Put what a command line of the launcher says into the environment, where jobs find it, too.

    Another program's (`uvicorn app:app`) says nothing to us. Raises UsageError for a word that is not understood.
    """
    if not argv or Path(argv[0]).name != LAUNCHER:
        return
    words = list(argv[1:])
    while words:
        name, equals, value = words.pop(0).partition("=")
        if name not in _OPTIONS or not (equals or words):
            raise UsageError(f"{name} is not understood: behind -- goes --workspace FOLDER or --workspaces FOLDER")
        for variable in _OPTIONS.values():
            os.environ.pop(variable, None)
        os.environ[_OPTIONS[name]] = value if equals else words.pop(0)
