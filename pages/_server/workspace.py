"""The workspace that a request or a page is of: its store, its files, its key. Other modules ask here and nowhere else.

A server has one workspace (MOUE_WORKSPACE), or a folder of them (MOUE_WORKSPACES). Then each address says which one
it is of, `/w/NAME/review`, see `spaces`: a route's code runs with that name in a context variable, which its threads
inherit, and a page's script finds it among the headers of its web socket. Code that runs for nobody (a thread of its
own) has no workspace, and is told so: there is none to fall back to.
"""

from __future__ import annotations

import hmac
import os
import secrets
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Final
from urllib.parse import quote, unquote

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from db.base import workspaces
from db.base.workspace import workspace_root
from db.store.locks import server_lock
from db.store.store import Store
from pipeline.core.durable import flush, make_folder
from pipeline.core.errors import BusyError, StorageError, UsageError
from pipeline.core.messages import Message, message, os_message
from pipeline.core.system.regular import read_regular
from pipeline.files.blobs import BlobStore

HEADER: Final = "x-moue-workspace"
"""What `spaces` writes into a web socket's headers: the name, quoted, with this process's token before it."""
_TOKEN: Final = secrets.token_urlsafe(16)
_KEPT: Final = "workspace_of_session"
_asked: Final[ContextVar[str | None]] = ContextVar("workspace", default=None)
_lock: Final = threading.Lock()
_openings: Final[defaultdict[Path, threading.Lock]] = defaultdict(threading.Lock)
"""For each folder: who opens it. Opening may migrate, and nobody in another workspace waits for that."""
_stores: Final[dict[Path, Store]] = {}
_held: Final[dict[Path, ExitStack]] = {}
"""For each open workspace of several: the lock that keeps a second server away."""
_keys: Final[dict[Path, str]] = {}


def several() -> Path | None:
    """The folder of workspaces that this server has; None where it has one workspace. Raises UsageError."""
    return workspaces.folder()


def current() -> str | None:
    """The name of the workspace that this request or page is of, among several; None where none is said, or one is all.

    Raises UsageError for a page that moved from one workspace into another: its state is of the first one.
    """
    if several() is None:
        return None
    return _asked.get() or _of_script()


def root() -> Path:
    """The folder of the workspace: MOUE_WORKSPACE, or the one of several that the address names. Raises UsageError."""
    folder = several()
    if folder is None:
        return workspace_root()
    name = current()
    if name is None:
        raise UsageError(message("workspace_unsaid"))
    return folder / name


@contextmanager
def entered(name: str) -> Iterator[None]:
    """What runs within, and the threads that it waits for, is of the workspace `name`."""
    before = _asked.set(name)
    try:
        yield
    finally:
        _asked.reset(before)


def address_part() -> str:
    """What an address of this workspace has behind the server's own path: `w/NAME/`, "" where there is only one."""
    name = current()
    return "" if name is None else f"w/{quote(name)}/"


def header_of(name: str) -> tuple[bytes, bytes]:
    """The header by which a page's script knows its workspace."""
    return HEADER.encode(), f"{_TOKEN}.{quote(name)}".encode()


def get_store() -> Store:
    """The one open store of this process and workspace. Raises StorageError, BusyError (another server has it)."""
    folder = root()
    store = _stores.get(folder)
    return store if store is not None else _open(folder)


def problem() -> Message | None:
    """Why nothing that is done in this workspace would be kept, see `Store.problem`; None where it is well, or not open
    yet. Raises UsageError."""
    store = _stores.get(root())
    return None if store is None else store.problem()


def restored() -> str | None:
    """Which log the open workspace has, see `Store.restored`; None where it is not open. Raises UsageError."""
    store = _stores.get(root())
    return None if store is None else store.restored


def is_open(folder: Path) -> bool:
    return folder in _stores


def close_store() -> None:
    """Finish the waiting writes and close; the next `get_store` opens again."""
    _close(root())


def close_all() -> None:
    """`close_store` for each workspace that is open."""
    for folder in list(_stores):
        _close(folder)


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
                raise StorageError(os_message(e, "workspace_key_unusable", file=folder / ".secret")) from e
        return _keys[folder]


def _of_script() -> str | None:
    """The workspace of the page whose script this thread runs; a page whose browser has just left keeps its own."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return None
    given = _named(st.context.headers)
    kept = st.session_state.get(_KEPT)
    if given is None:
        return None if kept is None else str(kept)
    if kept is None:
        st.session_state[_KEPT] = given
    elif kept != given:
        raise UsageError(message("workspace_changed", name=kept, other=given))
    return given


def _named(headers: Mapping[str, str]) -> str | None:
    token, _, name = headers.get(HEADER, "").partition(".")
    return unquote(name) if hmac.compare_digest(token.encode(), _TOKEN.encode()) else None


def _open(folder: Path) -> Store:
    with _lock:
        opening = _openings[folder]
    with opening:
        if folder not in _stores:
            with ExitStack() as held:
                if several() is not None:
                    _lock_out_others(held, folder)
                _stores[folder] = Store.open(folder)
                _held[folder] = held.pop_all()
        return _stores[folder]


def _lock_out_others(held: ExitStack, folder: Path) -> None:
    """Told to people who have not signed in, so without the path."""
    try:
        held.enter_context(server_lock(folder))
    except BusyError as e:
        raise BusyError(message("workspace_served_elsewhere", name=folder.name)) from e


def _close(folder: Path) -> None:
    with _lock:
        store, held = _stores.pop(folder, None), _held.pop(folder, None)
    if store is not None:
        store.close()
    if held is not None:
        held.close()


def _read_or_make_key(file: Path) -> str:
    with suppress(FileNotFoundError):
        key = read_regular(file).decode("ascii").strip()
        if key:
            return key
    make_folder(file.parent, inside=None)
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
