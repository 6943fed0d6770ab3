"""A folder of workspaces for one server: which of its folders are workspaces, and what a workspace may be called."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from db.base.workspace import folder_of_variable
from pipeline.core.durable import flush
from pipeline.core.errors import StorageError, UsageError
from pipeline.core.messages import Message, message, os_message
from pipeline.core.names import find_name, is_device_name

VARIABLE: Final = "MOUE_WORKSPACES"
LONGEST: Final = 64
_NAME: Final = re.compile(rf"\w[\w.-]{{0,{LONGEST - 1}}}")
_DATABASE: Final = "moue.db"


def folder() -> Path | None:
    """The folder of workspaces that MOUE_WORKSPACES names, absolute; None where the server has one workspace.

    Named as MOUE_WORKSPACE names one (`db.base.workspace.folder_of_variable`). Raises UsageError.
    """
    return folder_of_variable(VARIABLE)


def is_name(text: str) -> bool:
    """Whether a workspace may be called so: letters and digits of any script, `_`, `-` and `.`, not first; at most 64.

    It is one part of a path and of an address: no separator, no space, no second spelling of the same letters.
    """
    return bool(_NAME.fullmatch(text)) and not text.endswith(".") and unicodedata.normalize("NFC", text) == text


def find(within: Path, name: str) -> Path | None:
    """The folder of the workspace `name`, None where there is none. Touches nothing for a name that may not be one."""
    path = within / name if is_name(name) else None
    return path if path is not None and problem_of(path) is None else None


def names(within: Path) -> list[str]:
    """The workspaces in the folder `within`, by name. Raises StorageError where it cannot be read."""
    return [path.name for path in _folders(within) if problem_of(path) is None]


def passed_over(within: Path) -> dict[str, Message]:
    """Folders that hold a database and are served all the same to nobody: why, by name. Raises as `names`."""
    problems = {path.name: problem_of(path) for path in _folders(within) if _has_database(path)}
    return {name: problem for name, problem in problems.items() if problem is not None}


def make(within: Path, name: str) -> Path:
    """Make an empty folder for a new workspace, durably, and return it.

    Raises UsageError for what may not be one's name and for one that is there, in another spelling too (Windows and
    macOS tell them apart no more than people do); StorageError.
    """
    if not is_name(name) or is_device_name(name):
        raise UsageError(message("workspace_new_name", name=name, most=LONGEST))
    path = within / name
    try:
        there = find_name(name, sorted(one.name for one in within.iterdir()))
        if there is not None:
            raise UsageError(message("workspace_taken", name=there))
        path.mkdir()
        flush(within)
    except FileExistsError as e:
        raise UsageError(message("workspace_taken", name=name)) from e
    except OSError as e:
        raise StorageError(os_message(e, "workspace_not_added", name=name)) from e
    return path


def problem_of(path: Path) -> Message | None:
    """Why this folder is no workspace: None for one that is, or that is empty and can become one."""
    if not is_name(path.name):
        return message("workspace_name", name=path.name, most=LONGEST)
    if os.path.islink(path):
        return message("workspace_is_link", name=path.name)
    if not os.path.isdir(path) or not (_has_database(path) or _is_empty(path)):
        return message("workspace_none_there", name=path.name)
    return None


def _folders(within: Path) -> Iterator[Path]:
    try:
        found = sorted(path for path in within.iterdir() if os.path.isdir(path))
    except OSError as e:
        raise StorageError(message("workspaces_unreadable", folder=within, why=e.strerror or e)) from e
    yield from found


def _has_database(path: Path) -> bool:
    """Whether there is one, or what is left of one: opening it tells what is wrong."""
    with suppress(OSError):
        return (path / _DATABASE).exists() or any(path.glob(f"{_DATABASE}-*"))
    return False


def _is_empty(path: Path) -> bool:
    with suppress(OSError):
        return all(one.name.startswith(".") for one in path.iterdir())
    return False
