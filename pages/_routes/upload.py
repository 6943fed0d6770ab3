"""PUT /api/upload: one file, streamed to disk; the page starts the ingest once all are there."""

from __future__ import annotations

import errno
import os
import re
import tempfile
import unicodedata
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

import anyio
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from pages import _identity, _workspace
from pipeline.records import Settings

ZIP_CAP: Final = 32 * 1024**3
PHOTO_CAP: Final = Settings().max_bytes
_BATCH: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}")
_BUFFER: Final = 1 << 20
_LONGEST_PART: Final = 150
_DEEPEST: Final = 8


def batch_folder(batch: str) -> Path:
    """Where the files of one upload wait. Raises ValueError for a batch that is no UUID."""
    if not _BATCH.fullmatch(batch):
        raise ValueError("the batch is not a UUID")
    return _workspace.root() / ".incoming" / "uploads" / batch


def partial_uploads() -> Path:
    """Where a file lies until its last byte is here."""
    return _workspace.root() / ".incoming" / "partial"


def safe_parts(name: str) -> list[str]:
    """The folders and the file name of `name`, harmless on any system. Raises ValueError where nothing is left."""
    parts = []
    for part in name.replace("\\", "/").split("/"):
        kept = "".join(c for c in unicodedata.normalize("NFC", part) if unicodedata.category(c)[0] != "C")
        kept = re.sub(r'[<>:"|?*]', "_", kept).strip().lstrip(".").rstrip(". ")
        stem, dot, ext = kept.rpartition(".")
        while len(kept.encode()) > _LONGEST_PART:
            stem, kept = (stem[:-1], f"{stem[:-1]}{dot}{ext}") if len(stem) > 1 else ("", kept[:-1])
        if kept:
            parts.append(kept)
    if not parts:
        raise ValueError("the file has no name")
    return parts[-_DEEPEST:]


async def upload(request: Request) -> JSONResponse:
    """?name=<path within what was dropped>&batch=<uuid>, raw body. 200 {"name", "bytes"} once it is on disk."""
    refused = _identity.check_origin(request)
    if refused is not None:
        return refused
    if _identity.annotator_of(request) is None:
        return _identity.unsigned()
    try:
        folder = batch_folder(request.query_params.get("batch", ""))
        parts = safe_parts(request.query_params.get("name", ""))
    except ValueError as e:
        return _error(400, str(e))
    cap = ZIP_CAP if parts[-1].lower().endswith(".zip") else PHOTO_CAP
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > cap:
        return _error(413, f"{parts[-1]} is larger than {cap:,} bytes")
    try:
        return await _receive(request, folder, parts, cap)
    except ClientDisconnect:
        return _error(400, f"{parts[-1]} was not sent to its end")
    except OSError as e:
        if e.errno in (errno.ENOSPC, errno.EDQUOT):
            return _error(507, "the server's disk is full: free some space and upload again")
        return _error(500, f"{parts[-1]} could not be written: {e.strerror or e}")


async def _receive(request: Request, folder: Path, parts: list[str], cap: int) -> JSONResponse:
    stream, temporary = await anyio.to_thread.run_sync(_open_temporary)
    size = 0
    try:
        with stream:
            pending = bytearray()
            async for chunk in request.stream():
                size += len(chunk)
                if size > cap:
                    return _error(413, f"{parts[-1]} is larger than {cap:,} bytes")
                pending += chunk
                if len(pending) >= _BUFFER:
                    await anyio.to_thread.run_sync(stream.write, bytes(pending))
                    pending.clear()
            await anyio.to_thread.run_sync(_finish, stream, bytes(pending))
        name = await anyio.to_thread.run_sync(_place, temporary, folder, parts)
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()
    return JSONResponse({"name": name, "bytes": size})


def _open_temporary() -> tuple[IO[bytes], Path]:
    waiting = partial_uploads()
    waiting.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix="upload-", dir=waiting)
    return os.fdopen(descriptor, "wb"), Path(name)


def _finish(stream: IO[bytes], last: bytes) -> None:
    """The last bytes, and all of them on the disk: what is answered for is kept."""
    stream.write(last)
    stream.flush()
    os.fsync(stream.fileno())


def _place(temporary: Path, folder: Path, parts: list[str]) -> str:
    """Give a finished file its name; another file of that name in the batch stays what it is."""
    target = folder.joinpath(*parts)
    target.parent.mkdir(parents=True, exist_ok=True)
    stem, suffix, number = target.stem, target.suffix, 1
    while True:
        try:
            target.open("xb").close()
            os.replace(temporary, target)
            return target.relative_to(folder).as_posix()
        except FileExistsError:
            number += 1
            target = target.with_name(f"{stem} ({number}){suffix}")


def _error(status: int, message: str) -> JSONResponse:
    return JSONResponse({"error": message}, status_code=status)


routes: Final = [Route("/api/upload", upload, methods=["PUT"])]
