"""Where the workspace is: one answer for the command line and the server."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from pipeline.core.errors import UsageError
from pipeline.core.file_urls import local_path
from pipeline.core.messages import message

VARIABLE: Final = "MOUE_WORKSPACE"
DEFAULT: Final = "workspace"
LOG_NAME: Final = "moue.log"


def workspace_root(given: Path | None = None) -> Path:
    """The workspace's folder, absolute: as `given`, else as MOUE_WORKSPACE says, else `workspace` in the current one.

    Raises UsageError where that names no folder of this machine.
    """
    path = folder_of_variable(VARIABLE) if given is None else given
    return _absolute(Path(DEFAULT) if path is None else path)


def folder_of_variable(variable: str) -> Path | None:
    """The folder that a variable of the environment names, absolute: a path, `~/…` or `file://…`, as on the command
    line; None where it is not set. Raises UsageError for blanks, another kind of URL, or a home that is none."""
    said = os.environ.get(variable)
    if not said:
        return None
    if not said.strip():
        raise UsageError(message("workspace_blank", variable=variable))
    path = local_path(said)
    if path is None and "://" in said:
        raise UsageError(message("path_is_url", place=said))
    return _absolute(path or Path(said))


def _absolute(path: Path) -> Path:
    """A `~` at its beginning is the home folder. Raises UsageError where there is none."""
    try:
        return path.expanduser().absolute()
    except RuntimeError as e:
        raise UsageError(message("workspace_home_unknown", path=path)) from e
