"""Empty workspaces by copy: to make one takes each migration, which is most of what a small test would cost."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from db.store.store import Store


@cache
def _made_once() -> Path:
    """By the store itself, once a process."""
    folder = Path(tempfile.mkdtemp(prefix="moue-empty-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    Store.open(folder).close()
    return folder


def fresh(folder: Path) -> Path:
    """An empty workspace in `folder`, which may be there."""
    shutil.copytree(_made_once(), folder, dirs_exist_ok=True)
    return folder


def open_fresh(folder: Path) -> Store:
    """The same, open."""
    return Store.open(fresh(folder))
