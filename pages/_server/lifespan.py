"""What happens when the server starts and stops."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from typing import Final, NoReturn

import anyio
import streamlit as st

from db.store.locks import server_lock
from pages._server import auth_mode, gate, identity, jobs, uploads, workspace
from pipeline.actions.intake import catch_up
from pipeline.core.errors import BusyError, MoueError, StorageError

SWITCH_SECONDS: Final = 0.001


@asynccontextmanager
async def lifespan(_app: st.App) -> AsyncIterator[None]:
    """One server a workspace: take its lock, open the store, mark dead jobs, and freeze what start-up made."""
    folder = workspace.root()
    lock = ExitStack()
    try:
        lock.enter_context(server_lock(folder))
    except BusyError as e:
        _refuse(f"{e}; use it, or set MOUE_WORKSPACE to another folder")
    except StorageError as e:
        _refuse(f"{e}, or set MOUE_WORKSPACE to another folder")
    try:
        try:
            await anyio.to_thread.run_sync(_open)
        except MoueError as e:
            _refuse(str(e))
        # a decision passes from thread to thread and back: at 5 ms a turn it waits longest where pictures are made
        sys.setswitchinterval(SWITCH_SECONDS)
        # Streamlit collects garbage after every script run; what lives as long as the server need not be looked at
        gc.collect()
        gc.freeze()
        yield
    finally:
        workspace.close_store()
        lock.close()


def _open() -> None:
    gate.check_settings()
    workspace.secret_key()
    uploads.most_allowed()  # a size that is none is told now, not to somebody who uploads
    uploads.sweep()
    jobs.recover(workspace.get_store())
    catch_up(workspace.get_store())
    if auth_mode.mode() == "local" and not identity.bound_to_loopback():
        print(
            "moue: this server is open to the network and anybody may sign in under any name; "
            "put a proxy that signs people in before it and set MOUE_AUTH=header",
            file=sys.stderr,
        )


def _refuse(message: str) -> NoReturn:
    """Say one clear line and end: an exception here would drown it in a traceback of the web server."""
    print(f"moue: {message}", file=sys.stderr, flush=True)
    os._exit(1)
