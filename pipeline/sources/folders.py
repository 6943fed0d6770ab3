"""The files of a folder, in a fixed order, links followed once.

A link is followed to a file or a folder outside, where that is allowed, and to what is not met without it (a store in a
hidden folder). What is met anyway, or was met behind another link, is not met again: no loops, no file twice. Links
that lead nowhere, out to devices, or to a folder that another link led to before are named, and so are pipes, sockets
and devices; none of these is opened.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Final

from pipeline.core.errors import UsageError
from pipeline.core.messages import Message, message
from pipeline.core.outcome import Outcome
from pipeline.files.passing.names import passed_by_name, passed_file, passed_folder, shown
from pipeline.sources.passed_over import covers, leads_into_own, own_folder

_SYSTEM: Final = ("/proc", "/sys", "/dev")
_SHARED_MEMORY: Final = "/dev/shm"  # noqa: S108 - what is not walked into


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file, or a link or folder that is named for its failure. path: by which it was reached, links and all."""

    path: str
    failure: tuple[Outcome, Message] | None = None


@dataclass(frozen=True, slots=True)
class _Folder:
    """A folder to be walked. real: its real path. reason: why its files are passed over. linked: reached by a link."""

    path: str
    real: str
    reason: Message | None
    linked: bool


@dataclass(slots=True)
class FolderWalk:
    """One walk through a folder. root: its real path. workspace: the real path of the one that collects, left out.
    within: real paths of the folders that links may lead to beside the root, None for all."""

    root: str
    workspace: str
    within: tuple[str, ...] | None = None
    _behind_links: dict[str, str] = field(default_factory=dict)
    _own: dict[Path, Message | None] = field(default_factory=dict)

    def files(self) -> Iterator[FoundFile]:
        """Each file once. The names of one folder at a time are in memory, and the files behind links; no file is
        opened, and only links are looked at one by one."""
        opened = [self._listed(_Folder(self.root, self.root, None, linked=False))]
        while opened:  # no recursion: folders may lie two thousand deep
            found = next(opened[-1], None)
            if found is None:
                opened.pop()
            elif isinstance(found, _Folder):
                opened.append(self._listed(found))
            else:
                yield found

    def _listed(self, at: _Folder) -> Iterator[FoundFile | _Folder]:
        """What lies in a folder; of its folders it is told only that they are there."""
        folder, real, reason, linked = at.path, at.real, at.reason, at.linked
        if linked and not self._is_new(real, folder):
            if (first := self._behind_links[real]) != folder and os.path.islink(folder):
                yield _passed(folder, message("link_again", first=shown(os.path.relpath(first, self.root))))
            return
        kinds: dict[str, str] = {}  # not the entries, which hold a path each
        try:
            with os.scandir(folder) as listing:
                for entry in listing:
                    kinds[entry.name] = _kind(entry)
        except OSError as e:
            yield FoundFile(folder, (Outcome.UNAVAILABLE, message("folder_unreadable", why=e.strerror or e)))
            return
        own = own_folder(real, kinds) if reason is None else None
        for name in sorted(kinds):
            path, kind = os.path.join(folder, name), kinds[name]
            why = own if own is not None and covers(own.code, name) else reason
            if kind == "folder":
                if (inner := os.path.join(real, name)) != self.workspace:
                    inside = os.path.basename(folder)
                    yield _Folder(path, inner, why or passed_folder(name, inside), linked=linked)
            elif kind == "link":
                if why is None:
                    yield from self._behind(path, real)
            elif kind == "special":
                yield _passed(path, why or message("special_file"))
            elif not linked or self._is_new(os.path.join(real, name)):
                yield _passed(path, why or passed_file(name))

    def _behind(self, path: str, real: str) -> Iterator[FoundFile | _Folder]:
        """What a link leads to. real: the real path of the folder that it lies in."""
        name = os.path.basename(path)
        if self.within is not None and not _is_below(os.path.realpath(path), (self.root, *self.within)):
            yield _passed(path, message("link_outside"))  # before a look: nothing is told of what stands there
            return
        try:
            target = os.path.realpath(path, strict=True)
            mode = os.stat(target).st_mode
        except OSError:
            told = message("link_broken", target=shown(_target(path)))
            yield FoundFile(path, (Outcome.UNAVAILABLE, told))
            return
        is_folder = stat.S_ISDIR(mode)
        if (passed_folder if is_folder else passed_file)(name):
            return
        usable = (is_folder or stat.S_ISREG(mode)) and not _is_system(target)
        if not usable:
            yield _passed(path, message("link_to_system", target=shown(target)))
        elif self._is_met_anyway(target, is_folder=is_folder):
            return
        elif not is_folder:
            if self._is_new(target):
                yield _passed(path, leads_into_own(Path(target), self._own))
        elif not _is_below(real, [target]):  # it does not lead back to a folder that it lies in
            yield _Folder(path, target, leads_into_own(Path(target), self._own), linked=True)

    def _is_met_anyway(self, target: str, *, is_folder: bool) -> bool:
        """Whether the walk comes by there without the link, and does not pass it over."""
        if not _is_below(target, [self.root]):
            return False
        parts = PurePath(target).relative_to(self.root).parts
        return passed_by_name((*parts, "") if is_folder else parts) is None

    def _is_new(self, real: str, path: str = "") -> bool:
        """Whether this was not met behind a link so far; from now on it was, a folder by `path`."""
        if real in self._behind_links:
            return False
        self._behind_links[real] = path
        return True


def refuse_links_out(root: Path, within: tuple[str, ...]) -> None:
    """Raises UsageError where a link below the folder `root` leads neither below it nor to a folder of `within`: for
    readers that open files by their names. Also where a folder is that such a link leads to. within: real paths."""
    real = os.path.realpath(root)
    walked = [real]
    for folder in walked:  # it grows: links lead to more
        for path in _links_below(folder):
            target = os.path.realpath(path)
            if not _is_below(target, (real, *within)):
                raise UsageError(message("import_link_outside", name=shown(os.path.relpath(path, real))))
            if os.path.isdir(target) and not _is_below(target, walked):
                walked.append(target)


def _links_below(folder: str) -> Iterator[str]:
    for here, folders, files in os.walk(folder):
        yield from (path for name in (*folders, *files) if os.path.islink(path := os.path.join(here, name)))


def _kind(entry: os.DirEntry[str]) -> str:
    """folder, file, link, or special: a device, a pipe, a socket."""
    if entry.is_symlink():
        return "link"
    if entry.is_dir(follow_symlinks=False):
        return "folder"
    return "file" if entry.is_file(follow_symlinks=False) else "special"


def _passed(path: str, reason: Message | None) -> FoundFile:
    return FoundFile(path, None if reason is None else (Outcome.PASSED_OVER, reason))


def _target(link: str) -> str:
    """Where a link says that it leads."""
    try:
        return os.readlink(link)
    except OSError:
        return link


def _is_system(path: str) -> bool:
    return _is_below(path, _SYSTEM) and not _is_below(path, [_SHARED_MEMORY])


def _is_below(path: str, folders: list[str] | tuple[str, ...]) -> bool:
    return any(path == folder or path.startswith(folder.rstrip(os.sep) + os.sep) for folder in folders)
