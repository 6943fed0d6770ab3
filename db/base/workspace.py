"""Where the workspace is: one answer for the command line and the server."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from pipeline.core.errors import UsageError
from pipeline.core.messages import message

VARIABLE: Final = "MOUE_WORKSPACE"
DEFAULT: Final = "workspace"
LOG_NAME: Final = "moue.log"


def workspace_root(given: Path | None = None) -> Path:
    """The workspace's folder, absolute: as `given`, else as MOUE_WORKSPACE says, else `workspace` in the current one.

    A `~` at its beginning is the home folder. Raises UsageError where there is none.
    """
    said = os.environ.get(VARIABLE) or DEFAULT
    if not said.strip():
        raise UsageError(message("workspace_blank", variable=VARIABLE))
    path = Path(said) if given is None else given
    try:
        return path.expanduser().absolute()
    except RuntimeError as e:
        raise UsageError(message("workspace_home_unknown", path=path)) from e
