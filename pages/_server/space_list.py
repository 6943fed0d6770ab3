"""The workspaces of this server as somebody sees them who is about to choose one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from db.base import workspaces
from db.reads.counts import Counts, workspace_counts
from db.store.peek import peek
from pages._server import identity, spaces, workspace
from pages._server.auth_mode import mode
from pipeline.core.errors import MoueError


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


def _space(folder: Path, name: str, cookies: Mapping[str, str], headers: Mapping[str, str]) -> Space:
    root = folder / name
    with workspace.entered(name):
        # a key is made where somebody signs in, not where somebody looks
        known = mode() == "header" or (root / ".secret").is_file()
        annotator = identity.identify(cookies, headers) if known else None
    address = f"{spaces.server_path()}w/{quote(name)}/"
    counts = _counts(root, name) if annotator is not None else None
    return Space(name, address, annotator, None if counts is None else counts.undecided)


def _counts(root: Path, name: str) -> Counts | None:
    """Also of a workspace that nobody has opened here yet: opening would lock and migrate it."""
    if not workspace.is_open(root):
        return peek(root, workspace_counts)
    try:
        with workspace.entered(name):
            return workspace.get_store().read(workspace_counts)
    except MoueError:
        return None
