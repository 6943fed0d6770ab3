"""The workspaces of this server as somebody sees them who is about to choose one."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from db.base import workspaces
from db.store.peek import peek
from db.store.store import Db
from db.tables.annotators import ensure_annotator
from db.tables.roles import has_owner, note_maker, role_of, settle_owner
from db.team.blind import undecided_for
from pages._server import identity, spaces, workspace
from pages._server.auth_mode import mode
from pipeline.core.errors import MoueError, NotAllowedError
from pipeline.core.messages import message

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Space:
    """One workspace. address: its path, from the root of the site. annotator: who the asking person is there.

    undecided: faces to decide on; None for somebody who is not signed in there, and where it cannot be told.
    """

    name: str
    address: str
    annotator: str | None
    undecided: int | None


def spaces_of(cookies: Mapping[str, str], headers: Mapping[str, str]) -> list[Space]:
    """Every workspace of this server, in the order of their names; empty where it has only one. Raises StorageError."""
    folder = workspace.several()
    names = [] if folder is None else workspaces.names(folder)
    return [_space(Path(folder or ""), name, cookies, headers) for name in names]


def maker(found: Sequence[Space]) -> str | None:
    """Who the asking person is where they make a workspace: "" where there is none yet, which anybody known may; else
    their name where they own one; None for everybody else. found: see `spaces_of`."""
    folder = workspace.several()
    if folder is None:
        return None
    if not found:
        return ""
    return next((one.annotator for one in found if one.annotator and _owns(folder / one.name, one.annotator)), None)


def make(name: str, cookies: Mapping[str, str], headers: Mapping[str, str]) -> None:
    """Make a workspace, owned by its maker where a name is known. Raises NotAllowedError, UsageError, StorageError."""
    folder = workspace.several()
    by = None if folder is None else maker(spaces_of(cookies, headers))
    if folder is None or by is None:
        raise NotAllowedError(message("workspace_makers"))
    if not by and mode() == "header":
        by = identity.identify(cookies, headers)  # a proxy knows people also where no workspace does
    root = workspaces.make(folder, name)
    if by:
        spaces.prepare(root)
        with workspace.entered(name):
            workspace.get_store().write(partial(_begin, by=by))


def _begin(db: Db, by: str) -> None:
    """The first rows of a workspace that somebody made: its owner, and in the audit who that was."""
    name = ensure_annotator(db, by)
    settle_owner(db)
    note_maker(db, name)


def _owns(root: Path, annotator: str) -> bool:
    """Only somebody who is noted there: in a workspace that nobody was in yet, everybody would be its owner."""

    def look(db: Db) -> bool:
        return has_owner(db) and role_of(db, annotator) == "owner"

    return _read(root, look) is True


def _space(folder: Path, name: str, cookies: Mapping[str, str], headers: Mapping[str, str]) -> Space:
    root = folder / name
    with workspace.entered(name):
        # a key is made where somebody signs in, not where somebody looks
        known = mode() == "header" or os.path.isfile(root / ".secret")
        annotator = identity.identify(cookies, headers) if known else None
    address = f"{spaces.server_path()}w/{quote(name)}/"
    undecided = None if annotator is None else _read(root, lambda db: undecided_for(db, annotator))
    return Space(name, address, annotator, undecided)


def _read(root: Path, fn: Callable[[Db], T]) -> T | None:
    """Also of a workspace that nobody has opened here yet: opening would lock and migrate it."""
    if not workspace.is_open(root):
        return peek(root, fn)
    try:
        with workspace.entered(root.name):
            return workspace.get_store().read(fn)
    except MoueError:
        return None
