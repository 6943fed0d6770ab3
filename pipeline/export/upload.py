"""A release that was written to a folder, sent to where a URL leads; it is whole there once release.json is there.

release.json comes last. Until then `release.json.part`, which comes first, names all files that may be there: by it a
broken upload is known as ours, and goes on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pipeline.core.errors import ExportError
from pipeline.core.messages import message
from pipeline.core.system.regular import read_regular
from pipeline.export.release.release_file import NAME, from_bytes
from pipeline.files.blobs import storage_error
from pipeline.files.upload import RemoteFolder

PART: Final = f"{NAME}.part"


@dataclass(frozen=True, slots=True)
class Uploaded:
    """files: of the release. sent: those that were not there already."""

    files: int
    sent: int


def check_remote(url: str) -> None:
    """Refuse, before anything is written, a URL at which no release can be put. Raises ExportError, StorageError."""
    _held(RemoteFolder(url))


def upload(
    folder: Path,
    url: str,
    *,
    overwrite: bool,
    tell: Callable[[int, int], object] = lambda _done, _of: None,
    finishing: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> Uploaded:
    """Send the release in `folder`. overwrite: another release of Moue that is there may be replaced.

    tell: how many of how many files are there. finishing: entered when all is there but release.json, and left once
    that is, too: what it raises when it is entered leaves the upload a broken one. Raises ExportError where something
    else is there, StorageError where it cannot be sent: then the same call goes on from where this one ended.
    """
    there = RemoteFolder(url)
    try:
        said = read_regular(folder / NAME)
    except OSError as e:  # the workspace went
        raise storage_error(e, str(folder / NAME)) from e
    ours = set(from_bytes(said, folder / NAME).files)
    theirs = _held(there)
    whole = NAME in there.paths and there.read(NAME) == said
    if NAME in there.paths and not whole and not overwrite:
        raise ExportError(message("export_is_there", out=url))
    if not whole:
        there.put_bytes(PART, json.dumps(sorted(theirs | ours)).encode())
        there.delete({NAME} & there.paths)
    done = 0

    def one_more() -> None:
        nonlocal done
        done += 1
        tell(done, len(ours))

    sent = there.send(folder, sorted(ours), one_more)
    there.delete(sorted((theirs - ours) & there.paths))
    with finishing():
        there.put_bytes(NAME, said)
    if not whole or PART in there.paths:
        there.delete([PART])
    return Uploaded(len(ours), sent)


def delete_upload(url: str) -> None:
    """Take away a release of Moue, or what there is of one. Raises ExportError where something else is there, and
    StorageError."""
    there = RemoteFolder(url)
    known = _held(there)
    there.delete(sorted(known & there.paths))
    there.delete([name for name in (NAME, PART) if name in there.paths])


def _held(there: RemoteFolder) -> set[str]:
    """The files of the release that is there, whole or in part; none where nothing is. Raises ExportError where what is
    there is not Moue's own."""
    if not there.paths:
        return set()
    known = set(_listed(there))
    if not {NAME, PART} & there.paths:
        raise ExportError(message("export_folder_taken", out=there.url))
    if strange := sorted(there.paths - known - {NAME, PART}):
        raise ExportError(message("export_holds_unexpected", out=there.url, file=strange[0]))
    return known


def _listed(there: RemoteFolder) -> Iterable[str]:
    if NAME in there.paths:
        yield from from_bytes(there.read(NAME), f"{there.url}/{NAME}").files
    if PART in there.paths:
        try:
            yield from map(str, json.loads(there.read(PART)))
        except (ValueError, TypeError) as e:
            raise ExportError(message("release_unreadable", place=f"{there.url}/{PART}")) from e
