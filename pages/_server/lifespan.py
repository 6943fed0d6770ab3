"""What happens when the server starts and stops."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Final, NoReturn

import anyio
import streamlit as st

from db.base import workspaces
from db.store.locks import server_lock
from pages._server import arguments, auth_mode, gate, identity, spaces, uploads, workspace
from pages._server.exports import checks, previews
from pages._server.scripts import rates
from pages._server.upkeep import backups, page_imports, put_back
from pipeline.actions.stored_pixels import processes
from pipeline.core.errors import BusyError, MoueError, StorageError, refused_place
from pipeline.core.system import calls
from pipeline.core.system.regular import open_regular

SWITCH_SECONDS: Final = 0.001
_GIVE_BACK_S: Final = 60
OPEN_FILES: Final = 16_384
"""Four for each page that is open, three for each of the last 128 that were: Streamlit keeps those for two minutes."""


def check_secrets() -> None:
    """Called before there is a server: one whose secrets file, or its folder, is closed would start, say that all is
    well, and answer 500 to everything."""
    for path in st.get_option("secrets.files") or ():
        try:
            open_regular(path).close()
        except OSError as e:
            if (said := refused_place(e)) is not None:
                _refuse(str(said))


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """One server a workspace: take its lock, open the store, mark dead jobs, and freeze what start-up made.

    Of a folder of workspaces each is locked and opened when somebody first goes there, see `spaces`.
    """
    lock = ExitStack()
    calls.use_few_heaps()
    giving_back = asyncio.get_running_loop().create_task(_give_memory_back())
    try:
        arguments.apply(sys.argv)
        folder = workspace.several()
        if folder is None:
            _lock(lock)
    except MoueError as e:
        _refuse(str(e))
    try:
        try:
            await anyio.to_thread.run_sync(_open, folder)
        except MoueError as e:
            _refuse(str(e))
        calls.allow_open_files(OPEN_FILES)
        # a decision passes from thread to thread and back: at 5 ms a turn it waits longest where pictures are made
        sys.setswitchinterval(SWITCH_SECONDS)
        # Streamlit collects garbage after every script run; what lives as long as the server need not be looked at
        gc.collect()
        gc.freeze()
        yield
    finally:
        giving_back.cancel()
        previews.end_all()
        checks.end_all()
        spaces.close_all()
        processes.end_all()
        lock.close()
        if put_back.carry_out():
            put_back.start_anew()


async def _give_memory_back() -> None:
    """Without it a server that nobody restarts grows by what lies free between what is used."""
    while True:
        await asyncio.sleep(_GIVE_BACK_S)
        await anyio.to_thread.run_sync(calls.give_memory_back)


def _lock(held: ExitStack) -> None:
    try:
        held.enter_context(server_lock(workspace.root()))
    except BusyError as e:
        _refuse(f"{e}; use it, or set MOUE_WORKSPACE to another folder")
    except StorageError as e:
        _refuse(f"{e}, or set MOUE_WORKSPACE to another folder")


def _open(folder: Path | None) -> None:
    """folder: of several workspaces, None for the one there is."""
    gate.check_settings()
    rates.requests_a_minute()
    backups.schedule()
    uploads.most_allowed()  # a size that is none is told now, not to somebody who uploads
    page_imports.import_all()
    if folder is None:
        spaces.prepare(workspace.root())
    else:
        _tell_workspaces(folder)
    if auth_mode.mode() == "local" and not identity.bound_to_loopback():
        print(
            "moue: this server is open to the network and anybody may sign in under any name; "
            "put a proxy that signs people in before it and set MOUE_AUTH=header",
            file=sys.stderr,
        )


def _tell_workspaces(folder: Path) -> None:
    for name, problem in workspaces.passed_over(folder).items():
        print(f"moue: the workspace {name} in {folder} is not served: {problem}", file=sys.stderr)
    found = ", ".join(workspaces.names(folder)) or "none yet: make an empty folder there"
    print(f"moue: workspaces in {folder}: {found}", file=sys.stderr, flush=True)


def _refuse(message: str) -> NoReturn:
    """Say one clear line and end: an exception here would drown it in a traceback of the web server."""
    print(f"moue: {message}", file=sys.stderr, flush=True)
    os._exit(1)
