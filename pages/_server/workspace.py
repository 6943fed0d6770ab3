"""The workspace of this server: its store, its files, its key. Other modules ask here and nowhere else."""

from __future__ import annotations

import os
import secrets
import threading
from contextlib import suppress
from pathlib import Path
from typing import Final

from db.base.workspace import workspace_root
from db.store.store import Store
from pipeline.core.durable import flush, make_folder
from pipeline.core.errors import StorageError
from pipeline.core.messages import message
from pipeline.files.blobs import BlobStore

_lock: Final = threading.Lock()
_stores: Final[dict[Path, Store]] = {}
_keys: Final[dict[Path, str]] = {}


def root() -> Path:
    """The workspace's folder: MOUE_WORKSPACE, or `workspace` below the folder the server was started in."""
    return workspace_root()


def get_store() -> Store:
    """The one open store of this process and workspace. Raises StorageError."""
    folder = root()
    with _lock:
        if folder not in _stores:
            _stores[folder] = Store.open(folder)
        return _stores[folder]


def close_store() -> None:
    """Finish the waiting writes and close; the next `get_store` opens again."""
    with _lock:
        store = _stores.pop(root(), None)
    if store is not None:
        store.close()


def blobs() -> BlobStore:
    return BlobStore(root())


def secret_key() -> str:
    """The key that signs this workspace's cookies, made at first use (`.secret`, mode 0600). Raises StorageError."""
    folder = root()
    with _lock:
        if folder not in _keys:
            try:
                _keys[folder] = _read_or_make_key(folder / ".secret")
            except OSError as e:
                raise StorageError(message("workspace_key_unusable", file=folder / ".secret", why=e.strerror)) from e
        return _keys[folder]


def _read_or_make_key(file: Path) -> str:
    with suppress(FileNotFoundError):
        key = file.read_text("ascii").strip()
        if key:
            return key
    make_folder(file.parent)
    key = secrets.token_hex(32)
    fresh = file.with_name(f".secret.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:
        stream.write(key + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(fresh, file)
    flush(file.parent)
    return key
