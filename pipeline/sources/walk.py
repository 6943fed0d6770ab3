"""Walks a planned source: each regular file in it becomes exactly one ImageRef, or one for each of its frames.

Lazy: a folder of 100,000 files is walked, not listed at once.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import Final

from pipeline.core.messages import message
from pipeline.core.names import name_key
from pipeline.core.outcome import Outcome
from pipeline.core.records import ImageRef, Settings
from pipeline.files.remote import Entry, Unlisted, file_entry, is_url, walk_url
from pipeline.pixels.sniff import HEAD, is_video, may_have_frames
from pipeline.sources.history import NoHistory, SourceHistory
from pipeline.sources.plan import SourcePlan
from pipeline.sources.zips import open_archive, regular_members, zip_members

NO_HISTORY: Final = NoHistory()


def iter_source(plan: SourcePlan, history: SourceHistory = NO_HISTORY) -> Iterator[ImageRef]:
    """Every regular file of a source, in a fixed order; zip members are unpacked, and frames decoded, one at a time.

    Of a folder, the names of one folder at a time are in memory; a file costs one `stat`. history: what need
    not be unpacked or decoded again.
    """
    return classes_and_frames(iter_files(plan, history), plan, history)


def classes_and_frames(
    refs: Iterator[ImageRef], plan: SourcePlan, history: SourceHistory = NO_HISTORY
) -> Iterator[ImageRef]:
    """`refs` with the classes that their folders propose, and with frames in place of files where the plan asks so."""
    if plan.class_name or plan.class_names:
        refs = (_propose(ref, plan, _inside(ref, plan)) for ref in refs)
    if plan.frames == "first" and plan.video is None:
        return refs
    return chain.from_iterable(_frames_or_file(ref, plan, history) for ref in refs)


def iter_files(plan: SourcePlan, history: SourceHistory = NO_HISTORY) -> Iterator[ImageRef]:
    """The regular files of a source as they are: no class proposed, no frames extracted."""
    if isinstance(plan.root, str):
        return _remote_refs(plan.root, plan.kind)
    if plan.kind == "zip":
        return zip_members(plan.root, plan.spool, plan.max_bytes, history.is_finished)
    if plan.kind == "file":
        return iter([_file_ref(str(plan.root), plan)])
    return _walk(str(plan.root), plan)


def count_files(plan: SourcePlan) -> int:
    """How many files `iter_source` will meet, for a progress bar; costs a listing: no file is opened.

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
        reason = message("folder_unreadable", why=e.strerror or e)
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
        reason = message("file_unreadable", why=e.strerror or e)
        return ImageRef(path, location, 0, failure=(Outcome.UNAVAILABLE, reason))
    ref = ImageRef(path, location, info.st_size, info.st_mtime_ns, spooled=plan.owned)
    if plan.kind == "folder" and not plan.owned and path.lower().endswith(".zip"):
        reason = message("zip_in_folder")
        return replace(ref, failure=(Outcome.UNSUPPORTED, reason))
    return ref


def _frames_or_file(ref: ImageRef, plan: SourcePlan, history: SourceHistory) -> Iterator[ImageRef]:
    """The frames of a video or of an animation where the plan asks for them, else the file itself."""
    if ref.failure is not None or is_url(ref.path):
        yield ref
        return
    options_key = repr((plan.frames, plan.video))
    if (known := history.extracted_frames(ref, options_key)) is not None:
        yield from known
        return
    frames, intact = [], True
    for frame in _decoded(ref, plan):
        intact &= frame.failure is None
        frames.append(frame)
        yield frame
    if intact and frames != [ref] and not ref.spooled:
        history.record_frames(ref, options_key, frames)


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
        failure = (Outcome.UNAVAILABLE, message("unlisted", why=found.reason))
        return ImageRef(found.url, found.url, 0, failure=failure)
    ref = ImageRef(found.url, found.url, found.size, found.mtime_ns)
    if found.url.lower().endswith(".zip"):
        reason = message("zip_behind_url")
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
    by_key = {name_key(name): name for name in plan.class_names}
    parts = (by_key.get(name_key(part)) for part in reversed(inside.parts[:-1]))
    proposal = next((name for name in parts if name), None) or plan.class_name
    return replace(ref, proposal=proposal) if proposal else ref
