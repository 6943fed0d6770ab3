"""/api/upload: files streamed to disk, whole or in parts. PUT sends, GET asks how much has arrived, DELETE cancels.

?kind=photos|video|list|dataset &batch=<uuid> &name=<path within what was dropped> &size= &modified=
&number=<in the batch>, and &offset= for a part. The page starts the work once all files of a batch are there.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import tempfile
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

import anyio
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from pages._routes import _guard, _parts
from pages._server import jobs, uploads, workspace
from pages._server.refusal import refusal
from pages._server.uploads import Kind, batch_folder, partial_uploads
from pipeline.core.durable import flush, make_folder
from pipeline.core.errors import MoueError, StorageError, UsageError
from pipeline.core.messages import Message, message
from pipeline.core.names import JOINERS
from pipeline.core.system.calls import opened_folder

SPARE: Final = 64 * 1024**2
"""Bytes of disk space that uploads leave free for the rest of Moue."""
_BUFFER: Final = 1 << 20
_LONGEST_PART: Final = 150
_DEEPEST: Final = 8
_DIGITS: Final = 18


@dataclass(frozen=True, slots=True)
class UploadRequest:
    """The checked query of a request. part: the file that collects the bytes. size, offset: in bytes, None if not
    given. key: under which the answer is remembered, in case the request is repeated."""

    who: str
    folder: Path
    kind: Kind
    parts: tuple[str, ...]
    part: Path
    size: int | None
    offset: int | None
    key: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.parts[-1]


class RefusedError(Exception):
    """The request is refused with this HTTP status."""

    def __init__(self, status: int, why: Message) -> None:
        super().__init__(why)
        self.status, self.why = status, why


def safe_parts(name: str) -> list[str]:
    """The folders and file name in `name`, made safe for any system. Raises UsageError if nothing is left."""
    parts = []
    for part in name.replace("\\", "/").split("/"):
        kept = "".join(
            c for c in unicodedata.normalize("NFC", part) if c in JOINERS or unicodedata.category(c)[0] != "C"
        )
        kept = re.sub(r"^\.+", ".", re.sub(r'[<>:"|?*]', "_", kept).strip().rstrip(". "))  # hidden stays hidden
        stem, dot, ext = kept.rpartition(".")
        while len(kept.encode()) > _LONGEST_PART:
            stem, kept = (stem[:-1], f"{stem[:-1]}{dot}{ext}") if len(stem) > 1 else ("", kept[:-1])
        if kept:
            parts.append(kept)
    if not parts:
        raise UsageError(message("upload_without_name"))
    return parts[-_DEEPEST:]


@_guard.may("collect")
async def upload(request: Request, annotator: str) -> JSONResponse:
    """200 {"name", "bytes"} once the whole file is on the disk, {"have"} before; 409 {"have"} for a wrong offset.

    413 over the cap, 507 disk full. If the batch has another file of the same name, the new one is renamed.
    """
    try:
        if request.method == "DELETE":
            return await anyio.to_thread.run_sync(_discard, _query(request), annotator)
        return await _respond(request, _parse_request(_query(request), annotator))
    except RefusedError as e:
        return refusal(request, e.status, e.why)
    except _parts.OutOfStepError as e:
        return refusal(request, 409, e.message, have=e.have)
    except StorageError as e:  # the browser tries again
        return refusal(request, 503, e.message)
    except MoueError as e:
        return refusal(request, 400, e.message)
    except ClientDisconnect:
        return refusal(request, 400, message("upload_incomplete"))
    except OSError as e:
        if e.errno in (errno.ENOSPC, errno.EDQUOT):
            return refusal(request, 507, message("upload_disk_full"))
        return refusal(request, 503, message("upload_unwritable", why=e.strerror or e))


async def _respond(request: Request, upload: UploadRequest) -> JSONResponse:
    if upload.size is not None and (placed := _parts.placed(upload.key)) is not None:
        return JSONResponse({"name": placed[0], "bytes": placed[1]})
    here = _parts.size_on_disk(upload.part)
    announced = request.headers.get("content-length", "")
    size = upload.size if upload.size is not None else _whole(announced) or 0
    _check_room(upload, size, here)
    if request.method == "GET":
        return JSONResponse({"have": here})
    if upload.offset is None:
        return await _receive(request, upload)
    if upload.size is None or upload.offset > upload.size:
        raise RefusedError(400, message("upload_part"))
    with uploads.receiving(upload.part, upload.who, upload.name, upload.kind, upload.size):
        return await _receive_part(request, upload, upload.offset, upload.size)


def _check_room(upload: UploadRequest, size: int, here: int) -> None:
    """Before a byte of it is read. Raises RefusedError."""
    cap = uploads.cap_of(upload.kind, upload.name)
    name, told = upload.name, uploads.size_words(size)
    if size > cap:
        most = uploads.size_words(cap)
        if cap == uploads.most_allowed():
            raise RefusedError(413, message("upload_too_large", name=name, size=told, most=most))
        raise RefusedError(413, message("upload_over_cap", name=name, size=told, most=most))
    free = shutil.disk_usage(_existing(upload.folder)).free
    if size - here > free - SPARE:
        raise RefusedError(507, message("upload_no_room", name=name, size=told, free=uploads.size_words(free)))


def _existing(folder: Path) -> Path:
    return folder if folder.exists() else _existing(folder.parent)


async def _receive_part(request: Request, upload: UploadRequest, offset: int, size: int) -> JSONResponse:
    """One part behind those that are here; what came of it is kept also where the line breaks."""
    part, here = upload.part, offset
    token = await anyio.to_thread.run_sync(_parts.begin, part, offset)
    pending = bytearray()
    try:
        async for chunk in request.stream():
            pending += chunk
            if here + len(pending) > size:
                raise RefusedError(400, message("upload_too_many_bytes", name=upload.name))
            if len(pending) >= _BUFFER:
                data, pending = bytes(pending), bytearray()
                here = await anyio.to_thread.run_sync(_parts.append, part, token, data)
    finally:
        if pending and here + len(pending) <= size:
            with anyio.CancelScope(shield=True):
                here = await anyio.to_thread.run_sync(_parts.append, part, token, bytes(pending))
    if here < size:
        return JSONResponse({"have": here})
    await anyio.to_thread.run_sync(_parts.complete, part, token)
    name = await anyio.to_thread.run_sync(_move_into_batch, part, upload.folder, upload.parts)
    uploads.forget(part)
    _parts.note_placed(upload.key, name, size)
    return JSONResponse({"name": name, "bytes": size})


async def _receive(request: Request, upload: UploadRequest) -> JSONResponse:
    """A whole file in one request: all of it, or nothing."""
    stream, temporary = await anyio.to_thread.run_sync(_open_temporary)
    cap, size = uploads.cap_of(upload.kind, upload.name), 0
    try:
        with stream:
            pending = bytearray()
            async for chunk in request.stream():
                size += len(chunk)
                if size > cap:
                    _check_room(upload, size, 0)
                pending += chunk
                if len(pending) >= _BUFFER:
                    await anyio.to_thread.run_sync(stream.write, bytes(pending))
                    pending.clear()
            await anyio.to_thread.run_sync(_finish, stream, bytes(pending))
        name = await anyio.to_thread.run_sync(_move_into_batch, temporary, upload.folder, upload.parts)
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()
    _parts.note_placed(upload.key, name, size)
    return JSONResponse({"name": name, "bytes": size})


def _discard(query: dict[str, str], who: str) -> JSONResponse:
    """What came of the file that is named, else a batch that nobody works on. Raises RefusedError, UsageError."""
    folder = batch_folder(query.get("batch", ""), _kind(query))
    if query.get("name"):
        _parts.drop(_parse_request(query, who).part)
        return JSONResponse({"removed": 0})
    job = jobs.running(workspace.get_store())
    if job is not None and str(folder) in job.params.get("paths", ()):
        raise RefusedError(409, message("upload_in_work"))
    return JSONResponse({"removed": uploads.remove(folder)})


def _query(request: Request) -> dict[str, str]:
    return dict(request.query_params)


def _kind(query: dict[str, str]) -> Kind:
    for kind in uploads.KINDS:
        if query.get("kind", "photos") == kind:
            return kind
    raise UsageError(message("upload_kind", kinds=tuple(uploads.KINDS)))


def _parse_request(query: dict[str, str], who: str) -> UploadRequest:
    """Raises UsageError for a request without batch or name."""
    kind, batch = _kind(query), query.get("batch", "")
    parts = tuple(safe_parts(query.get("name", "")))
    size, offset = (_whole(query.get(key, "")) for key in ("size", "offset"))
    modified = query.get("modified", "")
    part = _parts.part_file(who, "/".join(parts), size or 0, modified)
    key = (who, batch, query.get("number", ""), str(part))
    return UploadRequest(who, batch_folder(batch, kind), kind, parts, part, size, offset, key)


def _whole(text: str) -> int | None:
    """None for no number; of one that is longer than any disk is the beginning, which is too large as well."""
    return int(text[:_DIGITS]) if text.isdecimal() else None


def _open_temporary() -> tuple[IO[bytes], Path]:
    waiting = partial_uploads()
    make_folder(waiting, inside=workspace.root())
    descriptor, name = tempfile.mkstemp(prefix="upload-", dir=waiting)
    return os.fdopen(descriptor, "wb"), Path(name)


def _finish(stream: IO[bytes], last: bytes) -> None:
    """The last bytes, and all of them on the disk: what is answered for is kept."""
    stream.write(last)
    stream.flush()
    os.fsync(stream.fileno())


def _move_into_batch(temporary: Path, folder: Path, parts: tuple[str, ...]) -> str:
    """Give a finished file its name, durably; another file of that name in the batch stays what it is."""
    target = folder.joinpath(*parts)
    workspace.get_store().check_in_place()  # or the folder of a workspace that is gone would be made anew
    make_folder(target.parent, inside=workspace.root())
    stem, suffix, number = target.stem, target.suffix, 1
    with opened_folder(temporary.parent) as waiting, opened_folder(target.parent) as batch:
        while True:
            try:
                target.open("xb").close()
                break
            except FileExistsError:
                number += 1
                target = target.with_name(f"{stem} ({number}){suffix}")
        try:
            os.replace(temporary, target)
            flush(target.parent)
        except OSError:
            _take_back((temporary, waiting), (target, batch))
            raise
    return target.relative_to(folder).as_posix()


def _take_back(temporary: tuple[Path, int | None], target: tuple[Path, int | None]) -> None:
    """What is said to have failed is not in the batch, or the next try would be a second file; its bytes are kept.

    Each with the descriptor of its folder: a workspace that was moved away meanwhile is reached all the same.
    """
    (part, waiting), (file, batch) = ((path if d is None else Path(path.name), d) for path, d in (temporary, target))
    with suppress(OSError):  # the disk is away
        if _is_there(part, waiting):
            os.unlink(file, dir_fd=batch)
        else:
            os.replace(file, part, src_dir_fd=batch, dst_dir_fd=waiting)


def _is_there(name: Path, folder: int | None) -> bool:
    try:
        os.stat(name, dir_fd=folder)
    except FileNotFoundError:
        return False
    return True


routes: Final = [Route("/api/upload", upload, methods=["PUT", "GET", "DELETE"])]
