"""The doors by which bytes of strangers come in, each opened as the product opens it, on a folder of files."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, Final

from db.base.paths import to_text
from pipeline.actions.imports.unpack import unpack
from pipeline.core.errors import MoueError
from pipeline.core.records import Settings
from pipeline.crawl.keywords import read_keywords
from pipeline.crawl.url_list import read_list
from pipeline.export.readers import registry
from pipeline.files.decision_file import read_decisions
from pipeline.files.person_file import read_persons
from pipeline.files.prediction_file import read_predictions
from pipeline.frames.animation import iter_frames
from pipeline.frames.options import VideoOptions
from pipeline.frames.video import frames_of
from pipeline.pixels.decode import decode, read_capped
from pipeline.pixels.sniff import HEAD, may_have_frames
from pipeline.sources.zips import zip_members
from tests.faults.mutated.requests import read_body

Door = Callable[[Path, Path], None]
"""Takes the damaged file, which lies in its folder, and a folder of ours that is empty, and is empty again after."""
MOST_FRAMES: Final = 50


def _photo(path: Path, _scratch: Path) -> None:
    """As ingest does in a worker, and, where it may hold more than one picture, in the process for its frames."""
    settings = Settings()
    data = read_capped(path, settings.max_bytes)
    refused = None
    try:
        decode(data, path.name, settings)
    except MoueError as e:
        refused = e
    if may_have_frames(data[:HEAD]):
        for number, _frame in enumerate(iter_frames(data, path.name, settings)):
            if number >= MOST_FRAMES:
                break
    if refused is not None:
        raise refused


def _video(path: Path, _scratch: Path) -> None:
    for _frame in frames_of(path, VideoOptions(every=0.04, most=MOST_FRAMES)):
        pass


def _archive(path: Path, scratch: Path) -> None:
    """As a source of photos, each member taken and removed, and as a data set."""
    for member in zip_members(path, scratch / "spool", Settings().max_bytes):
        if member.spooled:
            Path(member.path).unlink()
    (scratch / "spool").rmdir() if (scratch / "spool").exists() else None
    try:
        unpack(path, scratch / "zip")
    finally:
        shutil.rmtree(scratch / "zip", ignore_errors=True)


def _lists(path: Path, _scratch: Path) -> None:
    match path.name[0]:
        case "x":
            _storable(read_decisions(path, "Ann"))
        case "p":
            _storable(read_persons(path))
        case "q":
            _storable(read_predictions(path.read_bytes(), path.name))
        case "k":
            _storable(read_keywords(path))
        case _:
            _storable(list(read_list(path)))


def _storable(found: Any) -> None:
    """Raises UnicodeEncodeError for a text that SQLite does not take: half a character, which JSON can hold."""
    if isinstance(found, str):
        to_text(found).encode()
    elif is_dataclass(found):
        for one in fields(found):
            _storable(getattr(found, one.name))
    elif isinstance(found, Mapping):
        _storable([*found.items()])
    elif isinstance(found, tuple | list):
        for part in found:
            _storable(part)


def _data_set(path: Path, scratch: Path) -> None:
    root = next(one for one in path.parents if one.name == "in")
    try:
        _storable(registry.read(root, registry.recognise(root), scratch / "set"))
    finally:
        shutil.rmtree(scratch / "set", ignore_errors=True)


def _request(path: Path, _scratch: Path) -> None:
    read_body(path.name, path.read_bytes())


DOORS: Final[Mapping[str, Door]] = {
    "photo": _photo,
    "video": _video,
    "archive": _archive,
    "lists": _lists,
    "data-set": _data_set,
    "request": _request,
}
