"""Whether the files of a release are what its release.json says."""

from __future__ import annotations

from pathlib import Path

from pipeline.core.errors import ExportError
from pipeline.core.messages import Message, message
from pipeline.export.release.release_file import NAME, ReleaseFile, ReleaseTree, opened, read_as_is


def verify_release(place: Path | str) -> tuple[ReleaseFile, tuple[Message, ...]]:
    """What the release at `place` says of itself, and each file that is missing, changed, or not its own, sorted.

    place: a folder, a zip, or a URL that leads to a folder. Raises ExportError where there is no release that can be
    read, StorageError and UsageError where a URL cannot be used.
    """
    with opened(place) as tree:
        said, whole = read_as_is(tree)
        own = () if whole else (message("release_file_changed", file=NAME),)
        found = [
            *own,
            *_changed(tree, said),
            *(message("release_strange_file", file=one) for one in _strange(tree, said)),
        ]
    return said, tuple(found)


def _changed(tree: ReleaseTree, said: ReleaseFile) -> list[Message]:
    found = []
    for path, wanted in sorted(said.files.items()):
        if path not in tree.paths:
            found.append(message("release_file_missing", file=path))
            continue
        try:
            if tree.digest(path) != wanted:
                found.append(message("release_file_changed", file=path))
        except ExportError as e:
            found.append(_unread(path, e.__cause__))
    return found


def _unread(path: str, why: BaseException | None) -> Message:
    """A file that is there and may not be read is not one that changed."""
    if isinstance(why, OSError) and why.strerror:
        return message("release_file_unread", file=path, why=why.strerror)
    return message("release_file_changed", file=path)


def _strange(tree: ReleaseTree, said: ReleaseFile) -> list[str]:
    return sorted(tree.paths - set(said.files) - {NAME})
