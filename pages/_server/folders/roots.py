"""Which folders of this machine pages may read: one door for what is typed and for what is browsed.

Whoever runs Moue names them in MOUE_FOLDERS. Where nothing is said it is their home folder, and only for a server that
nobody but this machine reaches; everybody else could otherwise read what the server's account can read.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from pages._server import auth_mode, identity
from pipeline.core.errors import UsageError
from pipeline.core.messages import Message, message
from pipeline.files.typed_path import shown_path

OPTION: Final = "MOUE_FOLDERS"


def allowed_roots() -> tuple[Path, ...]:
    """The folders, links resolved; empty where there are none. Raises UsageError for a path that is not absolute."""
    given = os.environ.get(OPTION)
    if given is None:
        alone = auth_mode.mode() == "local" and identity.bound_to_loopback()
        return (_resolved(Path.home()),) if alone else ()
    return tuple(_root(part.strip()) for part in given.split(os.pathsep) if part.strip())


def refusal(path: Path) -> Message | None:
    """Why pages may not read at `path`, None where they may. Nothing is told of what stands there.

    `..` and links are followed first: what counts is where a path leads.
    """
    roots = allowed_roots()
    if not roots:
        return message("folders_none", option=OPTION)
    real = _resolved(path)
    if any(real == root or real.is_relative_to(root) for root in roots):
        return None
    return message("folder_outside", place=path, folders=tuple(roots), option=OPTION)


def allowed_path(typed: str) -> Path:
    """The path that somebody typed on a page. Raises UsageError where it is none, or may not be read."""
    path = shown_path(typed)
    why = refusal(path)
    if why is not None:
        raise UsageError(why)
    return path


def _root(text: str) -> Path:
    path = Path(os.path.expanduser(text))
    if not path.is_absolute():
        raise UsageError(message("folders_setting", option=OPTION, value=text))
    return _resolved(path)


def _resolved(path: Path) -> Path:
    return Path(os.path.realpath(path))  # unlike `resolve` it takes links in a circle
