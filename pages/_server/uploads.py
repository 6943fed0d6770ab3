"""Where uploads wait in the workspace, and how large they may be: by kind of upload."""

from __future__ import annotations

import json
import os
import re
import shutil
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, get_args

from pages._server import workspace
from pipeline.core.durable import make_folder
from pipeline.core.errors import StorageError, UsageError, refused_place
from pipeline.core.messages import Message, message, os_message
from pipeline.core.ranges import BYTES
from pipeline.core.records import Settings
from pipeline.core.system.regular import read_regular
from pipeline.crawl.url_list import MOST_BYTES

Kind = Literal["photos", "video", "list", "dataset"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
OPTION: Final = "MOUE_UPLOAD_MAX"
USUAL_MOST: Final = 32 * 1024**3
PHOTO_CAP: Final = Settings().max_bytes
FORGOTTEN_SECONDS: Final = 7 * 24 * 3600
"""How long a file that did not come to its end is kept for somebody to go on with."""
_FOLDERS: Final[dict[Kind, str]] = {"photos": "uploads", "video": "videos", "list": "lists", "dataset": "datasets"}
_guard: Final = threading.Lock()
_under_way: Final[Counter[Path]] = Counter()
"""Requests that are bringing bytes of a part file now."""
_BATCH: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}")
_SIZE: Final = re.compile(r"([0-9]{1,15})\s*([kmgt]?)(i?)b?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class WaitingUpload:
    """Files that came in one upload and wait for somebody to say what becomes of them. bytes: of all of them."""

    folder: Path
    names: tuple[str, ...]
    bytes: int


def folder_of(kind: Kind) -> Path:
    return workspace.root() / ".incoming" / _FOLDERS[kind]


def batch_folder(batch: str, kind: Kind = "photos") -> Path:
    """Where the files of one upload wait. Raises UsageError for a batch that is no UUID."""
    if not _BATCH.fullmatch(batch):
        raise UsageError(message("upload_batch"))
    return folder_of(kind) / batch


def partial_uploads() -> Path:
    """Where files lie until they are whole: `upload-*` of one request, `part-*` of several, with `note-*` of whose."""
    return workspace.root() / ".incoming" / "partial"


def sweep() -> None:
    """At the server's start: what one request was bringing is lost, what comes in parts can go on for a week.

    What may not be looked at, or deleted, stays.
    """
    for path in sorted(_files(partial_uploads()), key=lambda one: one.name.startswith("note-")):
        with suppress(OSError):
            part = path.with_name(path.name.replace("note-", "part-", 1).removesuffix(".json"))
            if not os.path.exists(part) or not part.name.startswith("part-") or _age_s(part) > FORGOTTEN_SECONDS:
                path.unlink()


@dataclass(frozen=True, slots=True)
class StoppedUpload:
    """A large file of which a part is here, and nobody is sending the rest. have, size: bytes."""

    part: Path
    name: str
    kind: Kind
    have: int
    size: int


@contextmanager
def receiving(part: Path, who: str, name: str, kind: Kind, size: int) -> Iterator[None]:
    """While a request brings bytes of this file. What it is called is noted: a page tells it where it stops."""
    note = _note_of(part)
    if not os.path.exists(note):
        make_folder(note.parent, inside=workspace.root())
        note.write_text(json.dumps({"who": who, "name": name, "kind": kind, "size": size}), "utf-8")
    with _guard:
        _under_way[part] += 1
    try:
        yield
    finally:
        with _guard:
            _under_way[part] -= 1
            if not _under_way[part]:
                del _under_way[part]


def forget(part: Path) -> None:
    """A part file that has become a file, or is not wanted any more."""
    part.unlink(missing_ok=True)
    _note_of(part).unlink(missing_ok=True)


def stopped(who: str) -> list[StoppedUpload]:
    """What this person was sending and did not come to its end, by name."""
    found = []
    for note in _files(partial_uploads()):
        part = note.with_name(note.name.replace("note-", "part-", 1).removesuffix(".json"))
        if not note.name.startswith("note-") or part in _under_way:
            continue
        try:
            told = json.loads(read_regular(note))
            kind = next(one for one in KINDS if one == told["kind"])
            have, size = part.stat().st_size, int(told["size"])
            if told["who"] == who:
                found.append(StoppedUpload(part, str(told["name"]), kind, have, size))
        except (OSError, ValueError, KeyError, TypeError, StopIteration):
            continue  # half written, or its part has just come to its end
    return sorted(found, key=lambda one: one.name)


def _note_of(part: Path) -> Path:
    return part.with_name(f"{part.name.replace('part-', 'note-', 1)}.json")


def _age_s(path: Path) -> float:
    return time.time() - path.stat().st_mtime


def most_allowed() -> int:
    """Bytes that a file may have: MOUE_UPLOAD_MAX, as `64GB` or `500 MB`, else 32 GiB. Raises UsageError."""
    given = os.environ.get(OPTION, "").strip()
    if not given:
        return USUAL_MOST
    found = _SIZE.fullmatch(given)
    size: int = int(found[1]) * (1024 if found[3] else 1000) ** " kmgt".index(found[2].lower() or " ") if found else 0
    if size not in BYTES:
        raise UsageError(message("upload_cap_setting", option=OPTION, value=given))
    return size


def cap_of(kind: Kind, name: str) -> int:
    """Bytes that this file may have; a photo has a cap of its own, a list that of lists. Raises UsageError."""
    if kind == "photos" and not name.lower().endswith(".zip"):
        return min(PHOTO_CAP, most_allowed())
    return min(MOST_BYTES, most_allowed()) if kind == "list" else most_allowed()


def size_words(size: int) -> str:
    """`350 kB`, `12.5 MB`, `1.20 GB`, as the upload box writes it."""
    if size < 10**6:
        return f"{max(1, round(size / 1e3)):,} kB"
    return f"{size / 1e6:.1f} MB" if size < 10**9 else f"{size / 1e9:.2f} GB"


def waiting(kind: Kind) -> list[WaitingUpload]:
    """The uploads of this kind that wait, oldest first."""
    found = []
    for folder in sorted(_folders(folder_of(kind)), key=_since):
        files = [path for path in sorted(folder.rglob("*")) if os.path.isfile(path)]
        if files:
            names = tuple(path.relative_to(folder).as_posix() for path in files)
            found.append(WaitingUpload(folder, names, sum(map(_size, files))))
    return found


def closed() -> list[Message]:
    """Why uploads are not among those that wait: one for each folder of theirs that cannot be listed."""
    found: list[Message] = []

    def note(error: OSError) -> None:
        if (said := refused_place(error)) is not None:
            found.append(said.message)

    for _ in os.walk(workspace.root() / ".incoming", onerror=note):
        pass
    return found


def remove(folder: Path) -> int:
    """Take an upload that waits away, whole; returns how many files it had. Raises StorageError where it stays."""
    if not os.path.isdir(folder):
        return 0
    files = sum(len(names) for _, _, names in os.walk(folder))
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:  # somebody else takes it away, too
        shutil.rmtree(folder, ignore_errors=True)
    except OSError as e:
        raise StorageError(os_message(e, "undeletable", file=e.filename or folder)) from e
    return files


def _files(folder: Path) -> Iterator[Path]:
    """None where they cannot be listed: see `closed`."""
    with suppress(OSError):
        yield from [path for path in folder.iterdir() if os.path.isfile(path)]


def _folders(folder: Path) -> Iterator[Path]:
    with suppress(OSError):
        yield from [path for path in folder.iterdir() if os.path.isdir(path)]


def _since(path: Path) -> float:
    with suppress(OSError):
        return path.stat().st_mtime
    return 0.0


def _size(path: Path) -> int:
    with suppress(OSError):
        return path.stat().st_size
    return 0
