"""What a PATH of the command line or an upload is (a file, a folder, a zip, a URL), and how it is to be read."""

from __future__ import annotations

import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from pipeline.core.errors import UsageError
from pipeline.core.messages import message
from pipeline.core.system.regular import open_regular
from pipeline.files.remote import kind_of, path_or_url
from pipeline.frames.options import VideoOptions
from pipeline.pixels.sniff import looks_like_image

_ZIP_MAGIC: Final = (b"PK\x03\x04", b"PK\x05\x06")
_HEAD: Final = 64


@dataclass(frozen=True, slots=True)
class SourcePlan:
    """One PATH of the command line. root: the folder, file or zip, absolute, its own symlink followed; or its URL.

    spool: where zip members are unpacked one by one. class_name: proposed for each image. class_names: where not
    empty, a sub-folder of that name proposes its class. owned: the files themselves may be moved (an upload).
    within: real paths of the folders that links may lead to beside `root`, None for all.
    """

    root: Path | str
    kind: str
    spool: Path
    max_bytes: int
    class_name: str | None = None
    class_names: frozenset[str] = field(default_factory=frozenset)
    owned: bool = False
    frames: Literal["first", "all"] = "first"
    video: VideoOptions | None = None
    within: tuple[str, ...] | None = None

    @property
    def workspace(self) -> Path:
        """The folder that `spool` belongs to: `ingest .` must not meet its own crops."""
        return self.spool.parent.parent

    @property
    def folder(self) -> Path:
        """`root` where it is a path of this machine. Raises UsageError for a URL."""
        if isinstance(self.root, str):
            raise UsageError(message("source_is_url", place=self.root))
        return self.root

    @property
    def source_location(self) -> str:
        """The location of the source that this belongs to: single files of one folder are one source."""
        if self.kind != "file":
            return str(self.root)
        return self.root.rpartition("/")[0] if isinstance(self.root, str) else str(self.root.parent)


def plan_source(path: Path | str, spool: Path, max_bytes: int) -> SourcePlan:
    """Find out what PATH (or a URL) is. max_bytes: the cap on one file.

    Raises UsageError where it is missing or neither file nor folder.
    """
    given = path_or_url(str(path)) if isinstance(path, str) else path
    if isinstance(given, str):
        return SourcePlan(given.rstrip("/"), kind_of(given), spool.resolve(), max_bytes)
    path = given
    try:
        root = path.resolve(strict=True)
        mode = root.stat().st_mode
    except OSError as e:
        raise UsageError(message("source_unreadable", place=path, why=e.strerror)) from e
    spool = spool.resolve()
    if stat.S_ISDIR(mode):
        return SourcePlan(root, "folder", spool, max_bytes)
    if not stat.S_ISREG(mode):
        raise UsageError(message("source_is_nothing", place=path))
    return SourcePlan(root, "zip" if is_zip(root) else "file", spool, max_bytes)


def is_zip(path: Path) -> bool:
    """By its first bytes; where they tell nothing (a damaged one, one behind a program) by its name."""
    try:
        with open_regular(path) as stream:
            head = stream.read(_HEAD)
    except OSError:
        return path.suffix.lower() == ".zip"  # the run will say of this file that it is unavailable
    return head.startswith(_ZIP_MAGIC) or (path.suffix.lower() == ".zip" and not looks_like_image(head, ""))
