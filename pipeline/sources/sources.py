"""Where images come from: a file, a folder, a zip, a URL. Each regular file met becomes exactly one ImageRef.

Lazy: a folder of 100,000 files is walked, not listed at once.
"""

from __future__ import annotations

import os
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import Final, Literal

from pipeline.core.errors import UsageError
from pipeline.core.records import ImageRef, Outcome, Settings
from pipeline.files.remote import Entry, Unlisted, file_entry, is_url, kind_of, local_path, walk_url
from pipeline.frames.options import VideoOptions
from pipeline.pixels.sniff import HEAD, is_video, may_have_frames
from pipeline.sources.history import Memory, NoMemory
from pipeline.sources.zips import open_archive, regular_members, zip_members

NO_MEMORY: Final = NoMemory()
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
    frames: Literal["first", "all"] = "first"
    video: VideoOptions | None = None

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


def iter_source(plan: SourcePlan, memory: Memory = NO_MEMORY) -> Iterator[ImageRef]:
    """Every regular file of a source, in a fixed order; zip members are unpacked, and frames decoded, one at a time.

    Of a folder, the names of one folder at a time are in memory; a file costs one `stat`. memory: what need
    not be unpacked or decoded again.
    """
    return prepared(met(plan, memory), plan, memory)


def prepared(refs: Iterator[ImageRef], plan: SourcePlan, memory: Memory = NO_MEMORY) -> Iterator[ImageRef]:
    """`refs` with the classes that are proposed for them, and with frames in place of files where the plan asks so."""
    if plan.class_name or plan.class_names:
        refs = (_propose(ref, plan, _inside(ref, plan)) for ref in refs)
    if plan.frames == "first" and plan.video is None:
        return refs
    return chain.from_iterable(_pictures(ref, plan, memory) for ref in refs)


def met(plan: SourcePlan, memory: Memory = NO_MEMORY) -> Iterator[ImageRef]:
    """The regular files of a source as they are."""
    if isinstance(plan.root, str):
        return _remote_refs(plan.root, plan.kind)
    if plan.kind == "zip":
        return zip_members(plan.root, plan.spool, plan.max_bytes, memory.is_finished)
    if plan.kind == "file":
        return iter([_file_ref(str(plan.root), plan)])
    return _walk(str(plan.root), plan)


def count_files(plan: SourcePlan) -> int:
    """How many files `iter_source` will meet, for a progress bar; costs a listing: no file is looked at.

    Frames are not counted: nobody knows before they are decoded.
    """
    if plan.kind == "file":
        return 1
    if isinstance(plan.root, str):
        return sum(1 for _ in walk_url(plan.root))
    if plan.kind == "zip":
        return _count_members(str(plan.root))
    return _count(str(plan.root), plan)


def _count_members(path: str) -> int:
    try:
        with open_archive(Path(path)) as archive:
            return len(regular_members(archive))
    except (zipfile.BadZipFile, OSError):
        return 1


def _count(folder: str, plan: SourcePlan) -> int:
    found = 0
    try:
        with os.scandir(folder) as listing:
            for entry in listing:
                if entry.is_dir(follow_symlinks=False):
                    if Path(entry.path) != plan.workspace:
                        found += _count(entry.path, plan)
                elif entry.is_file(follow_symlinks=False):
                    opened = plan.owned and entry.name.lower().endswith(".zip")
                    found += _count_members(entry.path) if opened else 1
    except OSError:
        return found + 1
    return found


def _is_zip(path: Path) -> bool:
    if path.suffix.lower() == ".zip":
        return True
    try:
        with path.open("rb") as stream:
            return stream.read(4) in _ZIP_MAGIC
    except OSError:
        return False  # the run will say of this file that it is unavailable


def _walk(folder: str, plan: SourcePlan) -> Iterator[ImageRef]:
    folders = set()
    names = []  # not the entries, which hold a path each
    try:
        with os.scandir(folder) as listing:
            for entry in listing:
                if entry.is_dir(follow_symlinks=False):
                    folders.add(entry.name)
                elif not entry.is_file(follow_symlinks=False):
                    continue
                names.append(entry.name)
    except OSError as e:
        reason = f"the folder cannot be read: {e.strerror or e}"
        yield ImageRef(folder, _shown(folder), 0, failure=(Outcome.UNAVAILABLE, reason))
        return
    names.sort()
    for name in names:
        path = os.path.join(folder, name)
        if name in folders:
            if Path(path) != plan.workspace:
                yield from _walk(path, plan)
        elif plan.owned and name.lower().endswith(".zip"):
            yield from (
                replace(ref, location=f"{name}!{ref.location.partition('!')[2]}")
                for ref in zip_members(Path(path), plan.spool, plan.max_bytes)
            )
        else:
            yield _file_ref(path, plan)


def _shown(path: str) -> str:
    """A name that is not UTF-8 must still reach the database and the screen."""
    return path if path.isascii() else os.fsencode(path).decode("utf-8", "backslashreplace")


def _file_ref(path: str, plan: SourcePlan) -> ImageRef:
    location = _shown(os.path.relpath(path, plan.root) if plan.owned else path)
    try:
        info = os.stat(path)
    except OSError as e:
        reason = f"the file cannot be read: {e.strerror or e}"
        return ImageRef(path, location, 0, failure=(Outcome.UNAVAILABLE, reason))
    ref = ImageRef(path, location, info.st_size, info.st_mtime_ns, spooled=plan.owned)
    if plan.kind == "folder" and not plan.owned and path.lower().endswith(".zip"):
        reason = "a zip inside a folder is not opened: give it to Moue by itself"
        return replace(ref, failure=(Outcome.UNSUPPORTED, reason))
    return ref


def _pictures(ref: ImageRef, plan: SourcePlan, memory: Memory) -> Iterator[ImageRef]:
    """The frames of a video or of an animation where the plan asks for them, else the file itself."""
    if ref.failure is not None or is_url(ref.path):
        yield ref
        return
    how = repr((plan.frames, plan.video))
    if (known := memory.parts(ref, how)) is not None:
        yield from known
        return
    parts, sound = [], True
    for part in _decoded(ref, plan):
        sound &= part.failure is None
        parts.append(part)
        yield part
    if sound and parts != [ref] and not ref.spooled:
        memory.took_apart(ref, how, parts)


def _decoded(ref: ImageRef, plan: SourcePlan) -> Iterator[ImageRef]:
    try:
        with open(ref.path, "rb") as stream:
            head = stream.read(HEAD)
    except OSError:
        return iter([ref])  # the run will say of this file that it is unavailable
    settings = Settings(max_bytes=plan.max_bytes)
    # The decoders are imported only where they are needed.
    if plan.video is not None and is_video(head):
        from pipeline.frames.video_refs import video_refs

        if plan.owned and not Path(ref.path).is_relative_to(plan.spool):
            ref = replace(ref, spooled=False)  # an upload stays until all of its run is done: it may be killed
        return video_refs(ref, plan.spool, plan.video, settings)
    if plan.frames == "all" and may_have_frames(head):
        from pipeline.frames.animation import all_frames

        return all_frames(ref, plan.spool, settings)
    return iter([ref])


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


def _inside(ref: ImageRef, plan: SourcePlan) -> PurePosixPath:
    """The name of a file below its source: the folders in it may propose a class."""
    root = str(plan.root)
    if is_url(root):
        return PurePosixPath(ref.path.removeprefix(root).lstrip("/") or root.rpartition("/")[2])
    if "!" in ref.location and not ref.path.startswith(root):
        return PurePosixPath(ref.location.partition("!")[2])
    if plan.kind == "zip":
        return PurePosixPath(ref.location.partition("!")[2])
    return PurePosixPath(os.path.basename(ref.path) if plan.kind == "file" else os.path.relpath(ref.path, root))


def _propose(ref: ImageRef, plan: SourcePlan, inside: PurePosixPath) -> ImageRef:
    """The nearest enclosing folder that is called like a class proposes it; `--class` proposes for all."""
    named = next((part for part in reversed(inside.parts[:-1]) if part in plan.class_names), None)
    proposal = named or plan.class_name
    return replace(ref, proposal=proposal) if proposal else ref
