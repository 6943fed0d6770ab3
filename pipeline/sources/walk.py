"""Walks a planned source: each file in it becomes exactly one ImageRef, or one for each of its frames.

Lazy: a folder of 100,000 files is walked, not listed at once.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import Final

from pipeline.core.messages import Message, message
from pipeline.core.names import find_name, plain_parts
from pipeline.core.outcome import Outcome
from pipeline.core.records import ImageRef, Settings
from pipeline.core.system.regular import open_regular
from pipeline.files.passing.names import passed_by_name, shown
from pipeline.files.remote import Entry, Unlisted, file_entry, is_url, walk_url
from pipeline.pixels.sniff import HEAD, describe_foreign, is_video, may_have_frames
from pipeline.sources.folders import FolderWalk, FoundFile
from pipeline.sources.history import NoHistory, SourceHistory
from pipeline.sources.plan import SourcePlan, is_zip
from pipeline.sources.zips import count_members, zip_members

NO_HISTORY: Final = NoHistory()
_ZIPS: Final = ("kind_zip_archive", "kind_empty_zip_archive", "kind_zip_archive_in_parts")


def iter_source(plan: SourcePlan, history: SourceHistory = NO_HISTORY) -> Iterator[ImageRef]:
    """Every regular file of a source, in a fixed order; zip members are unpacked, and frames decoded, one at a time.

    Of a folder, the names of one folder at a time are in memory; a file costs one `stat`. history: what need
    not be unpacked or decoded again. A folder or zip that holds nothing is a ref, too: it says so.
    """
    refs = classes_and_frames(iter_files(plan, history), plan, history)
    return _or_empty(refs, plan, history) if plan.kind == "folder" and not plan.owned else refs


def _or_empty(refs: Iterator[ImageRef], plan: SourcePlan, history: SourceHistory) -> Iterator[ImageRef]:
    """The refs of a folder; behind them the folder itself where all of them, if there are any, are passed over."""
    folder = ref_of_folder(plan)
    met, holds_any = 0, False
    for ref in refs:
        met += 1
        if not holds_any and not _is_passed_over(ref.failure):
            holds_any = True
            history.forget_failure(folder)
        yield ref
    if not holds_any:
        reason = message("folder_passed_over", n=met) if met else message("folder_empty")
        yield replace(folder, failure=(Outcome.UNAVAILABLE, reason))


def ref_of_folder(plan: SourcePlan) -> ImageRef:
    """The source itself, of which a run may have said that it holds nothing."""
    return ImageRef(str(plan.root), shown(str(plan.root)), 0)


def _is_passed_over(failure: tuple[Outcome, Message] | None) -> bool:
    return failure is not None and failure[0] is Outcome.PASSED_OVER


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
        return _members(plan.root, plan, history)
    if plan.kind == "file":
        return iter([_file_ref(str(plan.root), plan)])
    return _walk(plan)


def _members(path: Path, plan: SourcePlan, history: SourceHistory) -> Iterator[ImageRef]:
    opened = False
    for ref in zip_members(path, plan.spool, plan.max_bytes, history.is_finished):
        if ref.member and not opened:
            opened = True
            history.forget_failure(ImageRef(str(path), str(path), 0))
        yield ref


def count_files(plan: SourcePlan) -> int:
    """How many files `iter_source` will meet, for a progress bar; costs a listing: no file is opened.

    Frames are not counted: nobody knows before they are decoded.
    """
    if plan.kind == "file":
        return 1
    if isinstance(plan.root, str):
        return _counted(_is_passed_over(ref.failure) for ref in _remote_refs(plan.root, plan.kind))
    if plan.kind == "zip":
        return _count_members(str(plan.root))
    return _count(plan)


def _count_members(path: str) -> int:
    try:
        return count_members(Path(path))
    except (zipfile.BadZipFile, OSError):
        return 1


def _count(plan: SourcePlan) -> int:
    files = found_files(plan)
    if plan.owned:
        return sum(_count_members(found.path) if _is_opened(found, plan) else 1 for found in files)
    return _counted(_is_passed_over(found.failure) for found in files)


def _counted(passed_over: Iterable[bool]) -> int:
    """The files of a folder, which counts itself where nothing in it is looked at. passed_over: of each file."""
    number, holds_any = 0, False
    for one in passed_over:
        number += 1
        holds_any = holds_any or not one
    return number + (not holds_any)


def found_files(plan: SourcePlan) -> Iterator[FoundFile]:
    """The files of a folder as `iter_source` meets them, before any is looked at. Raises UsageError for a URL."""
    return FolderWalk(str(plan.folder), str(plan.workspace), plan.within).files()


def _is_opened(found: FoundFile, plan: SourcePlan) -> bool:
    """Whether it is an uploaded zip: a zip of a folder is none of its photos, one that was dropped on the page is."""
    return plan.owned and found.failure is None and _is_named_zip(found.path)


def _is_named_zip(path: str) -> bool:
    """Whether it is called a zip and is no photo that was renamed."""
    return path.lower().endswith(".zip") and is_zip(Path(path))


def _walk(plan: SourcePlan) -> Iterator[ImageRef]:
    for found in found_files(plan):
        if _is_opened(found, plan):
            name = shown(os.path.relpath(found.path, plan.root))
            yield from (
                replace(ref, location=f"{name}!{ref.member}" if ref.member else name)
                for ref in zip_members(Path(found.path), plan.spool, plan.max_bytes)
            )
        elif found.failure is not None and not _is_passed_over(found.failure):
            yield ImageRef(found.path, shown(found.path), 0, failure=found.failure)
        else:
            yield _file_ref(found.path, plan, found.failure)


def _file_ref(path: str, plan: SourcePlan, failure: tuple[Outcome, Message] | None = None) -> ImageRef:
    location = shown(os.path.relpath(path, plan.root) if plan.owned else path)
    try:
        info = os.stat(path)
    except OSError as e:
        reason = message("file_unreadable", why=e.strerror or e)
        return ImageRef(path, location, 0, failure=(Outcome.UNAVAILABLE, reason))
    ref = ImageRef(path, location, info.st_size, info.st_mtime_ns, spooled=plan.owned, failure=failure)
    if failure is not None:
        return ref
    if plan.kind == "folder" and not plan.owned and _is_named_zip(path):
        return replace(ref, failure=_not_opened(path))
    return ref


def _not_opened(path: str) -> tuple[Outcome, Message]:
    """Why what is called a zip gives no photos, inside a folder: it may be something else that somebody named so."""
    with suppress(OSError), open_regular(path) as stream:
        head = stream.read(HEAD)
        if not head:
            return Outcome.UNDECODABLE, message("file_empty")
        what = describe_foreign(head)
        if what is not None and what.code not in _ZIPS:
            return Outcome.UNSUPPORTED, message("foreign_file", what=what)
    return Outcome.UNSUPPORTED, message("zip_in_folder")


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
        history.forget_failure(ref)


def _decoded(ref: ImageRef, plan: SourcePlan) -> Iterator[ImageRef]:
    try:
        with open_regular(ref.path) as stream:
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
    if kind != "folder":
        return iter([_remote_ref(file_entry(url))])
    return (_remote_ref(found, passed_by_name(plain_parts(found.url.removeprefix(url)))) for found in walk_url(url))


def _remote_ref(found: Entry | Unlisted, passed_over: Message | None = None) -> ImageRef:
    if isinstance(found, Unlisted):
        failure = (Outcome.UNAVAILABLE, message("unlisted", why=found.reason))
        return ImageRef(found.url, found.url, 0, failure=failure)
    ref = ImageRef(found.url, found.url, found.size, found.mtime_ns)
    if passed_over is not None:
        return replace(ref, failure=(Outcome.PASSED_OVER, passed_over))
    if found.url.lower().endswith(".zip"):
        reason = message("zip_behind_url")
        return replace(ref, failure=(Outcome.UNSUPPORTED, reason))
    return ref


def _inside(ref: ImageRef, plan: SourcePlan) -> PurePosixPath:
    """The name of a file below its source: the folders in it may propose a class."""
    if ref.member:
        return PurePosixPath(ref.member)
    root = str(plan.root)
    if is_url(root):
        return PurePosixPath(ref.path.removeprefix(root).lstrip("/") or root.rpartition("/")[2])
    return PurePosixPath(os.path.relpath(ref.path, root) if plan.kind == "folder" else os.path.basename(ref.path))


def _propose(ref: ImageRef, plan: SourcePlan, inside: PurePosixPath) -> ImageRef:
    """The nearest enclosing folder that is called like a class proposes it; `--class` proposes for all.

    In `smile/../a.jpg`, as the names of a zip's members may be, `smile` encloses nothing.
    """
    parts = (find_name(part, plan.class_names) for part in reversed(plain_parts(str(inside))[:-1]))
    proposal = next((name for name in parts if name), None) or plan.class_name
    return replace(ref, proposal=proposal) if proposal else ref
