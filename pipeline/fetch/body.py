"""A server's answer to a file: refused by its head, its first bytes or its size, never more than the caps."""

from __future__ import annotations

import asyncio
import hashlib
import re
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import aiohttp

from pipeline.core.errors import TooLargeError, UnavailableError, UndecodableError, UnsupportedError
from pipeline.core.messages import message
from pipeline.files.blobs import storage_error
from pipeline.pixels.sniff import describe_foreign, looks_like_image

_SNIFFED: Final = 4096
_ENOUGH: Final = 16
"""So many first bytes tell what a file is; a web page is left after them."""
_CHUNK: Final = 64 * 1024
_AT_ONCE: Final = 1024 * 1024
"""So much is held in memory before it is written: most photos are one write."""
_NO_AI: Final = re.compile(r"\bno(image)?ai\b", re.IGNORECASE)
_DAMAGED: Final = message("body_damaged")


@dataclass(frozen=True, slots=True)
class Caps:
    """Bytes of a body as it is sent, and of what it unpacks to."""

    received: int
    inflated: int


@dataclass(slots=True)
class Saved:
    """A body on the disk. head: its first bytes."""

    path: Path
    size: int = 0
    head: bytes = b""
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)


def refuse_by_head(answer: aiohttp.ClientResponse, caps: Caps, *, obey_noai: bool) -> None:
    """Raises UnavailableError or TooLargeError by the headers alone, before a byte of the body is read."""
    if obey_noai and any(_NO_AI.search(value) for value in answer.headers.getall("X-Robots-Tag", ())):
        raise UnavailableError(message("noai"))
    size = answer.content_length
    if size is not None and size > caps.received:
        raise TooLargeError(message("file_too_large", size=size, most=caps.received))


async def save(answer: aiohttp.ClientResponse, path: Path, caps: Caps) -> Saved:
    """The body as the file `path`. Raises DecodeError's children for what is no photo within the caps, StorageError
    where the disk refuses it. What is no photo by its first bytes never reaches the disk."""
    saved = Saved(path)
    waiting = bytearray()
    async for chunk in _pieces(answer, caps):
        before = len(saved.head)
        if before < _SNIFFED:
            saved.head += chunk[: _SNIFFED - before]
            if before < _ENOUGH <= len(saved.head):
                _sniff(saved.head)
        waiting += chunk
        if len(waiting) >= _AT_ONCE:
            await _in_thread(_append, saved, waiting)
            waiting = bytearray()
    if not saved.head:
        raise UndecodableError(message("file_empty"))
    _sniff(saved.head)
    await _in_thread(_append, saved, waiting)
    return saved


async def _in_thread(task: Callable[[Saved, bytearray], None], saved: Saved, data: bytearray) -> None:
    """Disks and hashes hold no other address back. Who is cancelled waits for the thread: no file comes after it."""
    done = asyncio.ensure_future(asyncio.to_thread(task, saved, data))
    try:
        await asyncio.shield(done)
    except asyncio.CancelledError:
        await asyncio.wait([done])
        raise


def _append(saved: Saved, data: bytearray) -> None:
    try:
        # Unbuffered: else the last bytes would meet a full disk in close().
        with saved.path.open("ab" if saved.size else "wb", buffering=0) as stream:
            unwritten = memoryview(data)
            while unwritten:
                unwritten = unwritten[stream.write(unwritten) or 0 :]
    except OSError as e:
        raise storage_error(e, str(saved.path)) from e
    saved.digest.update(data)
    saved.size += len(data)


async def _pieces(answer: aiohttp.ClientResponse, caps: Caps) -> AsyncIterator[bytes]:
    """The body, unpacked where it is compressed."""
    coding = answer.headers.get("Content-Encoding", "").strip().lower()
    if coding not in ("", "identity", "gzip", "x-gzip", "deflate"):
        raise UnsupportedError(message("sent_compressed", coding=coding[:20]))
    packed = _Packed() if coding not in ("", "identity") else None
    received = made = 0
    async for chunk in answer.content.iter_chunked(_CHUNK):
        received += len(chunk)
        if received > caps.received:
            raise TooLargeError(message("file_over_cap", most=caps.received))
        if packed is None:
            yield chunk
            continue
        for piece in packed.unpack(chunk):
            made += len(piece)
            if made > caps.inflated:
                raise TooLargeError(message("unpacks_large", most=caps.inflated))
            yield piece
    if packed is not None and received:
        yield packed.rest()


class _Packed:
    """A compressed body on its way; it is never unpacked by more than some pieces ahead of who takes them."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(zlib.MAX_WBITS | 32)

    def unpack(self, chunk: bytes) -> Iterator[bytes]:
        """Raises UndecodableError for what is no gzip, and for what comes behind its end: zlib would hoard it."""
        while chunk:
            if self._inflate.eof:
                raise UndecodableError(_DAMAGED)
            try:
                yield self._inflate.decompress(chunk, _CHUNK * 4)
            except zlib.error as e:
                raise UndecodableError(_DAMAGED) from e
            chunk = self._inflate.unconsumed_tail or self._inflate.unused_data

    def rest(self) -> bytes:
        """The last bytes, a few at most. Raises UndecodableError where the end is missing."""
        last = self._inflate.flush()
        if not self._inflate.eof:
            raise UndecodableError(_DAMAGED)
        return last


def _sniff(head: bytes) -> None:
    """By its content, never by its name or by what the server says. Raises UnsupportedError."""
    foreign = describe_foreign(head)
    if foreign:
        raise UnsupportedError(message("foreign_download", what=foreign))
    if not looks_like_image(head, ""):
        raise UnsupportedError(message("not_an_image"))
