"""Where images come from: a file, a folder, a zip, a URL. Each regular file met becomes exactly one ImageRef.

Lazy: a folder of 100,000 files is walked, not listed at once.
"""

from __future__ import annotations

import os
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Final

from pipeline.errors import UsageError
from pipeline.records import ImageRef, Outcome
from pipeline.remote import Entry, Unlisted, file_entry, is_url, kind_of, local_path, walk_url
from pipeline.zips import open_archive, regular_members, zip_members

_ZIP_MAGIC: Final = (b"PK\x03\x04", b"PK\x05\x06")


@dataclass(frozen=True, slots=True)
class SourcePlan:
    """One PATH of the command line. root: the folder, file or zip, absolute, its own symlink followed; or its URL.

    spool: where zip members are unpacked one by one. class_name: proposed for each image. class_names: where not
    empty, a sub-folder of that name proposes its class. owned: the files themselves may be moved (an upload).
    """

    root: Path | str
    kind: str
    spool: Path
    max_bytes: int
    class_name: str | None = None
    class_names: frozenset[str] = field(default_factory=frozenset)
    owned: bool = False

    @property
    def workspace(self) -> Path:
        """The folder that `spool` belongs to: `ingest .` must not meet its own crops."""
        return self.spool.parent.parent

    @property
    def folder(self) -> Path:
        """`root` where it is a path of this machine. Raises UsageError for a URL."""
        if isinstance(self.root, str):
            raise UsageError(f"{self.root} is a URL, not a path of this machine")
        return self.root

    @property
    def place(self) -> str:
        """The source that this belongs to: single files of one folder are one source."""
        if self.kind != "file":
            return str(self.root)
        return self.root.rpartition("/")[0] if isinstance(self.root, str) else str(self.root.parent)


def path_or_url(text: str) -> Path | str:
    """A word of the command line: a `Path` would take a slash out of a URL."""
    return local_path(text) or (text if is_url(text) else Path(text))


def plan_source(path: Path | str, spool: Path, max_bytes: int) -> SourcePlan:
    """Tell what PATH (or a URL) is. Raises UsageError where it is missing or neither file nor folder."""
    given = path_or_url(str(path)) if isinstance(path, str) else path
    if isinstance(given, str):
        return SourcePlan(given.rstrip("/"), kind_of(given), spool.resolve(), max_bytes)
    path = given
    try:
        root = path.resolve(strict=True)
        mode = root.stat().st_mode
    except OSError as e:
        raise UsageError(f"{path} cannot be read ({e.strerror}); nothing was ingested") from e
    spool = spool.resolve()
    if stat.S_ISDIR(mode):
        return SourcePlan(root, "folder", spool, max_bytes)
    if not stat.S_ISREG(mode):
        raise UsageError(f"{path} is neither a file nor a folder; nothing was ingested")
    return SourcePlan(root, "zip" if _is_zip(root) else "file", spool, max_bytes)


def iter_source(plan: SourcePlan) -> Iterator[ImageRef]:
    """Every regular file of a source, in a fixed order; zip members are unpacked as they are asked for."""
    if isinstance(plan.root, str):
        return (_propose(ref, plan, PurePosixPath(_tail(ref, plan.root))) for ref in _remote_refs(plan.root, plan.kind))
    if plan.kind == "zip":
        members = zip_members(plan.root, plan.spool, plan.max_bytes)
        return (_propose(ref, plan, PurePosixPath(ref.location.partition("!")[2])) for ref in members)
    if plan.kind == "file":
        return iter([_propose(_file_ref(plan.root, plan), plan, PurePosixPath(plan.root.name))])
    root = plan.root
    return (_propose(ref, plan, _inside(ref, root)) for ref in _walk(root, plan))


def count_files(plan: SourcePlan) -> int:
    """How many files `iter_source` will give, for a progress bar; costs a listing, reads nothing."""
    if plan.kind == "file":
        return 1
    if isinstance(plan.root, str):
        return sum(1 for _ in walk_url(plan.root))
    if plan.kind == "zip":
        try:
            with open_archive(plan.root) as archive:
                return len(regular_members(archive))
        except (zipfile.BadZipFile, OSError):
            return 1
    return sum(1 for _ in _walk(plan.root, plan))


def _is_zip(path: Path) -> bool:
    if path.suffix.lower() == ".zip":
        return True
    try:
        with path.open("rb") as stream:
            return stream.read(4) in _ZIP_MAGIC
    except OSError:
        return False  # the run will say of this file that it is unavailable


def _walk(folder: Path, plan: SourcePlan) -> Iterator[ImageRef]:
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda e: e.name)
    except OSError as e:
        reason = f"the folder cannot be read: {e.strerror or e}"
        yield ImageRef(str(folder), str(folder), 0, failure=(Outcome.UNAVAILABLE, reason))
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            if Path(entry.path) != plan.workspace:
                yield from _walk(Path(entry.path), plan)
        elif entry.is_file(follow_symlinks=False):
            path = Path(entry.path)
            if plan.owned and path.suffix.lower() == ".zip":
                yield from (
                    replace(ref, location=f"{entry.name}!{ref.location.partition('!')[2]}")
                    for ref in zip_members(path, plan.spool, plan.max_bytes)
                )
            else:
                yield _file_ref(path, plan)


def _file_ref(path: Path, plan: SourcePlan) -> ImageRef:
    # A name that is not UTF-8 must still reach the database and the screen.
    shown = path.relative_to(plan.folder) if plan.owned else path
    location = os.fsencode(shown).decode("utf-8", "backslashreplace")
    try:
        info = path.stat()
    except OSError as e:
        reason = f"the file cannot be read: {e.strerror or e}"
        return ImageRef(str(path), location, 0, failure=(Outcome.UNAVAILABLE, reason))
    ref = ImageRef(str(path), location, info.st_size, info.st_mtime_ns, spooled=plan.owned)
    if plan.kind == "folder" and not plan.owned and path.suffix.lower() == ".zip":
        reason = "a zip inside a folder is not opened: give it to Moue by itself"
        return replace(ref, failure=(Outcome.UNSUPPORTED, reason))
    return ref


def _remote_refs(url: str, kind: str) -> Iterator[ImageRef]:
    return map(_remote_ref, walk_url(url) if kind == "folder" else [file_entry(url)])


def _remote_ref(found: Entry | Unlisted) -> ImageRef:
    if isinstance(found, Unlisted):
        failure = (Outcome.UNAVAILABLE, f"it cannot be listed: {found.reason}")
        return ImageRef(found.url, found.url, 0, failure=failure)
    ref = ImageRef(found.url, found.url, found.size, found.mtime_ns)
    if found.url.lower().endswith(".zip"):
        reason = "a zip behind a URL is not opened: download it and give it to Moue by itself"
        return replace(ref, failure=(Outcome.UNSUPPORTED, reason))
    return ref


def _tail(ref: ImageRef, root: str) -> str:
    """The part of a URL below its source; the file's own name where it is the source."""
    return ref.path.removeprefix(root).lstrip("/") or root.rpartition("/")[2]


def _inside(ref: ImageRef, root: Path) -> PurePosixPath:
    if "!" in ref.location and not ref.path.startswith(str(root)):
        return PurePosixPath(ref.location.partition("!")[2])
    return PurePosixPath(Path(ref.path).relative_to(root).as_posix())


def _propose(ref: ImageRef, plan: SourcePlan, inside: PurePosixPath) -> ImageRef:
    """The nearest enclosing folder that is called like a class proposes it; `--class` proposes for all."""
    named = next((part for part in reversed(inside.parts[:-1]) if part in plan.class_names), None)
    proposal = named or plan.class_name
    return replace(ref, proposal=proposal) if proposal else ref
