"""`release.json`: what a release is made of, and the SHA-256 of each of its files. It proves itself anywhere.

It depends on the decisions, the options and the versions alone: no clock, host, path or random id. It has a sum of its
own, `sha256`: that of its bytes with 64 zeros in place of the sum. Those of earlier versions have none.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile, ZipFile

from pipeline.core.errors import ExportError, UnavailableError
from pipeline.core.messages import message
from pipeline.core.system.listed import walk
from pipeline.core.system.regular import open_regular
from pipeline.files.archives.damaged import DAMAGED
from pipeline.files.remote import open_location
from pipeline.files.upload import RemoteFolder

NAME: Final = "release.json"
FORMAT: Final = 1
_LARGEST: Final = 256 << 20
"""Bytes of a release.json that is read: one of a million files has 150 MB."""
_CHUNK: Final = 1 << 20
_KEYS: Final = frozenset(
    ("format", "line", "number", "head", "consensus", "options", "split", "moved", "versions", "models", "files")
)
_NO_SUM: Final = "0" * 64
_TOP: Final = (NAME, "manifest.csv")
"""A file by which the root within a zip is known; earlier releases have the second alone."""


@dataclass(frozen=True, slots=True)
class FileDigest:
    """sha256: hex. size: bytes."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class ReleaseFile:
    """line, number: the release's name and which of that name it is, from 1. head: `seq:hash` of the decision log's
    last row. consensus: the `rule` in one word, in `words`, and how many faces were `waiting` for one. options, split:
    as they were asked for. moved: each `Moved` of the plan that was placed. versions: of Moue and the packages
    that shape the bytes; models: SHA-256 of the weights, by name. files: by path from the root. summed: whether it has
    a sum of its own, as all that are written now."""

    line: str
    number: int
    head: str
    consensus: Mapping[str, Any]
    options: Mapping[str, Any]
    split: Mapping[str, Any]
    moved: Sequence[Mapping[str, Any]]
    versions: Mapping[str, str]
    models: Mapping[str, str]
    files: Mapping[str, FileDigest]
    summed: bool = True

    def to_bytes(self) -> bytes:
        """UTF-8 JSON with sorted keys."""
        said = {
            "format": FORMAT,
            "line": self.line,
            "number": self.number,
            "head": self.head,
            "consensus": dict(self.consensus),
            "options": dict(self.options),
            "split": dict(self.split),
            "moved": [dict(one) for one in self.moved],
            "versions": dict(self.versions),
            "models": dict(self.models),
            "files": {},
        } | ({"sha256": _NO_SUM} if self.summed else {})
        text = json.dumps(said, ensure_ascii=False, sort_keys=True, indent=1) + "\n"
        before, _, after = text.partition(_NO_FILES)
        data = bytearray(before.encode() + b'\n "files": {')
        for entry in _entries(self.files):  # a part at a time: as texts the whole would be there five times
            data += entry.encode()
        data += b"\n }" if self.files else b"}"
        data += after.encode()
        if self.summed:
            own = _own(hashlib.sha256(data).hexdigest())
            at = data.find(_own(_NO_SUM))
            data[at : at + len(own)] = own
        return bytes(data)


def _own(sha256: str) -> bytes:
    """Its sum as it stands in the file, at the top level: see `_NO_FILES`."""
    return f'\n "sha256": "{sha256}"'.encode()


_NO_FILES: Final = '\n "files": {}'
"""At the top level: what lies deeper is indented more, and a text has no bare line break."""


def _entries(files: Mapping[str, FileDigest]) -> Iterator[str]:
    """As `json.dumps` with an indent writes them: that is Python, and takes seconds for 100,000."""
    comma = ""
    for path in sorted(files):
        name, one = json.dumps(path, ensure_ascii=False), files[path]
        yield f'{comma}\n  {name}: {{\n   "bytes": {one.size},\n   "sha256": "{one.sha256}"\n  }}'
        comma = ","


def from_bytes(data: bytes, place: Path | str) -> ReleaseFile:
    """Raises ExportError where this is none of ours, or not as it was written. place: for its words."""
    said, whole = parsed(data, place)
    if not whole:
        raise ExportError(message("release_sum", place=str(place)))
    return said


def parsed(data: bytes, place: Path | str) -> tuple[ReleaseFile, bool]:
    """What it says, and whether its bytes are those that its own sum is of; True where it has none. Raises ExportError
    where this is none of ours."""
    try:
        said = json.loads(data)
        if said["format"] != FORMAT:
            raise ExportError(message("release_format", place=str(place), format=str(said["format"])[:20]))
        summed = said.keys() != _KEYS  # a key by another name is damaged as well
        files = {
            _text(path): FileDigest(_text(one["sha256"]), _whole(one["bytes"])) for path, one in said["files"].items()
        }
        found = ReleaseFile(
            _text(said["line"]), _whole(said["number"]), _text(said["head"]), dict(said["consensus"]),
            dict(said["options"]), dict(said["split"]), [dict(one) for one in said["moved"]],
            dict(said["versions"]), dict(said["models"]), files, summed,
        )  # fmt: skip
        return found, not summed or is_whole(data, _text(said["sha256"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as e:
        raise ExportError(message("release_unreadable", place=str(place))) from e


def is_whole(data: bytes, sha256: str) -> bool:
    """Whether the sum that a release.json tells of itself is its own."""
    return hashlib.sha256(data.replace(_own(sha256), _own(_NO_SUM), 1)).hexdigest() == sha256


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(type(value).__name__)
    return value


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(type(value).__name__)
    return value


class ReleaseTree:
    """The files of a release as they lie in a folder or a zip, by their path from its root."""

    def __init__(self, place: Path | str, names: Mapping[str, str], archive: ZipFile | None) -> None:
        self.place = place
        self._names = names
        self._archive = archive

    @cached_property
    def paths(self) -> frozenset[str]:
        return frozenset(self._names)

    def has(self, name: str) -> bool:
        """Whether a file of that name lies in its root: of a folder, without a list of all its files."""
        return name in self._names

    def read(self, path: str, most: int = _LARGEST) -> bytes:
        """Raises ExportError where it is larger than `most` bytes or cannot be read."""
        with self._open(path) as stream:
            data: bytes = stream.read(most + 1)
        if len(data) > most:
            raise ExportError(message("release_unreadable", place=f"{self.place}/{path}"))
        return data

    def digest(self, path: str) -> FileDigest:
        """Read it from end to end. Raises ExportError."""
        total, size = hashlib.sha256(), 0
        with self._open(path) as stream:
            while part := stream.read(_CHUNK):
                total.update(part)
                size += len(part)
        return FileDigest(total.hexdigest(), size)

    @contextmanager
    def _open(self, path: str) -> Iterator[Any]:
        try:
            if self._archive is not None:
                with self._archive.open(self._names[path]) as stream:
                    yield stream
            else:
                with open_location(self._names[path]) as stream:
                    yield stream
        except (OSError, UnavailableError, KeyError, *DAMAGED) as e:
            place = f"{self.place}/{path}"
            if isinstance(e, OSError) and e.filename is not None:  # of this file, not of what stands in it
                raise ExportError(message("path_unreadable", file=place, why=e.strerror or e)) from e
            raise ExportError(message("release_unreadable", place=place)) from e


class _InFolder(Mapping[str, str]):
    """Where each file below a folder lies, by its path from there. Links are files; none is followed."""

    def __init__(self, root: Path) -> None:
        self._root = str(root)

    @cached_property
    def _listed(self) -> dict[str, str]:
        found = {}
        for folder, folders, files in walk(self._root):
            below = folder[len(self._root) :].replace(os.sep, "/").strip("/")
            links = (one for one in folders if os.path.islink(os.path.join(folder, one)))
            for name in (*files, *links):
                found[f"{below}/{name}" if below else name] = os.path.join(folder, name)
        return found

    def __getitem__(self, path: str) -> str:
        if path in _TOP:  # of a hundred thousand files often these are all that is asked for
            there = os.path.join(self._root, path)
            if os.path.islink(there) or (os.path.lexists(there) and not os.path.isdir(there)):
                return there
            raise KeyError(path)
        return self._listed[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._listed)

    def __len__(self) -> int:
        return len(self._listed)


@contextmanager
def opened(place: Path | str) -> Iterator[ReleaseTree]:
    """The release at `place`, a folder or a zip, or a folder to where a URL leads. Raises ExportError where there is
    none, and what RemoteFolder raises."""
    if isinstance(place, str):
        there = RemoteFolder(place)
        yield ReleaseTree(there.url, {path: f"{there.url}/{path}" for path in there.paths}, None)
        return
    if place.is_dir():
        yield ReleaseTree(place, _InFolder(place), None)
        return
    try:
        with open_regular(place) as file, ZipFile(file) as archive:
            names = [one.filename for one in archive.infolist() if not one.filename.endswith("/")]
            by_length = sorted(names, key=len)
            root = next((one.removesuffix(top) for top in _TOP for one in by_length if one.endswith(top)), "")
            yield ReleaseTree(place, {name.removeprefix(root): name for name in names}, archive)
    except (OSError, BadZipFile) as e:
        raise ExportError(message("release_not_there", place=str(place))) from e


def read(tree: ReleaseTree) -> ReleaseFile:
    """Its release.json. Raises ExportError, also where its own sum is another."""
    return from_bytes(*_read(tree))


def read_as_is(tree: ReleaseTree) -> tuple[ReleaseFile, bool]:
    """See `parsed`. Raises ExportError."""
    return parsed(*_read(tree))


def _read(tree: ReleaseTree) -> tuple[bytes, str]:
    if not tree.has(NAME):
        raise ExportError(message("release_not_there", place=str(tree.place)))
    return tree.read(NAME), f"{tree.place}/{NAME}"
